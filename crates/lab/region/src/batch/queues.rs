//! Job queues.

use serde_json::{Value, json};

use super::resources::{self, Resource, bare};
use super::{State, environments, integer, new_name, refused, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// CreateJobQueue
pub fn create(region: &Region, input: &Value) -> Answer {
    let name = new_name(input, "jobQueueName")?;
    let priority = integer(input, "priority")?.ok_or_else(|| refused("priority must be provided."))?;
    let state = resources::state(input)?;
    let mut all = region.state();
    if all.batch.queues.contains_key(name) {
        return Err(refused("Object already exists"));
    }
    let order = order(&mut all.batch, input)?;
    if order.is_empty() {
        return Err(refused(
            "computeEnvironmentOrder must name at least one compute environment.",
        ));
    }
    let arn = region.arn("batch", &format!("job-queue/{name}"));
    let more = json!({
        "jobQueueArn": arn,
        "state": state,
        "status": "VALID",
        "statusReason": "JobQueue Healthy",
        "priority": priority,
        "computeEnvironmentOrder": order,
    });
    all.batch
        .queues
        .insert(name.to_owned(), Resource::new(input, more));
    Ok(json!({ "jobQueueName": name, "jobQueueArn": arn }))
}

/// The environments of a queue with their ARNs, in their order.
fn order(state: &mut State, input: &Value) -> Result<Vec<Value>, ApiError> {
    let mut order = Vec::new();
    for entry in input::list(input, "computeEnvironmentOrder") {
        let environment = environments::find(state, required(entry, "computeEnvironment")?)?;
        let number = integer(entry, "order")?.unwrap_or_default();
        order.push(
            json!({ "order": number, "computeEnvironment": environment.text("computeEnvironmentArn") }),
        );
    }
    order.sort_by_key(|entry| entry.get("order").and_then(Value::as_i64));
    Ok(order)
}

/// DescribeJobQueues
pub fn describe(region: &Region, input: &Value) -> Answer {
    resources::page(&region.state().batch.queues, input, "jobQueues", "jobQueues")
}

/// UpdateJobQueue
pub fn update(region: &Region, input: &Value) -> Answer {
    let asked = required(input, "jobQueue")?;
    resources::state(input)?;
    let mut state = region.state();
    let order = order(&mut state.batch, input)?;
    let queue = find(&mut state.batch, asked)?;
    let mut given = input.clone();
    if let Some(members) = given.as_object_mut().filter(|_| !order.is_empty()) {
        members.insert("computeEnvironmentOrder".to_owned(), order.into());
    }
    queue.update(&given, "jobQueue");
    Ok(json!({ "jobQueueName": queue.text("jobQueueName"), "jobQueueArn": queue.text("jobQueueArn") }))
}

/// DeleteJobQueue
pub fn delete(region: &Region, input: &Value) -> Answer {
    let asked = required(input, "jobQueue")?;
    let mut state = region.state();
    if find(&mut state.batch, asked)?.is_enabled() {
        return Err(refused("Cannot delete, state must be DISABLED"));
    }
    state.batch.queues.remove(bare(asked));
    super::ending::end_all_of(&mut state.batch, bare(asked));
    Ok(json!({}))
}

/// The queue of that name or ARN.
pub fn find<'a>(state: &'a mut State, asked: &str) -> Result<&'a mut Resource, ApiError> {
    let missing = || refused(format!("Job queue {asked} does not exist."));
    state.queues.get_mut(bare(asked)).ok_or_else(missing)
}
