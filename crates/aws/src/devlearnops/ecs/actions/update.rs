//! Other environment variables for a service's container.

use aws_sdk_ecs::types::ContainerDefinition;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Map, Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

use super::replacement::Replacement;
use super::{MODULE, wait, yes};
use crate::AwsError;

/// Changes environment variables of a container of an ECS service: registers a new revision of the task definition and
/// deploys it. `restore_services` undoes it. A service can be changed once until then.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateServiceConfiguration {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// The container in the task definition.
    container_name: String,
    /// Names and new values of variables. Only those are changed that the container has; it must have one of them.
    environ: serde_json::Map<String, serde_json::Value>,
    /// Whether to wait until the service is stable again, for at most 30 minutes.
    #[serde(default = "yes")]
    wait_service_stable: bool,
}

impl NativeActivity for UpdateServiceConfiguration {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "update_service_configuration";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The service's ARN.";
    const IAM: &'static [&'static str] = &[
        "dynamodb:CreateTable",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
        "iam:PassRole",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let replacement = Replacement::of(&context, &self.cluster, &self.service).await?;
        let environ = self
            .environ
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let mut containers = replacement.definition.described.container_definitions().to_vec();
        change(&mut containers, &self.container_name, &environ)?;
        let ecs = replacement.ecs.clone();
        let arn = replacement.deploy(containers).await?;
        if self.wait_service_stable {
            wait(&ecs, &self.cluster, &self.service, &context).await?;
        }
        Ok(arn.into())
    }
}

/// Sets the variables that the container has.
fn change(containers: &mut [ContainerDefinition], name: &str, environ: &Map) -> Result<(), AwsError> {
    let known: Vec<String> = containers
        .iter()
        .filter_map(|container| container.name.clone())
        .collect();
    let Some(container) = containers
        .iter_mut()
        .find(|container| container.name() == Some(name))
    else {
        return Err(AwsError::because(format!(
            "the task definition has no container {name}; it has {}",
            known.join(", ")
        )));
    };
    let mut changed = Vec::new();
    for variable in container.environment.iter_mut().flatten() {
        let Some((name, value)) = variable.name().and_then(|name| environ.get_key_value(name)) else {
            continue;
        };
        variable.value = Some(python::text(value));
        changed.push(name);
    }
    let absent: Vec<&str> = environ
        .keys()
        .filter(|name| !changed.contains(name))
        .map(String::as_str)
        .collect();
    if changed.is_empty() {
        let absent = absent.join(", ");
        return Err(AwsError::because(format!(
            "container {name} has no variable of these to change: {absent}"
        )));
    }
    if !absent.is_empty() {
        tracing::warn!(
            "Container {name} has no variable {}: not added",
            absent.join(", ")
        );
    }
    Ok(())
}
