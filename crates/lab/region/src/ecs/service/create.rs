//! CreateService.

use serde_json::{Value, json};

use super::super::capacity::Capacity;
use super::super::names::{count, invalid, needed};
use super::super::{State, World, cluster, network, tags};
use super::describe::shown;
use super::{Deployment, Rollout, RolloutState, Service, ServiceStatus, balancers, key};
use crate::input::text;
use crate::wire::{Answer, ApiError};

pub fn create(state: &mut State, world: &World<'_>, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let name = needed(input, "serviceName")?.to_owned();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.len() > 255 || !name.chars().all(plain) {
        return Err(invalid("Service name contains invalid characters."));
    }
    free(state, &key(&cluster, &name))?;
    let service = read(state, world, input, cluster, name)?;
    let (key, arn) = (key(&service.cluster, &service.name), service.arn.clone());
    state.services.insert(key.clone(), service);
    tags::keep(state, &arn, input);
    Ok(
        json!({ "service": state.services.get(&key).map(|service| shown(state, world.region, service, true)) }),
    )
}

fn free(state: &State, key: &str) -> Result<(), ApiError> {
    match state.services.get(key).map(|service| service.status) {
        Some(ServiceStatus::Active) => Err(invalid("Creation of service was not idempotent.")),
        Some(ServiceStatus::Draining) => Err(invalid("Unable to Start a service that is still Draining.")),
        _ => Ok(()),
    }
}

fn read(
    state: &State,
    world: &World<'_>,
    input: &Value,
    cluster: String,
    name: String,
) -> Result<Service, ApiError> {
    let spec = state.definitions.active(needed(input, "taskDefinition")?)?;
    if text(input, "schedulingStrategy") == Some("DAEMON") {
        return Err(invalid(
            "The lab has no services with the scheduling strategy DAEMON.",
        ));
    }
    let capacity = Capacity::or_default(state, &cluster, input)?;
    let subnets = network::subnets(world, &spec, &capacity, input)?;
    let balancers = balancers(input, &spec)?;
    if capacity.is_fargate() && !crate::input::list(input, "placementStrategy").is_empty() {
        return Err(invalid(
            "Placement strategies are not supported with FARGATE launch type.",
        ));
    }
    let deployment = Deployment {
        id: String::new(),
        capacity,
        subnets,
        network: input.get("networkConfiguration").cloned().unwrap_or_default(),
        balancers,
        rollout: RolloutState::InProgress,
        reason: String::new(),
        failed: 0,
        created: world.now,
        updated: world.now,
        spec,
    };
    let list = |member: &str| {
        input
            .get(member)
            .filter(|given| given.is_array())
            .cloned()
            .unwrap_or_else(|| json!([]))
    };
    Ok(Service {
        arn: world.region.arn("ecs", &format!("service/{cluster}/{name}")),
        status: ServiceStatus::Active,
        desired: count(input, "desiredCount")?.unwrap_or(0) as usize,
        rollout: Rollout::of(input.get("deploymentConfiguration").unwrap_or(&Value::Null), None)?,
        deployments: vec![deployment.begin(world.now)],
        proven: None,
        grace: count(input, "healthCheckGracePeriodSeconds")?,
        strategy: list("placementStrategy"),
        constraints: list("placementConstraints"),
        created: world.now,
        events: Default::default(),
        other: other(input),
        steady: false,
        failures: 0,
        failed_at: 0.0,
        not_before: 0.0,
        cluster,
        name,
    })
}

/// What is only kept to be shown.
fn other(input: &Value) -> Value {
    let given = |name: &str, default: Value| match input.get(name) {
        None | Some(Value::Null) => default,
        Some(value) => value.clone(),
    };
    json!({
        "roleArn": given("role", Value::Null),
        "deploymentController": given("deploymentController", json!({ "type": "ECS" })),
        "schedulingStrategy": "REPLICA",
        "serviceRegistries": given("serviceRegistries", json!([])),
        "enableECSManagedTags": given("enableECSManagedTags", json!(false)),
        "enableExecuteCommand": given("enableExecuteCommand", json!(false)),
        "propagateTags": given("propagateTags", json!("NONE")),
        "availabilityZoneRebalancing": given("availabilityZoneRebalancing", json!("DISABLED")),
    })
}
