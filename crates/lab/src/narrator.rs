//! Tells what happens in a lab: what failed, and what came back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::seed::Aws;
use crate::view::{self, Task, View};
use crate::visitors::Met;

/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);

/// What the visitors met, as last told.
#[derive(Default)]
struct Told {
    failed: u64,
    unwell: bool,
}

/// Compares the lab with how it was, and hands what changed to `tell`, until the future is dropped.
pub async fn narrate(aws: Aws, met: Arc<Met>, mut tell: impl FnMut(String)) {
    let mut before = view::look(&aws).await;
    let mut told = Told::default();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = view::look(&aws).await;
        for line in changes(&before, &now) {
            tell(line);
        }
        visits(&met, &mut told, &mut tell);
        before = now;
    }
}

fn visits(met: &Met, told: &mut Told, tell: &mut impl FnMut(String)) {
    let failed = met.failed.load(Ordering::Relaxed);
    let served = met.served.load(Ordering::Relaxed);
    if failed > told.failed {
        tell(format!(
            "visitors: {} more requests failed ({failed} of {} so far)",
            failed - told.failed,
            failed + served
        ));
    } else if told.unwell {
        tell("visitors: served again".to_owned());
    }
    told.unwell = failed > told.failed;
    told.failed = failed;
}

/// One line for each thing that is not as it was.
fn changes(before: &View, now: &View) -> Vec<String> {
    let mut lines = Vec::new();
    let old = states(before);
    for (thing, state) in states(now) {
        match old.get(&thing) {
            Some(was) if *was == state || is_first_look(was, &state) => {}
            Some(was) => lines.push(format!("{thing}: {was} -> {state}")),
            None => lines.push(format!("{thing}: {state}")),
        }
    }
    for service in &now.services {
        let was = before.services.iter().find(|was| was.name == service.name);
        if was.is_some_and(|was| (was.running, was.desired) != (service.running, service.desired)) {
            lines.push(format!(
                "{}: {} of {} tasks run",
                service.name, service.running, service.desired
            ));
        }
    }
    lines
}

/// An alarm that was looked at for the first time, and is fine.
fn is_first_look(was: &str, state: &str) -> bool {
    was == "INSUFFICIENT_DATA" && state == "OK"
}

/// Everything that has a state, by name.
fn states(view: &View) -> BTreeMap<String, String> {
    let mut states = BTreeMap::new();
    for service in &view.services {
        for task in &service.tasks {
            states.insert(format!("{} task {}", service.name, task.id), phase(task));
        }
        for target in &service.targets {
            states.insert(
                format!("{} target {}", service.name, target.address),
                target.state.clone(),
            );
        }
    }
    for alarm in &view.alarms {
        states.insert(format!("alarm {}", alarm.name), alarm.state.clone());
    }
    for database in &view.databases {
        states.insert(format!("database {}", database.name), database.status.clone());
    }
    for instance in &view.instances {
        states.insert(format!("instance {}", instance.id), instance.state.clone());
    }
    states
}

/// The task's life in few words; why it ends is told when it begins to.
fn phase(task: &Task) -> String {
    match task.status.as_str() {
        "PROVISIONING" | "PENDING" | "ACTIVATING" => "starts".to_owned(),
        "RUNNING" => "runs".to_owned(),
        "STOPPED" => "stopped".to_owned(),
        _ => format!("stops ({})", without_arns(&task.reason)),
    }
}

/// `arn:aws:…:targetgroup/name/id` becomes `name`: people know things by their names.
fn without_arns(reason: &str) -> String {
    let words = reason.split(' ').map(|word| match word.split_once("arn:aws:") {
        Some((before, arn)) => format!(
            "{before}{}{}",
            arn.split('/').nth(1).unwrap_or(arn),
            if arn.ends_with(')') { ")" } else { "" }
        ),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Alarm, Service};

    fn lab(running: u64, status: &str, reason: &str) -> View {
        let task = Task {
            id: "1".to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            ..Task::default()
        };
        let service = Service {
            name: "web".to_owned(),
            desired: 2,
            running,
            tasks: vec![task],
            ..Service::default()
        };
        View {
            services: vec![service],
            ..View::default()
        }
    }

    #[test]
    fn nothing_is_told_of_a_lab_that_stays_as_it_is() {
        assert!(changes(&lab(2, "RUNNING", ""), &lab(2, "RUNNING", "")).is_empty());
    }

    #[test]
    fn a_stopped_task_is_told_with_its_reason_and_what_is_left() {
        let lines = changes(&lab(2, "RUNNING", ""), &lab(1, "STOPPING", "a test"));
        assert_eq!(
            lines,
            ["web task 1: runs -> stops (a test)", "web: 1 of 2 tasks run"]
        );
        assert_eq!(
            changes(&lab(1, "STOPPING", "a test"), &lab(1, "DEPROVISIONING", "a test")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_reason_names_things_without_their_arns() {
        let reason = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/76)";
        assert_eq!(
            without_arns(reason),
            "Task failed ELB health checks in (target-group web)"
        );
    }

    #[test]
    fn alarms_are_told_when_they_go_off_and_not_when_they_begin() {
        let with = |name: &str, state: &str| View {
            alarms: vec![Alarm {
                name: name.to_owned(),
                state: state.to_owned(),
                ..Alarm::default()
            }],
            ..View::default()
        };
        assert!(changes(&with("5xx", "INSUFFICIENT_DATA"), &with("5xx", "OK")).is_empty());
        assert_eq!(
            changes(&with("5xx", "INSUFFICIENT_DATA"), &with("5xx", "ALARM")),
            ["alarm 5xx: INSUFFICIENT_DATA -> ALARM"]
        );
    }

    #[test]
    fn failed_visits_are_told_once_and_so_is_their_end() {
        let (met, mut told, mut lines) = (Met::default(), Told::default(), Vec::new());
        met.failed.store(3, Ordering::Relaxed);
        for _ in 0..3 {
            visits(&met, &mut told, &mut |line| lines.push(line));
        }
        assert_eq!(
            lines,
            [
                "visitors: 3 more requests failed (3 of 3 so far)",
                "visitors: served again"
            ]
        );
    }
}
