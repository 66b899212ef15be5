//! Which instances a command or a filter means.

use serde_json::Value;

use crate::State;
use crate::ec2::Instance;
use crate::input::{list, text, texts};
use crate::wire::ApiError;

/// Whether an instance fits a key (`InstanceIds`, `tag-key`, `tag:KEY`) and one of the values; nothing for other keys.
pub fn fits(instance: &Instance, key: &str, values: &[String]) -> Option<bool> {
    let has = |value: &String| values.contains(value);
    match key {
        "InstanceIds" | "instanceids" => Some(has(&instance.id)),
        "tag-key" => Some(instance.tags.keys().any(has)),
        _ => key
            .strip_prefix("tag:")
            .map(|key| instance.tags.get(key).is_some_and(has)),
    }
}

/// Whether an instance is registered with Systems Manager, as opposed to whether its agent answers now.
pub fn is_managed(instance: &Instance) -> bool {
    instance.registered.is_some() && !instance.state.is_ending()
}

/// The instances that `InstanceIds` or `Targets` of a command mean.
///
/// # Errors
/// `InvalidInstanceId` for an id that is not managed, `InvalidTarget` for keys that there are not, `ValidationException` for both or none.
pub fn chosen(state: &State, input: &Value) -> Result<Vec<String>, ApiError> {
    let ids = texts(input, "InstanceIds");
    let targets = list(input, "Targets");
    if ids.is_empty() == targets.is_empty() {
        return Err(ApiError::new(
            "ValidationException",
            "A command needs either InstanceIds or Targets.",
        ));
    }
    if !ids.is_empty() {
        return named(state, ids);
    }
    let mut keys = targets
        .iter()
        .map(|target| text(target, "Key").unwrap_or_default());
    if let Some(key) = keys.find(|key| *key != "InstanceIds" && *key != "tag-key" && !key.starts_with("tag:"))
    {
        let message =
            format!("The lab does not know the target key {key}: use InstanceIds, tag-key or tag:KEY.");
        return Err(ApiError::new("InvalidTarget", message));
    }
    let fits_all = |instance: &&Instance| {
        is_managed(instance)
            && targets.iter().all(|target| {
                fits(
                    instance,
                    text(target, "Key").unwrap_or_default(),
                    &texts(target, "Values"),
                )
                .unwrap_or_default()
            })
    };
    Ok(state
        .ec2
        .instances()
        .filter(fits_all)
        .map(|instance| instance.id.clone())
        .collect())
}

fn named(state: &State, ids: Vec<String>) -> Result<Vec<String>, ApiError> {
    let is_online = |id: &&String| {
        state
            .ec2
            .instance(id)
            .is_some_and(|instance| is_managed(instance) && instance.online)
    };
    let wrong: Vec<&str> = ids
        .iter()
        .filter(|id| !is_online(id))
        .map(String::as_str)
        .collect();
    if wrong.is_empty() {
        return Ok(ids);
    }
    let message = format!(
        "Instances [[{}]] not in a valid state for account",
        wrong.join(", ")
    );
    Err(ApiError::new("InvalidInstanceId", message))
}
