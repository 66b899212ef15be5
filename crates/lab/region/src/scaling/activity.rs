//! What was scaled, and why.

use serde_json::{Value, json};

use super::{DIMENSION, needed, page};
use crate::input::text;
use crate::wire::{Answer, time};
use crate::{Region, name};

#[derive(Clone, Debug)]
pub struct Activity {
    id: String,
    resource: String,
    wanted: usize,
    cause: String,
    at: f64,
}

impl Activity {
    pub fn new(resource: &str, wanted: usize, cause: String, at: f64) -> Activity {
        Activity {
            id: name::uuid(),
            resource: resource.to_owned(),
            wanted,
            cause,
            at,
        }
    }
}

/// Newest first.
pub fn describe(region: &Region, input: &Value) -> Answer {
    needed(input, "ServiceNamespace")?;
    let id = text(input, "ResourceId");
    let state = region.state();
    let wanted = state
        .scaling
        .activities
        .iter()
        .rev()
        .filter(|one| id.is_none_or(|id| id == one.resource));
    page(
        input,
        "ScalingActivities",
        wanted.map(|one| shown(&state, one)).collect(),
    )
}

fn shown(state: &crate::State, one: &Activity) -> Value {
    let (cluster, service) = super::resource(&one.resource).unwrap_or_default();
    let there = state
        .ecs
        .running(cluster, service)
        .is_some_and(|now| now.desired != one.wanted || now.running == one.wanted);
    let message = match there {
        true => format!(
            "Successfully set desired count to {}. Change successfully fulfilled by ecs.",
            one.wanted
        ),
        false => format!(
            "Successfully set desired count to {}. Waiting for change to be fulfilled by ecs.",
            one.wanted
        ),
    };
    json!({
        "ActivityId": one.id,
        "ServiceNamespace": "ecs",
        "ResourceId": one.resource,
        "ScalableDimension": DIMENSION,
        "Description": format!("Setting desired count to {}.", one.wanted),
        "Cause": one.cause,
        "StartTime": time(one.at),
        "EndTime": there.then(|| time(one.at)),
        "StatusCode": if there { "Successful" } else { "InProgress" },
        "StatusMessage": message,
    })
}
