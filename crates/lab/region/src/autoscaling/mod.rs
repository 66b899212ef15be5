//! EC2 Auto Scaling: groups that replace what dies.

mod activities;
mod configurations;
mod group;
mod keeper;
mod listing;
mod members;
mod placement;
mod processes;
mod tags;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
pub use activities::Activity;
pub use group::{Group, Lifecycle, Member};

/// What the service knows.
#[derive(Default)]
pub struct State {
    groups: IndexMap<String, Group>,
    configurations: IndexMap<String, Value>,
    /// The newest last.
    activities: Vec<Activity>,
}

impl State {
    /// A group by its name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// All groups in the order of their creation.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(keeper::keep(Arc::clone(region)));
}

/// Ends what the service runs.
pub async fn stop(_region: &Arc<Region>) {}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    let mut state = region.state();
    let answer = match operation {
        "CreateAutoScalingGroup" => group::create(&mut state, region, input),
        "UpdateAutoScalingGroup" => group::update(&mut state, input),
        "DeleteAutoScalingGroup" => group::delete(&mut state, input),
        "SetDesiredCapacity" => group::set_desired(&mut state, input),
        "DescribeAutoScalingGroups" => listing::groups(&state, input),
        "DescribeAutoScalingInstances" => listing::instances(&state, input),
        "DescribeScalingActivities" => activities::describe(&state.autoscaling, input),
        "SuspendProcesses" => processes::suspend(&mut state.autoscaling, input),
        "ResumeProcesses" => processes::resume(&mut state.autoscaling, input),
        "DescribeScalingProcessTypes" => processes::describe_types(),
        "DetachInstances" => members::detach(&mut state, input),
        "AttachInstances" => members::attach(&mut state, input),
        "TerminateInstanceInAutoScalingGroup" => members::terminate(&mut state, input),
        "SetInstanceProtection" => members::set_protection(&mut state.autoscaling, input),
        "SetInstanceHealth" => members::set_health(&mut state.autoscaling, input),
        "CreateOrUpdateTags" => tags::create(&mut state.autoscaling, input),
        "DeleteTags" => tags::delete(&mut state.autoscaling, input),
        "DescribeTags" => tags::describe(&state.autoscaling, input),
        "CreateLaunchConfiguration" => configurations::create(&mut state.autoscaling, region, input),
        "DescribeLaunchConfigurations" => configurations::describe(&state.autoscaling, input),
        "DeleteLaunchConfiguration" => configurations::delete(&mut state.autoscaling, input),
        _ => return Err(ApiError::not_here("autoscaling", operation)),
    };
    if answer.is_ok() && !operation.starts_with("Describe") {
        region.changed();
    }
    answer
}

/// The answer of what only succeeds.
fn done() -> Answer {
    Ok(serde_json::json!({}))
}
