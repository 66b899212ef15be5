//! Subnets of services and tasks.

use serde_json::Value;

use super::World;
use super::capacity::Capacity;
use super::definition::Spec;
use super::names::invalid;
use crate::input::texts;
use crate::wire::ApiError;

/// The subnets that a request names for tasks of a definition; none for definitions without addresses of their own.
///
/// # Errors
/// `InvalidParameterException` where subnets are missing, needless or unknown.
pub fn subnets(
    world: &World<'_>,
    spec: &Spec,
    capacity: &Capacity,
    input: &Value,
) -> Result<Vec<String>, ApiError> {
    let given = input
        .pointer("/networkConfiguration/awsvpcConfiguration")
        .unwrap_or(&Value::Null);
    let subnets = texts(given, "subnets");
    if capacity.is_fargate() && !spec.awsvpc {
        return Err(invalid(
            "The task definition's network mode must be awsvpc to run on Fargate.",
        ));
    }
    match (spec.awsvpc, subnets.is_empty()) {
        (true, true) => Err(invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )),
        (false, false) => Err(invalid(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        )),
        _ => known(world, subnets),
    }
}

fn known(world: &World<'_>, subnets: Vec<String>) -> Result<Vec<String>, ApiError> {
    match subnets.iter().find(|id| world.others.ec2.subnet(id).is_none()) {
        Some(unknown) => Err(invalid(format!(
            "Error retrieving subnet information for [{unknown}]: The subnet ID '{unknown}' does not exist"
        ))),
        None => Ok(subnets),
    }
}
