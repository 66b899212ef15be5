//! How much of everything a function gets: executions, time, memory.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::{Aws, answer};

/// Reserves concurrent executions for a function, which is also the most it may have: 0 stops it altogether.
#[derive(Deserialize, JsonSchema)]
pub struct PutFunctionConcurrency {
    /// Name or ARN of the function.
    function_name: String,
    /// How many executions may run at the same time.
    concurrent_executions: i32,
}

impl NativeActivity for PutFunctionConcurrency {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_function_concurrency";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:PutFunctionConcurrency.";
    const IAM: &'static [&'static str] = &["lambda:PutFunctionConcurrency"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        if self.function_name.is_empty() {
            return Err(ActivityError::failed(
                "function_name is empty: you must specify the name of the lambda function to throttle",
            ));
        }
        let request = Aws::of(&context)
            .await?
            .lambda()
            .put_function_concurrency()
            .function_name(&self.function_name)
            .reserved_concurrent_executions(self.concurrent_executions);
        let answer = answer(request.send()).await;
        answer.map_err(|error| {
            ActivityError::failed(format!(
                "could not reserve {} concurrent executions for the lambda function {}: {error}",
                self.concurrent_executions, self.function_name
            ))
        })
    }
}

/// Takes the reservation of concurrent executions away from a function, and the limit with it.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteFunctionConcurrency {
    /// Name or ARN of the function.
    function_name: String,
}

impl NativeActivity for DeleteFunctionConcurrency {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_function_concurrency";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answer of lambda:DeleteFunctionConcurrency, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["lambda:DeleteFunctionConcurrency"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = lambda
            .delete_function_concurrency()
            .function_name(&self.function_name);
        Ok(answer(request.send()).await?)
    }
}

/// Sets the timeout of a function, after which Lambda kills an execution.
#[derive(Deserialize, JsonSchema)]
pub struct PutFunctionTimeout {
    /// Name or ARN of the function.
    function_name: String,
    /// Seconds, 1 to 900.
    timeout: i32,
}

impl NativeActivity for PutFunctionTimeout {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_function_timeout";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:UpdateFunctionConfiguration: the new configuration.";
    const IAM: &'static [&'static str] = &["lambda:UpdateFunctionConfiguration"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = lambda
            .update_function_configuration()
            .function_name(&self.function_name)
            .timeout(self.timeout);
        Ok(answer(request.send()).await?)
    }
}

/// Sets the memory of a function, and with it its share of CPU time.
#[derive(Deserialize, JsonSchema)]
pub struct PutFunctionMemorySize {
    /// Name or ARN of the function.
    function_name: String,
    /// Megabytes, 128 to 10240.
    memory_size: i32,
}

impl NativeActivity for PutFunctionMemorySize {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_function_memory_size";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:UpdateFunctionConfiguration: the new configuration.";
    const IAM: &'static [&'static str] = &["lambda:UpdateFunctionConfiguration"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = lambda
            .update_function_configuration()
            .function_name(&self.function_name)
            .memory_size(self.memory_size);
        Ok(answer(request.send()).await?)
    }
}
