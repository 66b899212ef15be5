//! Operations on task definitions.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::names::{includes, invalid, last, needed, page, refused};
use super::super::{State, tags};
use super::check::check;
use super::spec::{ContainerSpec, Spec, completed, cpu_units, mebibytes, sum};
use super::{Definition, DefinitionStatus, parts};
use crate::input::{list as items, text, texts};
use crate::wire::Answer;
use crate::{Region, now};

/// Members of the request that a task definition keeps as they are.
const KEPT: [&str; 14] = [
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
];

pub fn register(state: &mut State, region: &Region, input: &Value) -> Answer {
    check(input)?;
    let name = text(input, "family").unwrap_or_default();
    let family = state.definitions.families.entry(name.to_owned()).or_default();
    family.last += 1;
    let spec = spec(region, input, family.last);
    let arn = spec.arn.clone();
    let definition = Definition {
        spec: Arc::new(spec),
        status: DefinitionStatus::Active,
        deregistered: None,
        delete_requested: None,
    };
    let shown = definition.shown();
    family.revisions.push(definition);
    tags::keep(state, &arn, input);
    Ok(json!({ "taskDefinition": shown, "tags": tags::shown(state, &arn) }))
}

fn spec(region: &Region, input: &Value, revision: u32) -> Spec {
    let family = text(input, "family").unwrap_or_default().to_owned();
    let awsvpc = text(input, "networkMode") == Some("awsvpc");
    let given = items(input, "containerDefinitions");
    let containers: Vec<Value> = given
        .iter()
        .map(|container| completed(container.clone(), awsvpc))
        .collect();
    let cpu = text(input, "cpu")
        .and_then(cpu_units)
        .unwrap_or_else(|| sum(&containers, &["cpu"]));
    let memory = text(input, "memory").and_then(mebibytes);
    Spec {
        arn: region.arn("ecs", &format!("task-definition/{family}:{revision}")),
        revision,
        registered: now(),
        containers: containers.iter().map(ContainerSpec::of).collect(),
        cpu,
        memory: memory.unwrap_or_else(|| sum(&containers, &["memory", "memoryReservation"])),
        awsvpc,
        body: body(input, containers, awsvpc),
        family,
    }
}

fn body(input: &Value, containers: Vec<Value>, awsvpc: bool) -> Value {
    let mut body = Map::new();
    for name in KEPT {
        if let Some(value) = input.get(name).filter(|value| !value.is_null()) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    let compatible: &[&str] = if awsvpc { &["EC2", "FARGATE"] } else { &["EC2"] };
    body.insert("containerDefinitions".to_owned(), Value::Array(containers));
    body.insert(
        "volumes".to_owned(),
        Value::Array(items(input, "volumes").to_vec()),
    );
    body.insert("compatibilities".to_owned(), json!(compatible));
    body.entry("placementConstraints").or_insert_with(|| json!([]));
    Value::Object(body)
}

pub fn describe(state: &State, input: &Value) -> Answer {
    let name = needed(input, "taskDefinition")?;
    let found = state
        .definitions
        .get(name)
        .ok_or_else(|| refused("Unable to describe task definition."))?;
    let tags = includes(input, "TAGS").then(|| tags::shown(state, &found.spec.arn));
    Ok(json!({ "taskDefinition": found.shown(), "tags": tags }))
}

pub fn deregister(state: &mut State, input: &Value) -> Answer {
    let name = needed(input, "taskDefinition")?;
    if parts(name).1.is_none() {
        return Err(refused("Task definition must be given with its revision."));
    }
    let unable = || refused("The specified task definition does not exist.");
    let found = state.definitions.get_mut(name).ok_or_else(unable)?;
    if found.status == DefinitionStatus::Active {
        found.status = DefinitionStatus::Inactive;
        found.deregistered = Some(now());
    }
    Ok(json!({ "taskDefinition": found.shown() }))
}

pub fn delete(state: &mut State, input: &Value) -> Answer {
    let names = texts(input, "taskDefinitions");
    if names.is_empty() || names.len() > 10 {
        return Err(invalid("taskDefinitions must have from 1 to 10 items."));
    }
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match state.definitions.get_mut(&name) {
            None => failures.push(json!({ "arn": name, "reason": "The specified task definition does not exist." })),
            Some(found) if found.status == DefinitionStatus::Active => failures.push(json!({
                "arn": found.spec.arn,
                "reason": "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
            })),
            Some(found) => {
                found.status = DefinitionStatus::DeleteInProgress;
                found.delete_requested.get_or_insert_with(now);
                deleted.push(found.shown());
            }
        }
    }
    Ok(json!({ "taskDefinitions": deleted, "failures": failures }))
}

pub fn list(state: &State, input: &Value) -> Answer {
    let status = text(input, "status").unwrap_or("ACTIVE");
    let family = text(input, "familyPrefix");
    let families = state
        .definitions
        .families
        .iter()
        .filter(|(name, _)| family.is_none_or(|family| family == *name));
    let revisions = families
        .flat_map(|(_, family)| &family.revisions)
        .filter(|one| one.status.word() == status);
    let mut arns: Vec<String> = revisions.map(|one| one.spec.arn.clone()).collect();
    if text(input, "sort") == Some("DESC") {
        arns.reverse();
    }
    page(input, "taskDefinitionArns", arns)
}

pub fn families(state: &State, input: &Value) -> Answer {
    let status = text(input, "status").unwrap_or("ACTIVE");
    let prefix = text(input, "familyPrefix").map(last).unwrap_or_default();
    let active = |family: &super::Family| {
        family
            .revisions
            .iter()
            .any(|one| one.status == DefinitionStatus::Active)
    };
    let wanted = |family: &super::Family| match status {
        "ACTIVE" => active(family),
        "INACTIVE" => !active(family),
        _ => true,
    };
    let families = state
        .definitions
        .families
        .iter()
        .filter(|(name, family)| name.starts_with(prefix) && wanted(family));
    page(
        input,
        "families",
        families.map(|(name, _)| name.clone()).collect(),
    )
}
