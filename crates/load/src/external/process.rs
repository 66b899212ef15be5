//! k6 as a process: its group, its output, its end.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::{ExternalError, ExternalTest};

/// After the first interrupt k6 still runs `teardown()` and writes its summary; after the second one it ends.
const SECOND_INTERRUPT: Duration = Duration::from_secs(2);
/// From the second interrupt to the end by force.
const KILL: Duration = Duration::from_secs(3);
/// How long output is read after the end, when something that k6 started holds it open.
const LINGER: Duration = Duration::from_secs(2);
/// How many lines of errors a message has.
const TOLD: usize = 5;

/// How k6 ended.
pub(super) struct Ended {
    pub status: ExitStatus,
    /// It was asked to.
    pub stopped: bool,
    pub elapsed: Duration,
    /// The last lines it wrote to its standard error.
    errors: VecDeque<String>,
}

impl Ended {
    /// What it said of errors at last, without k6's own decoration.
    pub(super) fn said(&self) -> String {
        let errors = self.errors.iter().filter(|line| line.contains("level=error"));
        let told: Vec<String> = errors.map(|line| message(line)).collect();
        match told.is_empty() {
            true => self.errors.iter().cloned().collect::<Vec<_>>().join("; "),
            false => told.join("; "),
        }
    }
}

/// The text of `time=… level=error msg="…" …`.
fn message(line: &str) -> String {
    let Some((_, rest)) = line.split_once("msg=") else {
        return line.to_owned();
    };
    let Some(quoted) = rest.strip_prefix('"') else {
        return rest.split(' ').next().unwrap_or(rest).to_owned();
    };
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('n') => text.push(' '),
                Some('t') | None => {}
                Some(other) => text.push(other),
            },
            other => text.push(other),
        }
    }
    text.trim_end().to_owned()
}

/// The process group that k6 leads; killed when dropped, unless k6 has ended.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        Self(pid.and_then(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.0 {
            // fails only when all of it has already ended
            let _ = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

pub(super) async fn run(
    test: &ExternalTest,
    arguments: &[OsString],
    lines: UnboundedSender<String>,
    stop: &CancellationToken,
) -> Result<Ended, ExternalError> {
    let start = Instant::now();
    let mut child = command(test, arguments)
        .spawn()
        .map_err(|source| ExternalError::NotStarted {
            program: test.program.clone(),
            source,
        })?;
    let group = Group::of(&child);
    let mut errors = VecDeque::new();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (status, stopped) = {
        let reading = async {
            let ignore = |_: &str| {};
            let keep = |line: &str| {
                errors.push_back(line.to_owned());
                if errors.len() > TOLD {
                    errors.pop_front();
                }
            };
            tokio::join!(read(out, &lines, ignore), read(err, &lines, keep));
        };
        tokio::pin!(reading);
        let ending = ended(&mut child, &group, stop);
        tokio::pin!(ending);
        let ended = tokio::select! {
            ended = &mut ending => {
                let _ = tokio::time::timeout(LINGER, &mut reading).await;
                ended
            }
            () = &mut reading => ending.await,
        };
        ended.map_err(|source| ExternalError::NotAwaited {
            program: test.program.clone(),
            source,
        })?
    };
    Ok(Ended {
        status,
        stopped,
        elapsed: start.elapsed(),
        errors,
    })
}

fn command(test: &ExternalTest, arguments: &[OsString]) -> Command {
    let mut command = Command::new(&test.program);
    command
        .args(arguments)
        .env_clear()
        .envs(&test.environment)
        .current_dir(&test.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // a signal from the terminal is for the run, which decides what becomes of this
        .process_group(0);
    command
}

/// Waits for the end, and sees to it once `stop` is cancelled.
async fn ended(
    child: &mut Child,
    group: &Group,
    stop: &CancellationToken,
) -> std::io::Result<(ExitStatus, bool)> {
    tokio::select! {
        biased;
        status = child.wait() => return Ok((status?, false)),
        () = stop.cancelled() => {}
    }
    for (signal, patience) in [(Signal::INT, SECOND_INTERRUPT), (Signal::INT, KILL)] {
        group.signal(signal);
        if let Ok(status) = tokio::time::timeout(patience, child.wait()).await {
            return Ok((status?, true));
        }
    }
    group.signal(Signal::KILL);
    Ok((child.wait().await?, true))
}

async fn read(
    stream: Option<impl AsyncRead + Unpin>,
    lines: &UnboundedSender<String>,
    mut seen: impl FnMut(&str),
) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    // a stream that breaks has ended
    while reader
        .read_until(b'\n', &mut bytes)
        .await
        .is_ok_and(|count| count > 0)
    {
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        seen(line);
        // nobody may listen, yet k6 must be able to write
        let _ = lines.send(line.to_owned());
        bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn messages_are_taken_out_of_log_lines() {
        let line = r#"time="2026-01-01T00:00:00Z" level=error msg="Error: \"x\"\n\tat f.js:1\n" hint="script exception""#;
        assert_eq!(message(line), "Error: \"x\" at f.js:1");
        assert_eq!(message("level=error msg=short source=x"), "short");
        assert_eq!(message("no such file"), "no such file");
    }
}
