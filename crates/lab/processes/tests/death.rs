//! The end of the lab, in every way: nothing may be left of it.
#![allow(clippy::unwrap_used)]

mod support;

use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chaos_lab_processes::{MARKER, Warden, sweep};
use support::{Lab, actor, processes_with, unique_id, until};

fn start_lab(id: &str, folder: &Path, more: &[&str]) -> Child {
    let mut lab = Command::new(actor());
    lab.arg("lab").arg(id).arg(folder).args(more);
    lab.stdout(Stdio::piped()).spawn().unwrap()
}

fn wait_until_ready(lab: &mut Child) {
    use std::io::{BufRead, BufReader};
    let mut line = String::new();
    BufReader::new(lab.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
}

fn kill(mut lab: Child) {
    lab.kill().unwrap();
    lab.wait().unwrap();
}

fn nothing_is_left(id: &str) {
    until("the end of all processes", || {
        processes_with(id).is_empty().then_some(())
    });
}

/// A moment while the lab starts its children, or after.
fn random_moment() -> Duration {
    Duration::from_micros(RandomState::new().hash_one(0) % 60_000)
}

#[test]
fn nothing_outlives_a_lab_killed_at_any_moment() {
    for _ in 0..20 {
        let (id, folder) = (unique_id(), tempfile::tempdir().unwrap());
        let own = folder.path().join("lab");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join(MARKER), "").unwrap();
        let lab = start_lab(&id, &own, &[]);
        let moment = random_moment();
        std::thread::sleep(moment);
        // before there is a warden, there is nothing to clean up either
        let started = own.join("log").exists();
        kill(lab);
        nothing_is_left(&id);
        assert!(!(started && own.exists()), "the folder is left after {moment:?}");
    }
}

#[test]
fn grandchildren_end_with_a_lab_killed_in_full_run() {
    let (id, folder) = (unique_id(), tempfile::tempdir().unwrap());
    let mut lab = start_lab(&id, folder.path(), &[]);
    wait_until_ready(&mut lab);
    until("grandchildren", || (processes_with(&id).len() > 10).then_some(()));
    kill(lab);
    nothing_is_left(&id);
    assert!(
        folder.path().exists(),
        "a folder without the marker is not the lab's"
    );
}

#[test]
fn the_kernel_alone_kills_the_children() {
    for _ in 0..20 {
        let (id, folder) = (unique_id(), tempfile::tempdir().unwrap());
        let lab = start_lab(&id, folder.path(), &["--bare"]);
        std::thread::sleep(random_moment());
        kill(lab);
        nothing_is_left(&id);
    }
}

#[test]
fn a_child_of_a_lab_that_is_gone_kills_itself() {
    let mut tied = Command::new(actor());
    // process 1 is nobody's lab, and this process is not 1
    let status = tied.arg("tied").env("CHAOS_LAB_PARENT", "1").status().unwrap();
    assert_eq!(status.signal(), Some(9));
}

#[test]
fn a_child_without_a_lab_says_so() {
    for parent in [None, Some("x"), Some("0"), Some("-5")] {
        let mut tied = Command::new(actor());
        tied.arg("tied").env_remove("CHAOS_LAB_PARENT");
        tied.envs(parent.map(|parent| ("CHAOS_LAB_PARENT", parent)));
        let output = tied.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("CHAOS_LAB_PARENT"), "{parent:?}: {said}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[tokio::test]
async fn a_sweep_finds_grandchildren_and_spares_others() {
    let (lab, other) = (Lab::new(), Lab::new());
    for lab in [&lab, &other] {
        lab.start(actor(), &["family"]).await;
        until("the family", || {
            (processes_with(&lab.id).len() == 3).then_some(())
        });
    }
    assert_eq!(sweep(&lab.id).await, 3);
    nothing_is_left(&lab.id);
    assert_eq!(sweep(&lab.id).await, 0);
    assert_eq!(
        sweep(&other.id[..other.id.len() - 1]).await,
        0,
        "a part of an id is another id"
    );
    assert_eq!(processes_with(&other.id).len(), 3);
    assert_eq!(sweep(&other.id).await, 3);
}

#[tokio::test]
async fn a_sweep_ends_what_keeps_starting_more_and_what_is_halted() {
    let id = unique_id();
    let mut halted = Command::new("sleep")
        .arg("1000")
        .env("CHAOS_LAB_ID", &id)
        .spawn()
        .unwrap();
    let pid = rustix::process::Pid::from_child(&halted);
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let mut breeder = Command::new("sh");
    breeder
        .args(["-c", "while :; do sleep 1000 & sleep 0.01; done"])
        .process_group(0);
    let mut breeder = breeder.env("CHAOS_LAB_ID", &id).spawn().unwrap();
    until("some more", || (processes_with(&id).len() > 4).then_some(()));
    assert!(sweep(&id).await > 4);
    nothing_is_left(&id);
    assert_eq!(halted.wait().unwrap().signal(), Some(9));
    assert_eq!(breeder.wait().unwrap().signal(), Some(9));
}

#[tokio::test]
async fn a_dismissed_warden_leaves_everything() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join(MARKER), "").unwrap();
    let child = lab.start("sleep", &["1000"]).await;
    let warden = Warden::start(&actor(), &lab.id, Some(folder.path())).unwrap();
    let pid = warden.pid();
    assert!(!support::is_gone(pid));
    warden.dismiss().await;
    assert!(support::is_gone(pid));
    assert!(folder.path().join(MARKER).exists());
    assert_eq!(child.exit(), None);
    child.kill();
}

#[tokio::test]
async fn a_dropped_warden_cleans_up() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join(MARKER), "").unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let child = lab.start("sleep", &["1000"]).await;
    drop(Warden::start(&actor(), &lab.id, Some(folder.path())).unwrap());
    assert_eq!(child.exited().await.signal, Some(9));
    until("the removal", || (!folder.path().exists()).then_some(()));
}

#[test]
fn a_warden_needs_to_know_whose() {
    for args in [
        &[][..],
        &[""],
        &["a", "--remove"],
        &["a", "b"],
        &["a", "--remove", "b", "c"],
    ] {
        let mut warden = Command::new(actor());
        let status = warden
            .arg("warden")
            .args(args)
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(2), "{args:?}");
    }
    let error = Warden::start(Path::new("/no/such/lab"), "id", None).unwrap_err();
    assert!(error.to_string().contains("/no/such/lab"), "{error}");
}
