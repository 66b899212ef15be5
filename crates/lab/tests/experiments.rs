//! The library's experiments in a lab: what holds, what deviates, and what the terminal shows of it.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs an experiment in a lab of its own; gives what the command told and the journal.
fn run(name: &str, options: &[&str], more: &[&str]) -> (Output, Value) {
    let folder = common::experiment(name);
    let mut command = Command::new(common::PROGRAM);
    command
        .args(["run", "--port", "0", "--toxiproxy-port", "0"])
        .args(options)
        .arg(folder.path());
    let output = command.arg("--").args(more).output().unwrap();
    let journal = fs::read(folder.path().join("journal.json")).unwrap_or_default();
    (output, serde_json::from_slice(&journal).unwrap_or_default())
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Which probes of the second hypothesis were met.
fn met(journal: &Value) -> Vec<(&str, bool)> {
    let probes = journal
        .pointer("/steady_states/after/probes")
        .and_then(Value::as_array)
        .unwrap();
    probes
        .iter()
        .map(|probe| {
            (
                probe["activity"]["name"].as_str().unwrap(),
                probe["tolerance_met"].as_bool().unwrap(),
            )
        })
        .collect()
}

#[test]
fn two_tasks_carry_the_users_when_one_fails() {
    let _alone = common::alone();
    let (output, journal) = run("reliability/ecs-service-tasks-failure", &[], &[]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(
        (&journal["status"], &journal["deviated"]),
        (&"completed".into(), &false.into()),
        "{told}"
    );
    assert!(
        told.contains("runs -> stops (Chaos experiment, a task fails)"),
        "{told}"
    );
    assert!(told.contains("comments-web-service: 1 of 2 tasks run"), "{told}");
    assert!(told.contains("comments-web-service: 2 of 2 tasks run"), "{told}");
}

#[test]
fn one_task_does_not() {
    let _alone = common::alone();
    let (output, journal) = run("reliability/ecs-service-tasks-failure", &["--tasks", "1"], &[]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(journal["deviated"], true, "{told}");
    let met = met(&journal);
    assert!(met.contains(&("service-responds", true)), "{met:?}");
    assert!(met.contains(&("hardly-a-request-failed", false)), "{met:?}");
    assert!(told.contains("requests failed"), "{told}");
    assert!(told.contains("visitors: served again"), "{told}");
}

#[test]
fn the_application_comes_back_with_the_embedded_database() {
    let _alone = common::alone();
    let (output, journal) = run(
        "reliability/rds-instance-reboot",
        &["--database", "embedded"],
        &[],
    );
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(journal["deviated"], false, "{told}");
    assert!(
        told.contains("database live-chaos-comments-db: available -> rebooting"),
        "{told}"
    );
    assert!(
        told.contains("database live-chaos-comments-db: rebooting -> available"),
        "{told}"
    );
    assert!(told.contains("requests failed"), "{told}");
}

#[test]
fn the_application_comes_back_with_mariadb_where_it_is_installed() {
    let _alone = common::alone();
    if chaos_lab_database::Engine::choose() != chaos_lab_database::Engine::MariaDb {
        println!("skipped: mariadbd is not installed");
        return;
    }
    let (output, journal) = run("reliability/rds-instance-reboot", &["--database", "mariadb"], &[]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(journal["deviated"], false, "{told}");
}

#[test]
fn a_second_is_not_enough_for_a_database_to_come_back() {
    let _alone = common::alone();
    let (output, journal) = run(
        "reliability/rds-instance-reboot",
        &["--database", "embedded", "--speed", "3"],
        &["--var", "acceptable_downtime:int=1"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert_eq!(journal["deviated"], true);
}

#[test]
fn what_cannot_be_run_starts_no_lab() {
    for (conf, context) in [("/no/such/experiment.conf", "lab"), ("", "no-such-context")] {
        let folder = common::experiment("reliability/ecs-service-tasks-failure");
        let conf = if conf.is_empty() {
            folder.path().to_owned()
        } else {
            conf.into()
        };
        let mut command = Command::new(common::PROGRAM);
        let output = command
            .args(["run", "--port", "0", "--context", context])
            .arg(conf)
            .output()
            .unwrap();
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("error: ") && !told.contains("lab |"), "{told}");
    }
}
