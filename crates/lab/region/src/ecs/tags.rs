//! Tags of clusters, services, tasks, task definitions and container instances.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::State;
use super::names::{invalid, last, needed};
use crate::input::{list, text, texts};
use crate::wire::{Answer, ApiError};

/// Tags by the ARN of what they are on.
pub type Tags = IndexMap<String, IndexMap<String, String>>;

/// Tags as answers have them; an empty list where there are none.
pub fn shown(state: &State, arn: &str) -> Value {
    let tags = state.tags.get(arn).into_iter().flatten();
    tags.map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// Puts the tags of a request on a new resource.
pub fn keep(state: &mut State, arn: &str, input: &Value) {
    for tag in list(input, "tags") {
        if let Some(key) = text(tag, "key") {
            let value = tag.get("value").and_then(Value::as_str).unwrap_or_default();
            state
                .tags
                .entry(arn.to_owned())
                .or_default()
                .insert(key.to_owned(), value.to_owned());
        }
    }
}

pub fn tag(state: &mut State, input: &Value) -> Answer {
    let arn = target(state, input)?;
    keep(state, &arn, input);
    Ok(json!({}))
}

pub fn untag(state: &mut State, input: &Value) -> Answer {
    let arn = target(state, input)?;
    if let Some(tags) = state.tags.get_mut(&arn) {
        for key in texts(input, "tagKeys") {
            tags.shift_remove(&key);
        }
    }
    Ok(json!({}))
}

pub fn list_for(state: &State, input: &Value) -> Answer {
    let arn = target(state, input)?;
    Ok(json!({ "tags": shown(state, &arn) }))
}

/// The ARN of the request, if there is something of that ARN.
fn target(state: &State, input: &Value) -> Result<String, ApiError> {
    let arn = needed(input, "resourceArn")?;
    let Some((_, resource)) = arn.split_once("ecs:").filter(|_| arn.starts_with("arn:")) else {
        return Err(invalid("Invalid resource ARN."));
    };
    let kind = resource
        .rsplit(':')
        .find_map(|part| part.split_once('/'))
        .map(|(kind, _)| kind);
    let id = last(arn);
    let known = match kind.unwrap_or_default() {
        "cluster" => state.clusters.contains_key(id),
        "service" => state.services.values().any(|service| service.arn == arn),
        "task" => state.tasks.contains_key(id),
        "container-instance" => state.hosts.contains_key(id),
        "capacity-provider" => state.providers.contains_key(id),
        "task-definition" => state.definitions.get(id).is_some(),
        _ => return Err(invalid("Invalid resource ARN.")),
    };
    match known {
        true => Ok(arn.to_owned()),
        false => Err(invalid("The specified resource was not found.")),
    }
}
