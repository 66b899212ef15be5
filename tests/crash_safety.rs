//! A run that is killed loses nothing: its recovery plays what is owed, once, and writes the journal.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::fs;
use std::path::Path;

use chaos_engine::value::{Value, json};
use common::{Folder, chaos, python};

/// Faults and rollbacks note what they do in `trace`. The background fault is under way while the others are.
const EXPERIMENT: &str = r#"
title: killed at every event
description: faults that are noted, and rollbacks that are noted
configuration:
  name: alpha
steady-state-hypothesis:
  title: the folder is there
  probes:
    - {type: probe, name: there, tolerance: 0, provider: {type: process, path: "test", arguments: [-d, .]}}
method:
  - type: action
    name: background
    background: true
    provider: {type: process, path: sh, arguments: [-c, "sleep 0.1; echo inject background >> trace"]}
  - type: action
    name: foreground
    provider: {type: process, path: sh, arguments: [-c, 'echo inject $0 >> trace', '${name}']}
    pauses: {after: 0.05}
rollbacks:
  - {type: action, name: undo background, provider: {type: process, path: sh, arguments: [-c, "echo undo background >> trace"]}}
  - type: action
    name: undo foreground
    provider: {type: process, path: sh, arguments: [-c, 'echo undo $0 >> trace', '${name}']}
"#;

/// A control whose own fault is undone by its own hook.
const CONTROL: &str = r#"
def note(text):
    with open("trace", "a") as trace:
        trace.write(text + "\n")

def before_method_control(context, **kwargs):
    note("inject control")

def after_experiment_control(context, **kwargs):
    note("undo control")
"#;

const CONTROLS: &str = r#"
controls:
  - {name: noting, provider: {type: python, module: noting}}
"#;

#[test]
fn a_run_killed_after_any_event_rolls_every_fault_back_exactly_once() {
    let with_control = python().is_some();
    let mut killed = 0;
    for event in 1.. {
        let folder = Folder::new();
        let experiment = if with_control {
            format!("{EXPERIMENT}{CONTROLS}")
        } else {
            EXPERIMENT.to_owned()
        };
        folder.write("experiment.yaml", &experiment);
        folder.write("noting.py", CONTROL);
        let mut run = chaos(
            &folder,
            &["run", "--rollback-strategy", "always", "experiment.yaml"],
        );
        let ended = run
            .env("CHAOS_TEST_KILL_AFTER", event.to_string())
            .output()
            .unwrap();
        if ended.status.success() {
            check(&folder, event, false);
            break;
        }
        assert_eq!(
            ended.status.code(),
            None,
            "event {event}: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
        assert!(!folder.path("journal.json").exists(), "event {event}");
        refuses_to_run(&folder);
        let recovered = chaos(&folder, &["recover"]).output().unwrap();
        assert!(
            folder.path("journal.json").exists(),
            "event {event}: {}",
            String::from_utf8_lossy(&recovered.stderr)
        );
        check(&folder, event, true);
        killed += 1;
    }
    assert!(killed > 15, "only {killed} events");
}

fn refuses_to_run(folder: &Folder) {
    let refused = chaos(folder, &["run", "experiment.yaml"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("recover") && said.contains(".journal.json.wal"),
        "{said}"
    );
}

fn check(folder: &Folder, event: u64, recovered: bool) {
    let trace = fs::read_to_string(folder.path("trace")).unwrap_or_default();
    for fault in ["background", "alpha", "control"] {
        let count = |what: &str| {
            trace
                .lines()
                .filter(|line| *line == format!("{what} {fault}"))
                .count()
        };
        assert!(count("inject") <= 1, "event {event}: {trace}");
        if count("inject") == 1 {
            assert_eq!(count("undo"), 1, "event {event}, {fault}: {trace}");
        }
        assert!(count("undo") <= 1, "event {event}, {fault}: {trace}");
    }
    let journal = json::parse(&fs::read_to_string(folder.path("journal.json")).unwrap()).unwrap();
    assert_eq!(journal.get("recovered").is_some(), recovered, "event {event}");
    assert!(
        journal.get("end").is_some() && journal.get("duration").is_some(),
        "event {event}"
    );
    let undone = trace
        .lines()
        .filter(|line| line.starts_with("undo") && !line.ends_with("control"))
        .count();
    let recorded = journal.get("rollbacks").and_then(Value::as_list).unwrap();
    let ended = recorded
        .iter()
        .filter(|record| record.get("status") == Some(&"succeeded".into()))
        .count();
    assert_eq!(ended, undone, "event {event}: {trace}");
    assert!(nothing_left(folder.path(".").as_path()), "event {event}");
}

fn nothing_left(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().flatten().all(|entry| {
        let name = entry.file_name();
        !name.to_string_lossy().ends_with(".wal") && !name.to_string_lossy().ends_with(".partial")
    })
}

#[test]
fn a_recovery_that_is_killed_is_recovered() {
    for event in 1..12 {
        let folder = Folder::new();
        folder.write("experiment.yaml", EXPERIMENT);
        let mut run = chaos(
            &folder,
            &["run", "--rollback-strategy", "always", "experiment.yaml"],
        );
        // in the middle of the method
        assert!(
            !run.env("CHAOS_TEST_KILL_AFTER", "8")
                .output()
                .unwrap()
                .status
                .success()
        );
        let mut recovery = chaos(&folder, &["recover"]);
        recovery
            .env("CHAOS_TEST_KILL_AFTER", event.to_string())
            .output()
            .unwrap();
        if !folder.path("journal.json").exists() {
            chaos(&folder, &["recover"]).output().unwrap();
        }
        check(&folder, event, true);
    }
}

#[test]
fn a_strategy_given_to_the_recovery_replaces_the_run_s() {
    for (strategy, undone) in [("never", 0), ("always", 2)] {
        let folder = Folder::new();
        folder.write("experiment.yaml", EXPERIMENT);
        let mut run = chaos(&folder, &["run", "experiment.yaml"]);
        run.env("CHAOS_TEST_KILL_AFTER", "8").output().unwrap();
        chaos(&folder, &["recover", "--rollback-strategy", strategy])
            .output()
            .unwrap();
        let trace = fs::read_to_string(folder.path("trace")).unwrap_or_default();
        assert_eq!(
            trace.lines().filter(|line| line.starts_with("undo")).count(),
            undone,
            "{strategy}: {trace}"
        );
    }
}

#[test]
fn there_is_nothing_to_recover_where_no_run_died() {
    let folder = Folder::new();
    let nothing = chaos(&folder, &["recover"]).output().unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("no write-ahead file"));
}

/// Which event it is when the signal comes is left to chance: nothing may be lost then either, though a rollback
/// whose end could not be recorded may be played twice.
#[test]
fn a_run_killed_at_any_moment_loses_no_rollback() {
    for wait in (5..160).step_by(10) {
        let folder = Folder::new();
        folder.write("experiment.yaml", EXPERIMENT);
        let mut run = chaos(
            &folder,
            &["run", "--rollback-strategy", "always", "experiment.yaml"],
        )
        .spawn()
        .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        run.kill().unwrap();
        run.wait().unwrap();
        if folder.path(".journal.json.wal").exists() {
            chaos(&folder, &["recover"]).output().unwrap();
        }
        let trace = fs::read_to_string(folder.path("trace")).unwrap_or_default();
        for fault in ["background", "alpha"] {
            if trace.contains(&format!("inject {fault}")) {
                assert!(
                    trace.contains(&format!("undo {fault}")),
                    "after {wait} ms: {trace}"
                );
            }
        }
    }
}
