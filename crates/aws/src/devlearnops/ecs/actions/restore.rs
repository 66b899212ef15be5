//! The way back to the task definitions that services had.

use aws_sdk_ecs::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::definition::remove;
use super::replacement::{STATE_TYPE, ServiceState, give};
use super::{MODULE, wait, yes};
use crate::AwsError;
use crate::az::ecs::describe;
use crate::az::{FailAz, State};
use crate::devlearnops::az::NAMESPACE;

/// Gives all ECS services that `install_container_hog` or `update_service_configuration` has changed their task
/// definitions back, and deletes those that replaced them. One service that cannot be restored does not keep the others
/// from it; the activity fails at the end then, and can be repeated.
#[derive(Deserialize, JsonSchema)]
pub struct RestoreServices {
    /// Whether to wait until each service is stable again, for at most 30 minutes.
    #[serde(default = "yes")]
    wait_service_stable: bool,
}

impl NativeActivity for RestoreServices {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "restore_services";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The ARNs of the services.";
    const IAM: &'static [&'static str] = &[
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ecs:DeleteTaskDefinitions",
        "ecs:DeregisterTaskDefinition",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:UpdateService",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let az = FailAz::of(&context, None).await?;
        let states = az.states(NAMESPACE, Some(STATE_TYPE), None).await?;
        if states.is_empty() {
            return Err(
                AwsError::because("no service has been changed, so there is nothing to restore").into(),
            );
        }
        let ecs = az.aws.ecs();
        let (mut restored, mut left) = (Vec::new(), Vec::new());
        for item in &states {
            let wait = self.wait_service_stable.then_some(&context);
            match restore(&ecs, &az, item, wait).await {
                Ok(arn) => restored.push(arn),
                Err(error) => left.push(format!("{} ({error})", item.key)),
            }
        }
        if left.is_empty() {
            return Ok(restored.into());
        }
        Err(AwsError::because(format!(
            "{} of {} services could not be restored, all others are: {}. Restore again once the reasons are gone; a \
             state that is of no use any more is removed with `chaos fail-az state-delete --ns {NAMESPACE} --type \
             {STATE_TYPE}`",
            left.len(),
            states.len(),
            left.join("; ")
        ))
        .into())
    }
}

/// Restores one service; waits for it when there is a context.
async fn restore(
    ecs: &Client,
    az: &FailAz,
    item: &State,
    context: Option<&Context>,
) -> Result<String, AwsError> {
    let mut state: ServiceState = serde_json::from_slice(&item.state)
        .map_err(|error| AwsError::because(format!("its state cannot be read: {error}")))?;
    let (cluster, service) = (state.cluster_name.clone(), state.service_name.clone());
    let current = describe(ecs, &cluster, &service).await?.task_definition;
    let current = current.ok_or_else(|| AwsError::because("it has no task definition any more"))?;
    let original = state
        .task_definition_arn
        .clone()
        .unwrap_or_else(|| current.clone());
    if state.replacement_arn.is_none() && current != original {
        // remembered, because the service does not say it any more once it is on its way back
        state.replacement_arn = Some(current);
        az.store
            .replace(&State {
                state: state.to_item()?.state,
                ..item.clone()
            })
            .await?;
    }
    tracing::info!("ECS service {service} is given back {original}");
    let arn = give(ecs, &cluster, &service, &original).await?;
    if let Some(context) = context {
        wait(ecs, &cluster, &service, context).await?;
    }
    if let Some(replacement) = state
        .replacement_arn
        .filter(|replacement| *replacement != original)
    {
        remove(ecs, &replacement).await?;
    }
    az.store.remove(item).await?;
    Ok(arn)
}
