//! Suspended processes
//! (<https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html>).

use serde_json::{Value, json};

use super::group::named;
use super::{State, done};
use crate::input::texts;
use crate::wire::{Answer, ApiError};

const ALL: [&str; 9] = [
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
];

/// The processes that a request names; all where it names none.
fn asked(input: &Value) -> Result<Vec<String>, ApiError> {
    let given = texts(input, "ScalingProcesses");
    if let Some(unknown) = given.iter().find(|name| !ALL.contains(&name.as_str())) {
        return Err(ApiError::validation(format!(
            "The process {unknown} is not one of {}",
            ALL.join(", ")
        )));
    }
    Ok(if given.is_empty() {
        ALL.map(str::to_owned).to_vec()
    } else {
        given
    })
}

/// `SuspendProcesses`
pub fn suspend(state: &mut State, input: &Value) -> Answer {
    let group = named(state, input)?;
    for process in asked(input)? {
        group.suspended.entry(process).or_insert_with(|| {
            format!(
                "User suspended at {}",
                chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ")
            )
        });
    }
    done()
}

/// `ResumeProcesses`
pub fn resume(state: &mut State, input: &Value) -> Answer {
    let group = named(state, input)?;
    for process in asked(input)? {
        group.suspended.shift_remove(&process);
    }
    done()
}

/// `DescribeScalingProcessTypes`
pub fn describe_types() -> Answer {
    let processes: Vec<Value> = ALL.iter().map(|name| json!({ "ProcessName": name })).collect();
    Ok(json!({ "Processes": processes }))
}
