//! Job definitions and their revisions.

use serde_json::{Value, json};

use super::resources::{self, Resource, bare};
use super::{State, new_name, refused, required, retry, spec};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// RegisterJobDefinition
pub fn register(region: &Region, input: &Value) -> Answer {
    let name = new_name(input, "jobDefinitionName")?;
    if !required(input, "type")?.eq_ignore_ascii_case("container") {
        return Err(refused("chaos-lab runs job definitions of type container only."));
    }
    let container = input
        .get("containerProperties")
        .ok_or_else(|| refused("containerProperties must be provided."))?;
    required(container, "image")?;
    if spec::requirement(container, "VCPU").is_none() || spec::requirement(container, "MEMORY").is_none() {
        return Err(refused(
            "Container properties should specify VCPU and MEMORY in resourceRequirements.",
        ));
    }
    retry::Strategy::read(input)?;
    spec::timeout(input)?;
    let mut state = region.state();
    let revisions = state.batch.definitions.entry(name.to_owned()).or_default();
    let revision = revisions.len() + 1;
    let arn = region.arn("batch", &format!("job-definition/{name}:{revision}"));
    let more = json!({ "jobDefinitionArn": arn, "revision": revision, "status": "ACTIVE", "containerOrchestrationType": "ECS" });
    revisions.push(Resource::new(input, more));
    Ok(json!({ "jobDefinitionName": name, "jobDefinitionArn": arn, "revision": revision }))
}

/// DeregisterJobDefinition
pub fn deregister(region: &Region, input: &Value) -> Answer {
    let asked = required(input, "jobDefinition")?;
    let mut state = region.state();
    find(&mut state.batch, asked)?.update(&json!({ "status": "INACTIVE" }), "");
    Ok(json!({}))
}

/// DescribeJobDefinitions
pub fn describe(region: &Region, input: &Value) -> Answer {
    let asked = input::texts(input, "jobDefinitions");
    let name = input::text(input, "jobDefinitionName");
    let status = input::text(input, "status");
    let wanted = |one: &&Resource| {
        let full = bare(one.text("jobDefinitionArn"));
        name.is_none_or(|name| name == one.text("jobDefinitionName"))
            && status.is_none_or(|status| status == one.text("status"))
            && (asked.is_empty()
                || asked
                    .iter()
                    .any(|asked| bare(asked) == full || bare(asked) == one.text("jobDefinitionName")))
    };
    let state = region.state();
    let all = state.batch.definitions.values().flatten().filter(wanted);
    let named = all.map(|one| {
        let revision = one.0.get("revision").and_then(Value::as_u64).unwrap_or_default();
        (
            format!("{}:{revision:08}", one.text("jobDefinitionName")),
            one.0.clone(),
        )
    });
    resources::pages(named, input, "jobDefinitions")
}

/// The active definition of a name (its latest), a name and revision (`name:3`), or an ARN.
///
/// # Errors
/// `ClientException`
pub fn find<'a>(state: &'a mut State, asked: &str) -> Result<&'a mut Resource, ApiError> {
    let missing = || refused(format!("Job definition {asked} does not exist or is not active."));
    let (name, revision) = match bare(asked).split_once(':') {
        Some((name, revision)) => (name, Some(revision.parse::<u64>().map_err(|_| missing())?)),
        None => (bare(asked), None),
    };
    let revisions = state.definitions.get_mut(name).ok_or_else(missing)?;
    let wanted = |one: &&mut Resource| {
        one.text("status") == "ACTIVE"
            && revision.is_none_or(|revision| one.0.get("revision").and_then(Value::as_u64) == Some(revision))
    };
    revisions.iter_mut().rev().find(wanted).ok_or_else(missing)
}
