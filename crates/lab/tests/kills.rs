//! Nothing outlives a lab, whatever ends it and whenever.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Lab, begin, experiment, signal, started_by, wait_until};
use rustix::process::Signal;

/// How often a lab is killed here; tests/lab/kills.py does it more often.
const TRIES: u32 = 6;

#[test]
fn a_lab_that_is_killed_at_any_moment_leaves_no_process() {
    let _alone = common::alone();
    for _ in 0..TRIES {
        let mut lab = begin(&["--database", "embedded"]);
        std::thread::sleep(Duration::from_millis(fastrand::u64(50..6000)));
        lab.kill().unwrap();
        lab.wait().unwrap();
        wait_until("the processes of a killed lab to end", || {
            started_by(lab.id()).is_empty()
        });
    }
}

#[test]
fn a_lab_that_is_killed_takes_its_tasks_and_its_folder_along() {
    let _alone = common::alone();
    let lab = Lab::up(&[]);
    let (pid, files) = (lab.pid(), lab.files.clone());
    assert!(
        started_by(pid)
            .iter()
            .filter(|command| command.contains("comments-app"))
            .count()
            >= 6
    );
    assert!(files.is_dir());
    signal(pid, Signal::KILL);
    wait_until("its processes to end", || started_by(pid).is_empty());
    wait_until("its folder to go", || !files.exists());
}

#[test]
fn a_lab_that_is_ended_leaves_neither_process_nor_folder() {
    let _alone = common::alone();
    let lab = Lab::up(&[]);
    let (pid, files) = (lab.pid(), lab.files.clone());
    assert_eq!(lab.down(), Some(0));
    assert_eq!(started_by(pid), Vec::<String>::new());
    assert!(!files.exists());
}

#[test]
fn a_runner_that_is_killed_ends_the_lab_too() {
    let _alone = common::alone();
    let folder = experiment("reliability/ecs-service-tasks-failure");
    let mut command = Command::new(common::PROGRAM);
    command
        .args(["run", "--port", "0", "--toxiproxy-port", "0"])
        .arg(folder.path());
    let mut lab = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the journal's write-ahead file", || {
        folder.path().join(".journal.json.wal").exists()
    });
    let runner = runner(lab.id());
    signal(runner, Signal::KILL);
    assert_eq!(lab.wait().unwrap().code(), Some(1));
    assert_eq!(started_by(lab.id()), Vec::<String>::new());
}

/// The process id of the lab's runner.
fn runner(lab: u32) -> u32 {
    let children = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        (command.contains("start-chaos") && status.contains(&format!("PPid:\t{lab}\n"))).then_some(pid)
    });
    children.last().unwrap()
}

#[test]
fn two_labs_stand_side_by_side() {
    let _alone = common::alone();
    let (first, second) = (Lab::up(&[]), Lab::up(&["--database", "embedded"]));
    assert_ne!(first.web, second.web);
    assert_ne!(
        first.exports["AWS_ENDPOINT_URL"],
        second.exports["AWS_ENDPOINT_URL"]
    );
    assert_eq!(first.down(), Some(0));
    let port = second.exports["AWS_ENDPOINT_URL"].rsplit(':').next().unwrap();
    let status = Command::new(common::PROGRAM)
        .args(["status", "--port", port])
        .output()
        .unwrap();
    assert!(
        String::from_utf8(status.stdout)
            .unwrap()
            .contains("comments-web-service")
    );
    assert_eq!(second.down(), Some(0));
}
