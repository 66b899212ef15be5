//! DescribeServices and ListServices.

use serde_json::{Value, json};

use super::super::names::{cluster_arn, includes, invalid, last, missing, page};
use super::super::{State, cluster, tags};
use super::{Balancer, Deployment, Service, key};
use crate::Region;
use crate::ecs::task::Task;
use crate::input::{text, texts};
use crate::wire::{Answer, time};

pub fn describe(state: &State, region: &Region, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?;
    let names = texts(input, "services");
    if names.is_empty() || names.len() > 10 {
        return Err(invalid("services must have from 1 to 10 items."));
    }
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        let name = last(&name);
        match state.services.get(&key(&cluster.name, name)) {
            Some(service) => services.push(shown(state, region, service, includes(input, "TAGS"))),
            None => failures.push(missing(
                &region.arn("ecs", &format!("service/{}/{name}", cluster.name)),
            )),
        }
    }
    Ok(json!({ "services": services, "failures": failures }))
}

pub fn list(state: &State, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?;
    let launch = text(input, "launchType");
    let wanted = |service: &&Service| {
        let of = service
            .deployments
            .first()
            .and_then(|one| one.capacity.launch)
            .map(|one| one.word());
        service.cluster == cluster.name
            && !service.is_inactive()
            && launch.is_none_or(|launch| of == Some(launch))
    };
    page(
        input,
        "serviceArns",
        state
            .services
            .values()
            .filter(wanted)
            .map(|service| service.arn.clone())
            .collect(),
    )
}

/// How many tasks run, and how many are about to.
fn counts<'a>(tasks: impl Iterator<Item = &'a Task>) -> (usize, usize) {
    tasks.fold((0, 0), |(running, pending), task| {
        (
            running + usize::from(task.is_running()),
            pending + usize::from(task.is_pending() && task.is_wanted()),
        )
    })
}

/// A service as answers have it.
pub fn shown(state: &State, region: &Region, service: &Service, with_tags: bool) -> Value {
    let tasks = || {
        state
            .tasks
            .values()
            .filter(|task| task.is_of(&service.cluster, &service.name))
    };
    let (running, pending) = counts(tasks());
    let primary = service.deployments.first();
    let events = service.events.iter();
    let events: Vec<Value> = events
        .map(|one| json!({ "id": one.id, "createdAt": time(one.at), "message": one.message }))
        .collect();
    let deployments = service
        .deployments
        .iter()
        .enumerate()
        .map(|(number, one)| deployment(state, service, number, one));
    let mut shown = json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": cluster_arn(region, &service.cluster),
        "status": service.status.word(),
        "desiredCount": service.desired,
        "runningCount": running,
        "pendingCount": pending,
        "loadBalancers": primary.map(|one| balancers(&one.balancers)),
        "taskDefinition": primary.map(|one| &one.spec.arn),
        "networkConfiguration": primary.map(|one| one.network.clone()).filter(Value::is_object),
        "deploymentConfiguration": service.rollout.shown(),
        "deployments": deployments.collect::<Vec<_>>(),
        "events": events,
        "createdAt": time(service.created),
        "placementStrategy": service.strategy,
        "placementConstraints": service.constraints,
        "healthCheckGracePeriodSeconds": service.grace,
        "tags": if with_tags { tags::shown(state, &service.arn) } else { json!([]) },
    });
    extend(&mut shown, service.other.clone());
    if let Some(one) = primary {
        extend(&mut shown, capacity(one));
    }
    shown
}

fn extend(shown: &mut Value, more: Value) {
    if let (Value::Object(shown), Value::Object(more)) = (shown, more) {
        shown.extend(more);
    }
}

fn balancers(balancers: &[Balancer]) -> Value {
    let one = |one: &Balancer| json!({ "targetGroupArn": one.group, "containerName": one.container, "containerPort": one.port });
    balancers.iter().map(one).collect()
}

fn capacity(deployment: &Deployment) -> Value {
    let capacity = &deployment.capacity;
    let fargate = capacity.is_fargate();
    json!({
        "launchType": capacity.launch.map(|launch| launch.word()),
        "capacityProviderStrategy": (!capacity.strategy.is_empty()).then(|| capacity.strategy.shown()),
        "platformVersion": fargate.then_some("LATEST"),
        "platformFamily": fargate.then_some("Linux"),
    })
}

fn deployment(state: &State, service: &Service, number: usize, one: &Deployment) -> Value {
    let of = |task: &&Task| {
        task.is_of(&service.cluster, &service.name)
            && task.service.as_ref().is_some_and(|(_, id)| *id == one.id)
    };
    let (running, pending) = counts(state.tasks.values().filter(of));
    let wanted = state
        .tasks
        .values()
        .filter(of)
        .filter(|task| task.is_wanted())
        .count();
    let mut shown = json!({
        "id": one.id,
        "status": if number == 0 { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": one.spec.arn,
        "desiredCount": if number == 0 { service.desired } else { wanted },
        "runningCount": running,
        "pendingCount": pending,
        "failedTasks": one.failed,
        "createdAt": time(one.created),
        "updatedAt": time(one.updated),
        "networkConfiguration": Some(&one.network).filter(|network| network.is_object()),
        "rolloutState": one.rollout.word(),
        "rolloutStateReason": one.reason,
    });
    extend(&mut shown, capacity(one));
    shown
}
