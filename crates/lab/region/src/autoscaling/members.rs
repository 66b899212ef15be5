//! What is asked of instances of groups.

use serde_json::{Value, json};

use super::activities::Begun;
use super::configurations::GROUP_TAG;
use super::done;
use super::group::{Group, Lifecycle, Member, named};
use crate::ec2::{self, Instance, InstanceState};
use crate::input::{flag, required, texts};
use crate::wire::{Answer, ApiError};

impl Member {
    /// A member for an instance.
    pub(super) fn of(instance: &Instance, lifecycle: Lifecycle, protected: bool) -> Member {
        Member {
            id: instance.id.clone(),
            lifecycle,
            healthy: true,
            protected,
            subnet: instance.subnet.clone(),
            zone: instance.zone.clone(),
            kind: instance.kind.clone(),
        }
    }
}

/// The instances of a request, which must all be members of the group.
fn asked(group: &Group, input: &Value) -> Result<Vec<String>, ApiError> {
    let ids = texts(input, "InstanceIds");
    match ids.iter().find(|id| !group.members.contains_key(*id)) {
        Some(id) => Err(ApiError::validation(format!(
            "The instance {id} is not part of Auto Scaling group {}.",
            group.name
        ))),
        None => Ok(ids),
    }
}

/// Takes instances off the desired capacity.
fn decrement(group: &mut Group, number: usize) -> Result<(), ApiError> {
    let desired = group.desired - i64::try_from(number).unwrap_or(i64::MAX);
    if desired < group.min {
        let message = format!(
            "Currently, desiredSize equals minSize or would fall below it ({}). Terminating or detaching without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            group.min
        );
        return Err(ApiError::validation(message));
    }
    group.desired = desired;
    Ok(())
}

/// `DetachInstances`: the instances go on without the group, which replaces them unless its desired capacity goes down with them.
pub fn detach(state: &mut crate::State, input: &Value) -> Answer {
    let group = named(&mut state.autoscaling, input)?;
    let ids = asked(group, input)?;
    if let Some(member) = ids
        .iter()
        .filter_map(|id| group.members.get(id))
        .find(|one| one.lifecycle != Lifecycle::InService)
    {
        let message = format!("The instance {} is not in InService or Standby.", member.id);
        return Err(ApiError::validation(message));
    }
    if flag(input, "ShouldDecrementDesiredCapacity").unwrap_or_default() {
        decrement(group, ids.len())?;
    }
    let name = group.name.clone();
    let members: Vec<Member> = ids
        .iter()
        .filter_map(|id| group.members.shift_remove(id))
        .collect();
    let mut views = Vec::new();
    for member in members {
        state.ec2.set_group(&member.id, None);
        views.push(state.autoscaling.begin(&Begun {
            group: &name,
            instance: &member.id,
            what: "Detaching EC2 instance",
            why: "instances were detached in response to a user request.",
            subnet: &member.subnet,
            zone: &member.zone,
        }));
        state.autoscaling.finish(&member.id);
    }
    Ok(json!({ "Activities": views }))
}

/// `AttachInstances`: running instances join, and the desired capacity goes up with them.
pub fn attach(state: &mut crate::State, input: &Value) -> Answer {
    let ids = texts(input, "InstanceIds");
    let group = named(&mut state.autoscaling, input)?;
    let mut members = Vec::new();
    for id in &ids {
        let instance = state
            .ec2
            .instance(id)
            .filter(|one| one.state == InstanceState::Running && one.group.is_none());
        let refused = || {
            ApiError::validation(format!(
                "The instance {id} is not running, or is in a group already."
            ))
        };
        members.push(Member::of(
            instance.ok_or_else(refused)?,
            Lifecycle::InService,
            group.protects_new,
        ));
    }
    let desired = group.desired + i64::try_from(members.len()).unwrap_or(i64::MAX);
    if desired > group.max {
        let message = format!(
            "AutoScalingGroup {} cannot take more instances: its max size is {}.",
            group.name, group.max
        );
        return Err(ApiError::validation(message));
    }
    group.desired = desired;
    let name = group.name.clone();
    group
        .members
        .extend(members.into_iter().map(|member| (member.id.clone(), member)));
    for id in &ids {
        state.ec2.set_group(id, Some((GROUP_TAG, &name)));
    }
    done()
}

/// `TerminateInstanceInAutoScalingGroup`, also of one that is protected from scale-in.
pub fn terminate(state: &mut crate::State, input: &Value) -> Answer {
    let id = required(input, "InstanceId")?;
    let group = of_instance(&mut state.autoscaling, id)?;
    let less = flag(input, "ShouldDecrementDesiredCapacity").unwrap_or_default();
    if less {
        decrement(group, 1)?;
    }
    let name = group.name.clone();
    let why = "instance was taken out of service in response to a user request.";
    let view = end(state, &name, id, why);
    Ok(json!({ "Activity": view }))
}

/// Terminates a member and notes why.
pub(super) fn end(state: &mut crate::State, group: &str, id: &str, why: &str) -> Value {
    // it may have been terminated and forgotten already
    let _ = ec2::terminate(state, id);
    let Some(member) = state
        .autoscaling
        .groups
        .get_mut(group)
        .and_then(|group| group.members.get_mut(id))
    else {
        return Value::Null;
    };
    member.lifecycle = Lifecycle::Terminating;
    let (subnet, zone) = (member.subnet.clone(), member.zone.clone());
    let begun = Begun {
        group,
        instance: id,
        what: "Terminating EC2 instance",
        why,
        subnet: &subnet,
        zone: &zone,
    };
    state.autoscaling.begin(&begun)
}

fn of_instance<'a>(state: &'a mut super::State, id: &str) -> Result<&'a mut Group, ApiError> {
    let missing = || {
        ApiError::validation(format!(
            "Instance Id not found - No managed instance found for instance ID {id}"
        ))
    };
    state
        .groups
        .values_mut()
        .find(|group| group.members.contains_key(id))
        .ok_or_else(missing)
}

/// `SetInstanceProtection`
pub fn set_protection(state: &mut super::State, input: &Value) -> Answer {
    let protected = flag(input, "ProtectedFromScaleIn");
    let protected = protected.ok_or_else(|| {
        ApiError::validation("The request must contain the parameter ProtectedFromScaleIn.")
    })?;
    let group = named(state, input)?;
    for id in asked(group, input)? {
        if let Some(member) = group.members.get_mut(&id) {
            member.protected = protected;
        }
    }
    done()
}

/// `SetInstanceHealth`
pub fn set_health(state: &mut super::State, input: &Value) -> Answer {
    let healthy = match required(input, "HealthStatus")? {
        "Healthy" => true,
        "Unhealthy" => false,
        other => {
            return Err(ApiError::validation(format!(
                "{other} is not a valid HealthStatus: Healthy or Unhealthy"
            )));
        }
    };
    let id = required(input, "InstanceId")?;
    if let Some(member) = of_instance(state, id)?.members.get_mut(id) {
        member.healthy = healthy;
    }
    done()
}
