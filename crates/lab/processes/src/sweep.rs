use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

use crate::LAB_ID;

/// Between two rounds: a killed process shows its environment until the kernel has taken its memory back.
const PAUSE: Duration = Duration::from_millis(5);
/// A single round can miss a process that is started behind its back by one that ends before it is looked at.
const CLEAN_ROUNDS: u32 = 2;
/// After that, what is left hangs in the kernel and dies when it comes out of there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Kills every process that carries the id of this lab in its environment, but the caller, whoever started it. Looks
/// again until none is left. Returns how many there were.
///
/// Processes of other users are neither seen nor killed, and a process that has overwritten its environment is not
/// known any more.
pub async fn sweep(lab_id: &str) -> usize {
    let lab_id = lab_id.to_owned();
    let swept = tokio::task::spawn_blocking(move || sweep_here(&lab_id)).await;
    swept.unwrap_or(0)
}

/// [`sweep`] on this thread.
pub(crate) fn sweep_here(lab_id: &str) -> usize {
    let mark = format!("{LAB_ID}={lab_id}").into_bytes();
    let started = Instant::now();
    let (mut killed, mut clean) = (HashSet::new(), 0);
    while clean < CLEAN_ROUNDS && started.elapsed() < PATIENCE {
        let found = kill_marked(&mark);
        clean = if found.is_empty() { clean + 1 } else { 0 };
        killed.extend(found);
        std::thread::sleep(PAUSE);
    }
    killed.len()
}

fn kill_marked(mark: &[u8]) -> Vec<Pid> {
    let own = getpid();
    let mut killed: Vec<Pid> = processes().filter(|pid| *pid != own).collect();
    killed.retain(|pid| kill_if_marked(*pid, mark));
    killed
}

fn processes() -> impl Iterator<Item = Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse::<u32>().ok()?.try_into().ok()?))
}

/// The process is held before its environment is read, so that what is killed is what was read.
fn kill_if_marked(pid: Pid, mark: &[u8]) -> bool {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
        return false;
    };
    let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero()));
    let marked = environment.is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == mark));
    marked && pidfd_send_signal(&process, Signal::KILL).is_ok()
}
