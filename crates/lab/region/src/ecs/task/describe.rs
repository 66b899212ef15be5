//! DescribeTasks and ListTasks.

use serde_json::{Value, json};

use super::super::names::{includes, invalid, last, missing, page};
use super::super::{State, cluster, tags};
use super::{Container, Task};
use crate::Region;
use crate::ecs::capacity::LaunchType;
use crate::input::{text, texts};
use crate::wire::{Answer, time};

pub fn describe(state: &State, region: &Region, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?;
    let names = texts(input, "tasks");
    if names.is_empty() || names.len() > 100 {
        return Err(invalid("tasks must have from 1 to 100 items."));
    }
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        let id = last(&name);
        match state.tasks.get(id).filter(|task| task.cluster == cluster.name) {
            Some(task) => tasks.push(shown(state, region, task, includes(input, "TAGS"))),
            None => failures.push(missing(
                &region.arn("ecs", &format!("task/{}/{id}", cluster.name)),
            )),
        }
    }
    Ok(json!({ "tasks": tasks, "failures": failures }))
}

pub fn list(state: &State, input: &Value) -> Answer {
    let cluster = cluster::active(state, input)?;
    let given = |name: &str| text(input, name);
    if let Some(service) = given("serviceName").map(last) {
        super::super::service::find(state, &cluster.name, service)?;
    }
    let status = given("desiredStatus").unwrap_or("RUNNING");
    if !matches!(status, "RUNNING" | "PENDING" | "STOPPED") {
        return Err(invalid("desiredStatus must be RUNNING, PENDING or STOPPED."));
    }
    let fits = |name: &str, of: Option<&str>| given(name).is_none_or(|wanted| of == Some(last(wanted)));
    let wanted = |task: &&Task| {
        task.cluster == cluster.name
            && desired_status(task) == status
            && fits(
                "serviceName",
                task.service.as_ref().map(|(name, _)| name.as_str()),
            )
            && fits("family", Some(&task.spec.family))
            && fits("launchType", Some(task.launch.word()))
            && fits("containerInstance", task.host.as_deref())
            && fits("startedBy", task.started_by.as_deref())
    };
    page(
        input,
        "taskArns",
        state
            .tasks
            .values()
            .filter(wanted)
            .map(|task| task.arn.clone())
            .collect(),
    )
}

fn desired_status(task: &Task) -> &'static str {
    if task.is_wanted() { "RUNNING" } else { "STOPPED" }
}

/// A task as answers have it.
pub fn shown(state: &State, region: &Region, task: &Task, with_tags: bool) -> Value {
    let moment = |at: Option<f64>| at.map_or(Value::Null, time);
    let times = &task.times;
    let fargate = task.launch == LaunchType::Fargate;
    let host = task.host.as_ref().and_then(|id| state.hosts.get(id));
    json!({
        "taskArn": task.arn,
        "clusterArn": super::super::names::cluster_arn(region, &task.cluster),
        "taskDefinitionArn": task.spec.arn,
        "group": task.group,
        "startedBy": task.started_by,
        "launchType": task.launch.word(),
        "capacityProviderName": task.provider,
        "containerInstanceArn": host.map(|host| &host.arn),
        "availabilityZone": task.zone,
        "lastStatus": task.status.word(),
        "desiredStatus": desired_status(task),
        "healthStatus": "UNKNOWN",
        "connectivity": (!task.is_pending()).then_some("CONNECTED"),
        "cpu": task.spec.cpu.to_string(),
        "memory": task.spec.memory.to_string(),
        "platformVersion": fargate.then_some("1.4.0"),
        "platformFamily": fargate.then_some("Linux"),
        "createdAt": time(times.created),
        "pullStartedAt": moment(times.pull_started),
        "pullStoppedAt": moment(times.pull_stopped),
        "connectivityAt": moment(times.pull_started),
        "startedAt": moment(times.started),
        "stoppingAt": moment(task.stop.as_ref().map(|stop| stop.at)),
        "executionStoppedAt": moment(times.execution_stopped),
        "stoppedAt": moment(times.stopped),
        "stopCode": task.stop.as_ref().map(|stop| stop.code),
        "stoppedReason": task.stop.as_ref().map(|stop| &stop.reason),
        "overrides": overrides(task),
        "attachments": attachments(task),
        "attributes": [{ "name": "ecs.cpu-architecture", "value": "x86_64" }],
        "containers": task.containers.iter().map(|one| container(region, task, one)).collect::<Vec<_>>(),
        "enableExecuteCommand": false,
        "inferenceAccelerators": [],
        "version": task.version,
        "tags": if with_tags { tags::shown(state, &task.arn) } else { json!([]) },
    })
}

fn overrides(task: &Task) -> Value {
    let mut overrides = if task.overrides.is_object() {
        task.overrides.clone()
    } else {
        json!({})
    };
    if overrides.get("containerOverrides").is_none() {
        let names = task.containers.iter().map(|one| json!({ "name": one.name }));
        overrides["containerOverrides"] = names.collect();
    }
    overrides["inferenceAcceleratorOverrides"] = json!([]);
    overrides
}

fn attachments(task: &Task) -> Value {
    if !task.own_address {
        return json!([]);
    }
    let status = if task.status >= super::Status::Deprovisioning {
        "DELETED"
    } else if task.status > super::Status::Provisioning {
        "ATTACHED"
    } else {
        "PRECREATED"
    };
    let detail = |name: &str, value: &str| json!({ "name": name, "value": value });
    json!([{
        "id": task.attachment,
        "type": "ElasticNetworkInterface",
        "status": status,
        "details": [
            detail("subnetId", task.subnet.as_deref().unwrap_or_default()),
            detail("networkInterfaceId", &task.interface),
            detail("privateIPv4Address", &task.address.to_string()),
        ],
    }])
}

fn container(region: &Region, task: &Task, one: &Container) -> Value {
    let arn = region.arn(
        "ecs",
        &format!("container/{}/{}/{}", task.cluster, task.id, one.id),
    );
    let network =
        json!([{ "attachmentId": task.attachment, "privateIpv4Address": task.address.to_string() }]);
    let binding = |(inside, outside): &(u16, u16)| json!({ "bindIP": task.address.to_string(), "containerPort": inside, "hostPort": outside, "protocol": "tcp" });
    let bindings: Vec<Value> = one
        .ports
        .iter()
        .filter(|_| !task.own_address)
        .map(binding)
        .collect();
    json!({
        "containerArn": arn,
        "taskArn": task.arn,
        "name": one.name,
        "image": one.image,
        "runtimeId": one.child().map(|_| &one.runtime),
        "lastStatus": one.status(),
        "exitCode": one.exit_code,
        "reason": one.reason,
        "networkBindings": bindings,
        "networkInterfaces": if task.own_address { network } else { json!([]) },
        "healthStatus": "UNKNOWN",
        "cpu": "0",
    })
}
