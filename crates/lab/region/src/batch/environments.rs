//! Compute environments: names, states and a number of vCPUs.

use serde_json::{Value, json};

use super::resources::{self, Resource, bare};
use super::{State, integer, new_name, refused, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name};

/// vCPUs of an environment that says nothing of them (unmanaged ones).
const UNMANAGED: f64 = 256.0;

/// CreateComputeEnvironment
pub fn create(region: &Region, input: &Value) -> Answer {
    let name = new_name(input, "computeEnvironmentName")?;
    let kind = required(input, "type")?.to_ascii_uppercase();
    if kind == "MANAGED" {
        let resources = input
            .get("computeResources")
            .ok_or_else(|| refused("computeResources must be provided for a MANAGED compute environment"))?;
        let most = integer(resources, "maxvCpus")?;
        most.filter(|most| *most > 0)
            .ok_or_else(|| refused("computeResources.maxvCpus must be a positive number."))?;
    }
    let state = resources::state(input)?;
    let mut all = region.state();
    if all.batch.environments.contains_key(name) {
        return Err(refused("Object already exists"));
    }
    let arn = region.arn("batch", &format!("compute-environment/{name}"));
    let more = json!({
        "computeEnvironmentArn": arn,
        "ecsClusterArn": region.arn("ecs", &format!("cluster/AWSBatch-{name}-{}", name::uuid())),
        "type": kind,
        "state": state,
        "status": "VALID",
        "statusReason": "ComputeEnvironment Healthy",
        "containerOrchestrationType": "ECS",
        "uuid": name::uuid(),
    });
    all.batch
        .environments
        .insert(name.to_owned(), Resource::new(input, more));
    Ok(json!({ "computeEnvironmentName": name, "computeEnvironmentArn": arn }))
}

/// DescribeComputeEnvironments
pub fn describe(region: &Region, input: &Value) -> Answer {
    resources::page(
        &region.state().batch.environments,
        input,
        "computeEnvironments",
        "computeEnvironments",
    )
}

/// UpdateComputeEnvironment
pub fn update(region: &Region, input: &Value) -> Answer {
    let asked = required(input, "computeEnvironment")?;
    resources::state(input)?;
    let mut state = region.state();
    let environment = find(&mut state.batch, asked)?;
    let mut given = input.clone();
    // the capacity is changed member by member
    if let (Some(new), Some(old)) = (
        given.get_mut("computeResources"),
        environment.0.get("computeResources"),
    ) {
        let mut merged = Resource(old.clone());
        merged.update(new, "");
        *new = merged.0;
    }
    environment.update(&given, "computeEnvironment");
    let (name, arn) = (
        environment.text("computeEnvironmentName"),
        environment.text("computeEnvironmentArn"),
    );
    Ok(json!({ "computeEnvironmentName": name, "computeEnvironmentArn": arn }))
}

/// DeleteComputeEnvironment
pub fn delete(region: &Region, input: &Value) -> Answer {
    let asked = required(input, "computeEnvironment")?;
    let mut state = region.state();
    let environment = find(&mut state.batch, asked)?;
    if environment.is_enabled() {
        return Err(refused("Cannot delete, state must be DISABLED"));
    }
    let arn = environment.text("computeEnvironmentArn").to_owned();
    let used = |queue: &Resource| {
        let mut order = input::list(&queue.0, "computeEnvironmentOrder").iter();
        order.any(|entry| input::text(entry, "computeEnvironment") == Some(&arn))
    };
    if state.batch.queues.values().any(used) {
        return Err(refused("Cannot delete, found existing JobQueue relationship"));
    }
    state.batch.environments.remove(bare(asked));
    Ok(json!({}))
}

/// The environment of that name or ARN.
pub fn find<'a>(state: &'a mut State, asked: &str) -> Result<&'a mut Resource, ApiError> {
    let missing = || refused(format!("Compute environment {asked} does not exist."));
    state.environments.get_mut(bare(asked)).ok_or_else(missing)
}

/// vCPUs that jobs of an environment may have together.
pub fn capacity(environment: &Resource) -> f64 {
    let resources = environment.0.get("computeResources");
    resources
        .and_then(|resources| resources.get("maxvCpus")?.as_f64())
        .unwrap_or(UNMANAGED)
}
