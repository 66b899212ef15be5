//! Tags of all that Batch has.

use serde_json::{Map, Value, json};

use super::resources::bare;
use super::{State, definitions, environments, queues, refused, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

fn find<'a>(state: &'a mut State, input: &Value) -> Result<&'a mut Map<String, Value>, ApiError> {
    let arn = required(input, "resourceArn")?;
    let unknown = || refused(format!("There is no resource {arn}."));
    let kind = arn
        .rsplit(':')
        .find_map(|part| part.split_once('/'))
        .map(|(kind, _)| kind)
        .unwrap_or_default();
    match kind {
        "job" => state.jobs.get_mut(bare(arn)).map(|job| &mut job.tags),
        "job-queue" => queues::find(state, arn)?.tags(),
        "job-definition" => definitions::find(state, arn)?.tags(),
        "compute-environment" => environments::find(state, arn)?.tags(),
        _ => None,
    }
    .ok_or_else(unknown)
}

/// TagResource
pub fn add(region: &Region, input: &Value) -> Answer {
    let tags = input
        .get("tags")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    find(&mut region.state().batch, input)?.extend(tags);
    Ok(json!({}))
}

/// UntagResource
pub fn remove(region: &Region, input: &Value) -> Answer {
    let keys = input::texts(input, "tagKeys");
    let mut state = region.state();
    let tags = find(&mut state.batch, input)?;
    for key in keys {
        tags.remove(&key);
    }
    Ok(json!({}))
}

/// ListTagsForResource
pub fn list(region: &Region, input: &Value) -> Answer {
    Ok(json!({ "tags": find(&mut region.state().batch, input)? }))
}
