//! Starting a service's tasks.

use super::super::service::{Service, ServiceStatus, key};
use super::super::task::{Order, Task};
use super::super::{State, World, tags};
use super::{View, Wanted, place};
use crate::name;

/// Starts what is missing, as far as there is room beside what is to be replaced.
pub fn start(service: &mut Service, state: &mut State, world: &mut World<'_>, view: &View) {
    let missing = service.desired.saturating_sub(view.keep.len());
    // what was stopped in this look is counted still: its room is for the next one
    let most = if view.leave.is_empty() {
        service.desired
    } else {
        service.rollout.maximum(service.desired)
    };
    let count = missing.min(most.saturating_sub(view.total()));
    if count == 0 || service.status != ServiceStatus::Active || world.now < service.not_before {
        return;
    }
    let mut started = Vec::new();
    for _ in 0..count {
        match one(service, state, world) {
            Ok(id) => started.push(format!("(task {id})")),
            Err(message) => {
                service.say_once(&message, world.now);
                break;
            }
        }
    }
    if !started.is_empty() {
        service.steady = false;
        service.say(
            format!("has started {} tasks: {}.", started.len(), started.join(" ")),
            world.now,
        );
    }
}

fn one(service: &Service, state: &mut State, world: &mut World<'_>) -> Result<String, String> {
    let deployment = service.deployments.first().ok_or("has no deployment.")?;
    let group = format!("service:{}", service.name);
    let wanted = Wanted {
        cluster: &service.cluster,
        group: &group,
        spec: &deployment.spec,
        capacity: &deployment.capacity,
        subnets: &deployment.subnets,
        strategy: &service.strategy,
        constraints: &service.constraints,
    };
    let place = place(state, world, &wanted).map_err(|obstacle| obstacle.event())?;
    let id = name::hex(32);
    let order = Order {
        arn: world.region.arn("ecs", &format!("task/{}/{id}", service.cluster)),
        id: id.clone(),
        cluster: service.cluster.clone(),
        service: Some((service.name.clone(), deployment.id.clone())),
        group,
        started_by: Some(deployment.id.clone()),
        spec: deployment.spec.clone(),
        overrides: serde_json::Value::Null,
    };
    let task = Task::new(order, place, world.now);
    propagate(service, state, &task);
    state.tasks.insert(id.clone(), task);
    Ok(id)
}

fn propagate(service: &Service, state: &mut State, task: &Task) {
    let from = match service
        .other
        .get("propagateTags")
        .and_then(serde_json::Value::as_str)
    {
        Some("SERVICE") => &service.arn,
        Some("TASK_DEFINITION") => &task.spec.arn,
        _ => return,
    };
    let shown = serde_json::json!({ "tags": tags::shown(state, from) });
    tags::keep(state, &task.arn, &shown);
}

/// Says that targets were registered.
pub fn registered(world: &mut World<'_>, task: &Task, group: &str) {
    if let Some((service, _)) = &task.service {
        let message = format!("registered 1 targets in (target-group {group})");
        world.notes.push((key(&task.cluster, service), message));
    }
}
