//! What Lambda can be asked (`chaosaws.awslambda.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::configuration;
use crate::AwsError;
use crate::client::{Aws, answer};

const MODULE: &str = "chaosaws.awslambda.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<GetFunctionConcurrency>()
        .with::<GetFunctionTimeout>()
        .with::<GetFunctionMemorySize>()
        .with::<ListEventSourceMapping>()
}

/// Reads how many concurrent executions are reserved for a function.
///
/// Fails when none are reserved.
#[derive(Deserialize, JsonSchema)]
pub struct GetFunctionConcurrency {
    /// Name or ARN of the function.
    function_name: String,
}

impl NativeActivity for GetFunctionConcurrency {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_function_concurrency";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The reserved concurrent executions, a whole number.";
    const IAM: &'static [&'static str] = &["lambda:GetFunctionConcurrency"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = lambda
            .get_function_concurrency()
            .function_name(&self.function_name);
        let answer = answer(request.send()).await?;
        let reserved = answer.get("ReservedConcurrentExecutions").cloned();
        Ok(reserved.ok_or_else(|| {
            AwsError::because(format!(
                "no concurrent executions are reserved for the function {}",
                self.function_name
            ))
        })?)
    }
}

/// Reads the timeout of a function.
#[derive(Deserialize, JsonSchema)]
pub struct GetFunctionTimeout {
    /// Name or ARN of the function.
    function_name: String,
    /// Version or alias; the unpublished version when absent.
    #[serde(default)]
    qualifier: Option<String>,
}

impl NativeActivity for GetFunctionTimeout {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_function_timeout";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The timeout in seconds, a whole number.";
    const IAM: &'static [&'static str] = &["lambda:GetFunctionConfiguration"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        member(&context, &self.function_name, self.qualifier, "Timeout").await
    }
}

/// Reads the memory size of a function.
#[derive(Deserialize, JsonSchema)]
pub struct GetFunctionMemorySize {
    /// Name or ARN of the function.
    function_name: String,
    /// Version or alias; the unpublished version when absent.
    #[serde(default)]
    qualifier: Option<String>,
}

impl NativeActivity for GetFunctionMemorySize {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_function_memory_size";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The memory in megabytes, a whole number.";
    const IAM: &'static [&'static str] = &["lambda:GetFunctionConfiguration"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        member(&context, &self.function_name, self.qualifier, "MemorySize").await
    }
}

/// One member of a function's configuration.
async fn member(
    context: &Context,
    function: &str,
    qualifier: Option<String>,
    name: &str,
) -> Result<Value, ActivityError> {
    let lambda = Aws::of(context).await?.lambda();
    let answer = configuration::read(&lambda, function, qualifier).await?;
    let value = answer.get(name).cloned();
    Ok(value.ok_or_else(|| {
        AwsError::because(format!("AWS's answer for the function {function} has no {name}"))
    })?)
}

/// Lists what feeds a function with events: queues, streams and the like.
///
/// Needs `source_arn`, `function_name` or both, and reads the first page of the listing (up to 100 mappings).
#[derive(Deserialize, JsonSchema)]
pub struct ListEventSourceMapping {
    /// ARN of the event source.
    #[serde(default)]
    source_arn: Option<String>,
    /// Name or ARN of the function.
    #[serde(default)]
    function_name: Option<String>,
}

impl NativeActivity for ListEventSourceMapping {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "list_event_source_mapping";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of lambda:ListEventSourceMappings.";
    const IAM: &'static [&'static str] = &["lambda:ListEventSourceMappings"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let source = self.source_arn.filter(|arn| !arn.is_empty());
        let function = self.function_name.filter(|name| !name.is_empty());
        if source.is_none() && function.is_none() {
            return Err(ActivityError::failed(
                "which mappings to list is not said: give source_arn, function_name or both",
            ));
        }
        let request = Aws::of(&context)
            .await?
            .lambda()
            .list_event_source_mappings()
            .set_event_source_arn(source)
            .set_function_name(function);
        Ok(answer(request.send()).await?)
    }
}
