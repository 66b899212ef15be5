//! Elastic Load Balancing: the control plane of real reverse proxies.
//!
//! An application load balancer has an address of the lab's network, which is also its DNS name, and each of its listeners a port there:
//! ports below 1024, which need privileges, are moved up by 8000, except that 80 becomes 8080. Its metrics are those of
//! "CloudWatch metrics for your Application Load Balancer" that the lab measures, without the availability zone's dimension.

mod actions;
mod attributes;
mod balancers;
mod checks;
mod conditions;
mod groups;
mod listeners;
mod meter;
mod model;
mod paging;
mod places;
mod rules;
mod tags;
mod targets;
mod wiring;

use std::net::SocketAddr;
use std::sync::Arc;

use chaos_lab_balancer::TargetView;
use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
pub use model::State;

/// Registers a target by its address, as ECS does for its tasks. `zone` is the target's availability zone.
///
/// # Errors
/// `TargetGroupNotFound`.
pub fn register(
    state: &mut crate::State,
    target_group_arn: &str,
    address: SocketAddr,
    zone: &str,
) -> Result<(), ApiError> {
    let group = state.elb.group_mut(target_group_arn)?;
    let mut instances = state
        .ec2
        .instances()
        .filter(|_| group.kind == model::TargetKind::Instance);
    let instance = instances.find(|instance| instance.address == address.ip());
    let id = instance.map_or_else(|| address.ip().to_string(), |instance| instance.id.clone());
    group.register(address, &id, zone);
    Ok(())
}

/// Takes a target out of its group: no new requests, running ones may finish. Does nothing where group or target are not there.
pub fn deregister(state: &mut crate::State, target_group_arn: &str, address: SocketAddr) {
    if let Ok(group) = state.elb.group_mut(target_group_arn) {
        group.plane.deregister(address);
    }
}

/// The targets of a group with their health; none where there is no such group.
pub fn health(state: &crate::State, target_group_arn: &str) -> Vec<TargetView> {
    state
        .elb
        .group(target_group_arn)
        .map(|group| group.plane.targets())
        .unwrap_or_default()
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(meter::sample(Arc::downgrade(region)));
}

/// Closes all listeners: what runs may finish for two seconds.
pub async fn stop(region: &Arc<Region>) {
    let (listeners, groups) = {
        let mut state = region.state();
        let listeners = std::mem::take(&mut state.elb.listeners);
        (listeners, std::mem::take(&mut state.elb.groups))
    };
    let mut closing = tokio::task::JoinSet::new();
    for (_, listener) in listeners {
        closing.spawn(async move { listener.plane.close().await });
    }
    closing.join_all().await;
    groups.values().for_each(|group| group.plane.close());
}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    match operation {
        "CreateListener" => return listeners::create(region, input).await,
        "ModifyListener" => return listeners::modify(region, input).await,
        _ => {}
    }
    let operation: fn(&Arc<Region>, &mut crate::State, &Value) -> Answer = match operation {
        "AddTags" => tags::add,
        "CreateLoadBalancer" => balancers::create,
        "CreateRule" => rules::create,
        "CreateTargetGroup" => groups::create,
        "DeleteListener" => listeners::delete,
        "DeleteLoadBalancer" => balancers::delete,
        "DeleteRule" => rules::delete,
        "DeleteTargetGroup" => groups::delete,
        "DeregisterTargets" => targets::deregister,
        "DescribeListenerAttributes" => attributes::describe_listener,
        "DescribeListeners" => listeners::describe,
        "DescribeLoadBalancerAttributes" => attributes::describe_balancer,
        "DescribeLoadBalancers" => balancers::describe,
        "DescribeRules" => rules::describe,
        "DescribeTags" => tags::describe,
        "DescribeTargetGroupAttributes" => attributes::describe_group,
        "DescribeTargetGroups" => groups::describe,
        "DescribeTargetHealth" => targets::health,
        "ModifyLoadBalancerAttributes" => attributes::modify_balancer,
        "ModifyRule" => rules::modify,
        "ModifyTargetGroup" => groups::modify,
        "ModifyTargetGroupAttributes" => attributes::modify_group,
        "RegisterTargets" => targets::register,
        "RemoveTags" => tags::remove,
        "SetRulePriorities" => rules::set_priorities,
        "SetSecurityGroups" => balancers::set_security_groups,
        "SetSubnets" => balancers::set_subnets,
        other => return Err(ApiError::not_here("elasticloadbalancing", other)),
    };
    let answer = operation(region, &mut region.state(), input);
    region.changed();
    answer
}
