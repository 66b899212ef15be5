//! Target groups as ECS uses them.

use std::net::SocketAddr;
use std::sync::Arc;

use chaos_lab_balancer::{TargetState, TargetView};

use serde_json::{Value, json};

use super::World;
use super::names::invalid;
use crate::input::{list, text};
use crate::wire::ApiError;
use crate::{Region, elb};

/// Adds a task to a target group.
///
/// # Errors
/// Where there is no such group.
pub fn register(world: &mut World<'_>, group: &str, address: SocketAddr, zone: &str) -> Result<(), ApiError> {
    elb::register(world.others, group, address, zone)
}

/// Takes a task out of a target group; it drains there.
pub fn deregister(world: &mut World<'_>, group: &str, address: SocketAddr) {
    elb::deregister(world.others, group, address);
}

/// Whether a target is still in its group.
pub fn is_draining(world: &World<'_>, group: &str, address: SocketAddr) -> bool {
    let in_use = |view: &TargetView| view.address == address && view.state != TargetState::Unused;
    views(world, group).iter().any(in_use)
}

/// All targets of a group.
pub fn views(world: &World<'_>, group: &str) -> Vec<TargetView> {
    elb::health(world.others, group)
}

/// Checks that the target groups of a service's request are there, and that a load balancer uses them.
///
/// # Errors
/// `InvalidParameterException`
pub async fn check(region: &Arc<Region>, input: &Value) -> Result<(), ApiError> {
    for group in list(input, "loadBalancers")
        .iter()
        .filter_map(|one| text(one, "targetGroupArn"))
    {
        let asked = json!({ "TargetGroupArns": [group] });
        // boxed, as calls of services may call one another
        let answer = Box::pin(region.call("elasticloadbalancing", "DescribeTargetGroups", &asked)).await;
        let answer =
            answer.map_err(|_| invalid(format!("The specified target group {group} does not exist.")))?;
        if answer.pointer("/TargetGroups/0/LoadBalancerArns/0").is_none() {
            let message = format!(
                "The target group with targetGroupArn {group} does not have an associated load balancer."
            );
            return Err(invalid(message));
        }
    }
    Ok(())
}
