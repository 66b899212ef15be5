//! Scalable targets: the services that are scaled, and within which bounds.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::activity::Activity;
use super::policy::Policy;
use super::{DIMENSION, asked, invalid, page, resource};
use crate::input::{flag, integer, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, ecs, name, now};

#[derive(Debug)]
pub struct Target {
    pub id: String,
    pub arn: String,
    pub minimum: usize,
    pub maximum: usize,
    pub role: String,
    pub created: f64,
    pub suspended: Value,
    pub policies: IndexMap<String, Policy>,
    /// The last time it was scaled out, and in.
    pub out: Option<Scaled>,
    pub inwards: Option<Scaled>,
}

/// One change of a service's desired count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    pub at: f64,
    /// How many tasks were wanted before.
    pub from: usize,
}

impl Target {
    /// Whether a direction is suspended, by its name in `SuspendedState`.
    pub fn is_suspended(&self, direction: &str) -> bool {
        flag(&self.suspended, direction) == Some(true)
    }
}

pub fn register(region: &Region, input: &Value) -> Answer {
    let id = asked(input)?.to_owned();
    let (cluster, service) = resource(&id)?;
    let state = &mut *region.state();
    let running = state.ecs.running(cluster, service);
    let running = running.ok_or_else(|| invalid(format!("ECS service doesn't exist: {id}")))?;
    let present = state.scaling.targets.get(&id);
    let bound = |member, present: Option<usize>| {
        let given = integer(input, member).map_err(|error| invalid(error.message))?;
        let given = given.map(|given| {
            usize::try_from(given).map_err(|_| invalid(format!("{member} must not be negative.")))
        });
        let found = given.transpose()?.or(present);
        found.ok_or_else(|| invalid(format!("{member} is required for a new scalable target.")))
    };
    let minimum = bound("MinCapacity", present.map(|one| one.minimum))?;
    let maximum = bound("MaxCapacity", present.map(|one| one.maximum))?;
    if minimum > maximum {
        return Err(invalid(
            "Minimum capacity cannot be greater than maximum capacity.",
        ));
    }
    let target = state
        .scaling
        .targets
        .entry(id.clone())
        .or_insert_with(|| new(region, &id));
    (target.minimum, target.maximum) = (minimum, maximum);
    if let Some(suspended) = input.get("SuspendedState").filter(|given| given.is_object()) {
        target.suspended = suspended.clone();
    }
    if let Some(role) = text(input, "RoleARN") {
        target.role = role.to_owned();
    }
    let answer = json!({ "ScalableTargetARN": target.arn });
    // a change of the bounds moves the service into them: "Scaling activities for Application Auto Scaling" in the user guide
    let wanted = running.desired.clamp(minimum, maximum);
    if wanted != running.desired {
        let which = if wanted == minimum { "minimum" } else { "maximum" };
        ecs::scale(&mut state.ecs, cluster, service, wanted);
        state.scaling.note(Activity::new(
            &id,
            wanted,
            format!("{which} capacity was set to {wanted}"),
            now(),
        ));
    }
    Ok(answer)
}

fn new(region: &Region, id: &str) -> Target {
    let role = "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";
    Target {
        id: id.to_owned(),
        arn: region.arn(
            "application-autoscaling",
            &format!("scalable-target/{}", name::hex(32)),
        ),
        minimum: 0,
        maximum: 0,
        role: format!("arn:aws:iam::{}:{role}", region.settings().account),
        created: now(),
        suspended: json!({}),
        policies: IndexMap::new(),
        out: None,
        inwards: None,
    }
}

pub fn describe(region: &Region, input: &Value) -> Answer {
    super::needed(input, "ServiceNamespace")?;
    let ids = texts(input, "ResourceIds");
    let state = region.state();
    let wanted = |target: &&Target| ids.is_empty() || ids.contains(&target.id);
    page(
        input,
        "ScalableTargets",
        state.scaling.targets.values().filter(wanted).map(shown).collect(),
    )
}

fn shown(target: &Target) -> Value {
    let suspended = |name| target.is_suspended(name);
    json!({
        "ServiceNamespace": "ecs",
        "ResourceId": target.id,
        "ScalableDimension": DIMENSION,
        "MinCapacity": target.minimum,
        "MaxCapacity": target.maximum,
        "RoleARN": target.role,
        "CreationTime": time(target.created),
        "ScalableTargetARN": target.arn,
        "SuspendedState": {
            "DynamicScalingInSuspended": suspended("DynamicScalingInSuspended"),
            "DynamicScalingOutSuspended": suspended("DynamicScalingOutSuspended"),
            "ScheduledScalingSuspended": suspended("ScheduledScalingSuspended"),
        },
    })
}

/// Forgets a target with its policies; tells the names of their alarms.
pub fn deregister(region: &Region, input: &Value) -> Result<Vec<String>, ApiError> {
    let id = asked(input)?;
    let gone = region
        .state()
        .scaling
        .targets
        .shift_remove(id)
        .ok_or_else(|| none(id))?;
    Ok(gone
        .policies
        .values()
        .flat_map(|policy| policy.alarms.clone())
        .collect())
}

/// `ObjectNotFoundException`
pub fn none(id: &str) -> ApiError {
    let message = format!(
        "No scalable target found for service namespace: ecs, resource ID: {id}, scalable dimension: {DIMENSION}"
    );
    ApiError::new("ObjectNotFoundException", message)
}
