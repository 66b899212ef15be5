//! What is asked of instances that exist.

use std::time::Instant;

use serde_json::{Value, json};

use super::describe::{asked, state_view};
use super::instance::{InstanceState, no_instance};
use super::run::one_instance;
use super::{State, done, lifecycle, needed};
use crate::input::flag;
use crate::wire::{Answer, ApiError};
use crate::{Region, ecs, now};

fn some(state: &State, input: &Value) -> Result<Vec<String>, ApiError> {
    let ids = asked(state, input)?;
    if ids.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter InstanceId",
        ));
    }
    Ok(ids)
}

/// Checks the state of all instances before any is changed.
fn check(state: &State, ids: &[String], allowed: &[InstanceState], operation: &str) -> Result<(), ApiError> {
    let wrong = ids
        .iter()
        .filter_map(|id| state.instance(id))
        .find(|one| !allowed.contains(&one.state));
    let Some(wrong) = wrong else {
        return Ok(());
    };
    let allowed: Vec<&str> = allowed.iter().map(|state| state.name()).collect();
    let message = format!(
        "The instance '{}' is in the state '{}', in which it is not possible to {operation} it; it must be {}.",
        wrong.id,
        wrong.state.name(),
        allowed.join(" or ")
    );
    Err(ApiError::new("IncorrectInstanceState", message))
}

fn change_view(id: &str, was: InstanceState, is: InstanceState) -> Value {
    json!({ "instanceId": id, "previousState": state_view(was), "currentState": state_view(is) })
}

/// Lets instances that are in `from` enter `to`, and tells of all.
fn change(
    state: &mut State,
    ids: &[String],
    from: InstanceState,
    to: InstanceState,
    reason: Option<(&'static str, &'static str)>,
) -> Answer {
    let mut views = Vec::new();
    for id in ids {
        let Some(instance) = state.instances.get_mut(id) else {
            continue;
        };
        let was = instance.state;
        if was == from {
            instance.enter(to);
            instance.reason = reason;
            if to == InstanceState::Pending {
                instance.launched = now();
            }
        }
        views.push(change_view(id, was, instance.state));
    }
    Ok(json!({ "instancesSet": views }))
}

/// `StartInstances`
pub fn start(state: &mut State, input: &Value) -> Answer {
    use InstanceState::{Pending, Running, Stopped};
    let ids = some(state, input)?;
    check(state, &ids, &[Stopped, Pending, Running], "start")?;
    change(state, &ids, Stopped, Pending, None)
}

/// `StopInstances`
pub fn stop(state: &mut State, input: &Value) -> Answer {
    use InstanceState::{Running, Stopped, Stopping};
    let ids = some(state, input)?;
    let spot = ids
        .iter()
        .filter_map(|id| state.instance(id))
        .find(|one| one.spot_request.is_some());
    if let Some(spot) = spot {
        let message = format!(
            "You can't stop the Spot Instance '{}' because it is associated with a one-time Spot Instance request.",
            spot.id
        );
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    check(state, &ids, &[Running, Stopping, Stopped], "stop")?;
    let reason = (
        "Client.UserInitiatedShutdown",
        "Client.UserInitiatedShutdown: User initiated shutdown",
    );
    change(state, &ids, Running, Stopping, Some(reason))
}

/// `TerminateInstances`
pub fn terminate(state: &mut crate::State, input: &Value) -> Answer {
    let ids = some(&state.ec2, input)?;
    if let Some(held) = ids
        .iter()
        .filter_map(|id| state.ec2.instance(id))
        .find(|one| one.protected && !one.state.is_ending())
    {
        let message = format!(
            "The instance '{}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
            held.id
        );
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    let mut views = Vec::new();
    for id in &ids {
        let state_of = |state: &crate::State| {
            state
                .ec2
                .instance(id)
                .map_or(InstanceState::Terminated, |one| one.state)
        };
        let was = state_of(state);
        super::terminate(state, id)?;
        views.push(change_view(id, was, state_of(state)));
    }
    Ok(json!({ "instancesSet": views }))
}

/// `RebootInstances`: the instances stay `running`, but what runs on them ends.
pub fn reboot(state: &mut crate::State, region: &Region, input: &Value) -> Answer {
    let ids = some(&state.ec2, input)?;
    check(&state.ec2, &ids, &[InstanceState::Running], "reboot")?;
    let back = Instant::now() + region.pace().of(lifecycle::REBOOT);
    for id in &ids {
        ecs::kill_tasks_on(state, id, "The container instance was rebooted");
        if let Some(instance) = state.ec2.instances.get_mut(id) {
            let since = instance.since;
            instance.enter(InstanceState::Running);
            instance.since = since;
            instance.docker = false;
            instance.docker_back = Some(back);
        }
    }
    done()
}

/// `DescribeInstanceAttribute`
pub fn attribute(state: &State, input: &Value) -> Answer {
    let id = one_instance(input)?;
    let instance = state.instance(id).ok_or_else(|| no_instance(&[id]))?;
    let name = needed(input, "Attribute")?;
    let value = match name {
        "disableApiTermination" => json!({ "value": instance.protected }),
        "instanceType" => json!({ "value": instance.kind }),
        "disableApiStop" | "ebsOptimized" => json!({ "value": false }),
        "instanceInitiatedShutdownBehavior" => json!({ "value": "stop" }),
        _ => Value::Null,
    };
    Ok(json!({ "instanceId": id, name: value }))
}

/// `ModifyInstanceAttribute`: protection from termination.
pub fn modify_attribute(state: &mut State, input: &Value) -> Answer {
    let id = one_instance(input)?;
    let instance = state.instances.get_mut(id).ok_or_else(|| no_instance(&[id]))?;
    if let Some(value) = input
        .get("DisableApiTermination")
        .and_then(|value| flag(value, "Value"))
    {
        instance.protected = value;
    }
    done()
}
