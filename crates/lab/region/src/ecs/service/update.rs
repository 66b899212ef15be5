//! UpdateService.

use serde_json::{Value, json};

use super::super::capacity::Capacity;
use super::super::names::{count, invalid, last, needed};
use super::super::{State, World, cluster, network};
use super::describe::shown;
use super::{Deployment, Rollout, ServiceStatus, balancers, find, key};
use crate::input::{flag, list, text};
use crate::wire::{Answer, ApiError};

pub fn update(state: &mut State, world: &World<'_>, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?.name.clone();
    let name = last(needed(input, "service")?).to_owned();
    let service = find(state, &cluster, &name)?;
    if service.status != ServiceStatus::Active {
        return Err(ApiError::new(
            "ServiceNotActiveException",
            "Service was not ACTIVE.",
        ));
    }
    let key = key(&cluster, &name);
    let next = next(state, world, &key, input)?;
    let given = input
        .get("deploymentConfiguration")
        .filter(|given| given.is_object());
    let rollout = given
        .map(|given| Rollout::of(given, Some(&service.rollout)))
        .transpose()?;
    let (desired, grace) = (
        count(input, "desiredCount")?,
        count(input, "healthCheckGracePeriodSeconds")?,
    );
    if let Some(service) = state.services.get_mut(&key) {
        service.rollout = rollout.unwrap_or_else(|| service.rollout.clone());
        service.grace = grace.or(service.grace);
        keep(input, "placementStrategy", &mut service.strategy);
        keep(input, "placementConstraints", &mut service.constraints);
        for (name, value) in service.other.as_object_mut().into_iter().flatten() {
            keep(input, name, value);
        }
        if let Some(next) = next {
            service.deploy(next, world.now);
        }
        if let Some(desired) = desired {
            service.steady &= service.desired == desired as usize;
            service.desired = desired as usize;
        }
    }
    Ok(
        json!({ "service": state.services.get(&key).map(|service| shown(state, world.region, service, true)) }),
    )
}

fn keep(input: &Value, name: &str, place: &mut Value) {
    if let Some(value) = input.get(name).filter(|value| !value.is_null()) {
        *place = value.clone();
    }
}

/// The new version that a request makes: for another definition, network, capacity or load balancer, or when it is forced.
fn next(state: &State, world: &World<'_>, key: &str, input: &Value) -> Result<Option<Deployment>, ApiError> {
    let Some(present) = state
        .services
        .get(key)
        .and_then(|service| service.deployments.first())
    else {
        return Ok(None);
    };
    let mut next = present.clone();
    if let Some(name) = text(input, "taskDefinition") {
        next.spec = state.definitions.active(name)?;
    }
    if let Some(capacity) = Capacity::of(state, input)? {
        next.capacity = capacity;
    }
    if input.get("networkConfiguration").is_some_and(Value::is_object) {
        next.network = input.get("networkConfiguration").cloned().unwrap_or_default();
    }
    if input.get("loadBalancers").is_some_and(Value::is_array) {
        next.balancers = balancers(input, &next.spec)?;
    }
    let whole = json!({ "networkConfiguration": next.network });
    next.subnets = network::subnets(world, &next.spec, &next.capacity, &whole)?;
    if next.capacity.is_fargate() && !list(input, "placementStrategy").is_empty() {
        return Err(invalid(
            "Placement strategies are not supported with FARGATE launch type.",
        ));
    }
    let same = next.spec.arn == present.spec.arn
        && next.capacity == present.capacity
        && next.network == present.network
        && next.balancers == present.balancers;
    let forced = flag(input, "forceNewDeployment") == Some(true);
    Ok((forced || !same).then_some(next))
}

/// Sets how many tasks an active service wants, as service auto scaling does. Tells how many it wanted before.
pub fn scale(state: &mut State, cluster: &str, service: &str, desired: usize) -> Option<usize> {
    let service = state.services.get_mut(&key(cluster, service))?;
    if service.status != ServiceStatus::Active {
        return None;
    }
    service.steady &= service.desired == desired;
    Some(std::mem::replace(&mut service.desired, desired))
}
