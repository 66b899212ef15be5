use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use tokio::sync::watch;

use crate::Error;

/// The stack of a thread that only waits.
const STACK: usize = 64 * 1024;

/// How a process ended. Both are empty when the operating system did not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The code with which it exited.
    pub code: Option<i32>,
    /// The number of the signal that ended it.
    pub signal: Option<i32>,
}

impl Exit {
    /// True when it exited with code 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        Self {
            code: status.code(),
            signal: status.signal(),
        }
    }
}

/// What a process has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// CPU time since it started, of all its threads.
    pub cpu: Duration,
    /// Resident memory now, in bytes.
    pub resident: u64,
}

/// A process that the lab started. Clones are handles of the same process; it goes on when all of them are dropped.
///
/// As with a container, whatever it started ends with it (as long as that stays in its process group).
#[derive(Clone, Debug)]
pub struct Child {
    pid: Pid,
    exit: watch::Receiver<Option<Exit>>,
    /// Held by whoever uses the process id, as it may be another's once the process is reaped.
    reaped: Arc<Mutex<bool>>,
}

impl Child {
    /// Waits for the process on a thread of its own, which drops `hold` once it has ended.
    pub(crate) fn watch(
        process: std::process::Child,
        program: PathBuf,
        hold: impl Send + 'static,
    ) -> Result<Self, Error> {
        let (told, exit) = watch::channel(None);
        let child = Self {
            pid: Pid::from_child(&process),
            exit,
            reaped: Arc::default(),
        };
        let (pid, reaped) = (child.pid, Arc::clone(&child.reaped));
        let wait = move || {
            let exit = reap(process, pid, &reaped);
            told.send_replace(Some(exit));
            drop(hold);
        };
        let thread = std::thread::Builder::new().name("reaper".to_owned());
        if thread.stack_size(STACK).spawn(wait).is_err() {
            child.kill();
            return Err(Error::NoSpawner { program });
        }
        Ok(child)
    }

    /// Its process id. Another process may have it once this one has ended.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits until it has ended.
    pub async fn exited(&self) -> Exit {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await.ok().and_then(|exit| *exit);
        ended.unwrap_or(Exit {
            code: None,
            signal: None,
        })
    }

    /// How it ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        *self.exit.borrow()
    }

    /// Asks it to end (SIGTERM).
    pub fn terminate(&self) {
        self.while_alive(|pid| kill_process(pid, Signal::TERM));
    }

    /// Interrupts it as Ctrl-C does (SIGINT).
    pub fn interrupt(&self) {
        self.while_alive(|pid| kill_process(pid, Signal::INT));
    }

    /// Kills it and what it started (SIGKILL).
    pub fn kill(&self) {
        // by itself too, as it may have gone to another group
        self.while_alive(|pid| kill_process_group(pid, Signal::KILL).and(kill_process(pid, Signal::KILL)));
    }

    /// Halts it and what it started (SIGSTOP), until [`Child::resume`].
    pub fn suspend(&self) {
        self.while_alive(|pid| kill_process_group(pid, Signal::STOP));
    }

    /// Lets it and what it started go on (SIGCONT).
    pub fn resume(&self) {
        self.while_alive(|pid| kill_process_group(pid, Signal::CONT));
    }

    /// Asks it to end, and kills it if it has not within `grace`: as ECS stops a task, with its `stopTimeout`.
    pub async fn stop(&self, grace: Duration) -> Exit {
        self.terminate();
        if let Ok(exit) = tokio::time::timeout(grace, self.exited()).await {
            return exit;
        }
        self.kill();
        self.exited().await
    }

    /// What it has used so far; nothing once it has ended.
    pub fn usage(&self) -> Option<Usage> {
        let read = |pid: Pid| std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        self.while_alive(read).as_deref().and_then(usage_of)
    }

    /// Does something with the process id while it surely is that of this process.
    fn while_alive<T, E>(&self, act: impl FnOnce(Pid) -> Result<T, E>) -> Option<T> {
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        match *reaped {
            true => None,
            false => act(self.pid).ok(),
        }
    }
}

/// Waits for the end, kills what is left of the process group, and only then frees the process id.
fn reap(mut process: std::process::Child, pid: Pid, reaped: &Mutex<bool>) -> Exit {
    while let Err(rustix::io::Errno::INTR) =
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
    {}
    let mut reaped = reaped.lock().unwrap_or_else(PoisonError::into_inner);
    // fails when there is none left, which is usual
    let _ = kill_process_group(pid, Signal::KILL);
    *reaped = true;
    match process.wait() {
        Ok(status) => status.into(),
        Err(_) => Exit {
            code: None,
            signal: None,
        },
    }
}

/// Reads a line of /proc/PID/stat (proc_pid_stat(5)): utime and stime are fields 14 and 15, rss is field 24. The name
/// in field 2 may hold anything but ends with the last parenthesis.
fn usage_of(stat: &str) -> Option<Usage> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let ticks = number(14)?.checked_add(number(15)?)?;
    let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
    let page = u64::try_from(rustix::param::page_size()).ok()?;
    Some(Usage {
        cpu: Duration::from_millis(ticks.saturating_mul(1000) / ticks_per_second),
        resident: number(24)?.saturating_mul(page),
    })
}

#[cfg(test)]
mod tests {
    use super::usage_of;

    const REST: &str = "S 1 2 2 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 7 1000 3 18446744073709551615";

    #[test]
    fn usage_is_read_past_odd_names() {
        for name in ["sleep", "a) R 9 (b", ""] {
            let usage = usage_of(&format!("12 ({name}) {REST}")).unwrap();
            assert_eq!(
                usage.cpu.as_millis() * u128::from(rustix::param::clock_ticks_per_second()),
                200_000
            );
            assert_eq!(usage.resident, 3 * rustix::param::page_size() as u64);
        }
    }

    #[test]
    fn what_is_no_stat_line_is_no_usage() {
        for text in [
            "",
            "1 (a",
            "1 (a) S 1",
            &format!("1 (a) {}", REST.replace("150", "x")),
        ] {
            assert_eq!(usage_of(text), None, "{text}");
        }
    }
}
