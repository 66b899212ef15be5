//! What a job runs, from its definition and what its submission puts in the definition's place.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::resources::Resource;
use super::retry::Strategy;
use super::{integer, refused};
use crate::input;
use crate::wire::ApiError;

/// What a job runs. Shared by the children of an array job.
pub struct Spec {
    /// As the API describes the job's container.
    pub container: Map<String, Value>,
    pub command: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub vcpus: f64,
    pub retry: Strategy,
    /// How long an attempt may take, in real time.
    pub timeout: Option<Duration>,
    pub parameters: Value,
    pub log_group: String,
    /// The front of the names of its log streams.
    pub log_prefix: String,
}

/// Where the logs of jobs go that say nothing of it.
const LOG_GROUP: &str = "/aws/batch/job";
/// Batch takes no shorter timeout.
const SHORTEST: i64 = 60;

impl Spec {
    /// Puts definition and submission together.
    ///
    /// # Errors
    /// `ClientException` for what Batch does not take.
    pub fn new(definition: &Resource, input: &Value) -> Result<Spec, ApiError> {
        let empty = json!({});
        let overrides = input.get("containerOverrides").unwrap_or(&empty);
        let mut container = definition
            .0
            .get("containerProperties")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let parameters = merged(definition.0.get("parameters"), input.get("parameters"));
        let own = Value::Object(container.clone());
        let command = [overrides, &own]
            .into_iter()
            .map(|one| input::texts(one, "command"))
            .find(|command| !command.is_empty());
        let command: Vec<String> = command
            .unwrap_or_default()
            .into_iter()
            .map(|word| filled(word, &parameters))
            .collect();
        let environment = environment(&own, overrides)?;
        let described: Vec<Value> = environment
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        let requirements = requirements(&own, overrides);
        container.insert("command".to_owned(), json!(command));
        container.insert("environment".to_owned(), described.into());
        container.insert("resourceRequirements".to_owned(), requirements);
        let log = own
            .get("logConfiguration")
            .and_then(|log| log.get("options"))
            .unwrap_or(&empty);
        let prefix =
            input::text(log, "awslogs-stream-prefix").unwrap_or_else(|| definition.text("jobDefinitionName"));
        Ok(Spec {
            vcpus: requirement(&Value::Object(container.clone()), "VCPU").unwrap_or(1.0),
            container,
            command,
            environment,
            retry: Strategy::read(input)?
                .or(Strategy::read(&definition.0)?)
                .unwrap_or_default(),
            timeout: timeout(input)?.or(timeout(&definition.0)?),
            parameters,
            log_group: input::text(log, "awslogs-group").unwrap_or(LOG_GROUP).to_owned(),
            log_prefix: format!("{prefix}/default"),
        })
    }
}

/// `timeout.attemptDurationSeconds`
///
/// # Errors
/// `ClientException` for less than 60.
pub fn timeout(input: &Value) -> Result<Option<Duration>, ApiError> {
    let Some(timeout) = input.get("timeout") else {
        return Ok(None);
    };
    match integer(timeout, "attemptDurationSeconds")? {
        Some(seconds) if seconds < SHORTEST => Err(refused(format!(
            "attemptDurationSeconds is {seconds}; it must be at least {SHORTEST}."
        ))),
        seconds => Ok(seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs)),
    }
}

/// What a container requires of `VCPU` or `MEMORY`, in `resourceRequirements` or as older definitions say it.
pub fn requirement(container: &Value, kind: &str) -> Option<f64> {
    let older = if kind == "VCPU" { "vcpus" } else { "memory" };
    let listed = input::list(container, "resourceRequirements")
        .iter()
        .find(|one| input::text(one, "type") == Some(kind));
    let listed = listed.and_then(|one| input::text(one, "value")?.parse().ok());
    listed.or_else(|| container.get(older)?.as_f64())
}

/// The definition's requirements, with those of the submission in their place.
fn requirements(own: &Value, overrides: &Value) -> Value {
    let given = input::list(overrides, "resourceRequirements");
    let replaced = |one: &&Value| given.iter().any(|other| other.get("type") == one.get("type"));
    let kept = input::list(own, "resourceRequirements")
        .iter()
        .filter(|one| !replaced(one));
    kept.chain(given).cloned().collect()
}

fn environment(own: &Value, overrides: &Value) -> Result<Vec<(String, String)>, ApiError> {
    let mut all = indexmap::IndexMap::new();
    let given = [own, overrides]
        .into_iter()
        .flat_map(|one| input::list(one, "environment"));
    for variable in given {
        let Some(name) = input::text(variable, "name") else {
            continue;
        };
        if name.starts_with("AWS_BATCH") {
            return Err(refused(format!(
                "The environment variable {name} cannot be set: names that begin with AWS_BATCH are Batch's own."
            )));
        }
        if name.contains(['=', '\0']) {
            return Err(refused(format!(
                "{name:?} is no name for an environment variable."
            )));
        }
        all.insert(
            name.to_owned(),
            input::text(variable, "value")
                .unwrap_or_default()
                .replace('\0', ""),
        );
    }
    Ok(all.into_iter().collect())
}

fn merged(first: Option<&Value>, second: Option<&Value>) -> Value {
    let both = [first, second]
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flatten();
    Value::Object(both.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// `Ref::name` is the parameter of that name.
fn filled(word: String, parameters: &Value) -> String {
    let parameter = word
        .strip_prefix("Ref::")
        .and_then(|name| input::text(parameters, name));
    parameter.map_or_else(|| word.clone(), str::to_owned)
}
