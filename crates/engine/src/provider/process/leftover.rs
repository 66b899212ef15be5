//! Processes that a run which died has left behind.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// The environment variable by which a process tells which activity of which run it is part of.
pub const ACTIVITY_VARIABLE: &str = "CHAOS_ACTIVITY_ID";

/// Kills every process of these activities, and returns how many there were. One that the activity meant to leave
/// behind is among them only if the activity itself had not ended.
///
/// Looks in `/proc`, so it finds none on systems without it, and none of other users.
pub fn end_leftovers(activities: &[String]) -> usize {
    if activities.is_empty() {
        return 0;
    }
    let wanted: Vec<Vec<u8>> = activities
        .iter()
        .map(|activity| format!("{ACTIVITY_VARIABLE}={activity}").into_bytes())
        .collect();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| belongs_to(*pid, &wanted))
        .filter_map(Pid::from_raw)
        .map(kill)
        .count()
}

fn belongs_to(pid: i32, wanted: &[Vec<u8>]) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
        environment
            .split(|byte| *byte == 0)
            .any(|entry| wanted.iter().any(|w| w == entry))
    })
}

fn kill(pid: Pid) {
    // fails only when it has just ended
    let _ = kill_process(pid, Signal::KILL);
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command, Stdio};

    use super::*;

    fn sleeper(activity: &str) -> Child {
        Command::new("sleep")
            .arg("60")
            .env(ACTIVITY_VARIABLE, activity)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    #[test]
    fn only_processes_of_the_activities_meant_are_killed() {
        let run = format!("leftover-test-{}", std::process::id());
        let (mut meant, mut other) = (sleeper(&format!("{run}-1")), sleeper(&format!("{run}-12")));
        let killed = end_leftovers(&[format!("{run}-1")]);
        if fs::read_dir("/proc").is_ok() {
            assert_eq!(killed, 1);
            assert_eq!(meant.wait().unwrap().signal(), Some(9));
        }
        assert_eq!(other.try_wait().unwrap(), None);
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
