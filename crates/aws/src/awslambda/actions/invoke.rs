//! Calling a function, once.
//!
//! A function may run for 15 minutes and only then answer, so the answer is awaited longer than that. When no answer
//! comes (a timeout, a connection that breaks), nobody knows whether the function runs: the SDK's usual retry would
//! run it twice, so this one call is not sent again then. It is after an answer that Lambda itself gave (throttled,
//! server error), as every AWS SDK does.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::operation::invoke::builders::InvokeFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;
use aws_smithy_types::base64;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, json};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{MODULE, python_json};
use crate::AwsError;
use crate::client::{Aws, answer};

/// How long to wait for an answer: the most that a function may run
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>), and half a minute for its start.
const PATIENCE: Duration = Duration::from_secs(15 * 60 + 30);

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// The type of an invocation whose result is awaited.
const SYNCHRONOUS: &str = "RequestResponse";

fn synchronous() -> String {
    SYNCHRONOUS.to_owned()
}

/// Calls a function and waits for its result, or only has it called (`invocation_type` Event).
///
/// Waits up to 15 minutes and a half for the result. When the connection breaks or no answer comes, the action fails
/// and does not call again, because the function may have run; the same goes when there is no connection at all. An error inside the function is no failure of the action: it shows
/// in `FunctionError` and `Payload`.
#[derive(Deserialize, JsonSchema)]
pub struct InvokeFunction {
    /// Name or ARN of the function.
    function_name: String,
    /// The event that the function gets, usually an object.
    #[serde(default)]
    function_arguments: Option<serde_json::Value>,
    /// `RequestResponse` to wait for the result, `Event` to go on at once, `DryRun` to check permissions only.
    #[serde(default = "synchronous")]
    invocation_type: String,
    /// Data about the client that the function sees in its context.
    #[serde(default)]
    client_context: Option<serde_json::Map<String, serde_json::Value>>,
    /// Version or alias to call; the unpublished version when absent.
    #[serde(default)]
    qualifier: Option<String>,
}

impl NativeActivity for InvokeFunction {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "invoke_function";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:Invoke with its `Payload` read from JSON, or as text when it is not JSON (empty for \
         `Event`).";
    const IAM: &'static [&'static str] = &["lambda:InvokeFunction"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let request = self.request(&lambda)?.customize().config_override(self.once());
        match answer(request.send()).await {
            Ok(answer) => Ok(with_payload_read(answer)),
            Err(error) => Err(ActivityError::failed(self.failure(&error))),
        }
    }
}

impl InvokeFunction {
    fn request(&self, lambda: &Client) -> Result<InvokeFluentBuilder, AwsError> {
        let json = |value: &serde_json::Value| {
            python_json::dumps(value)
                .map_err(|error| AwsError::because(format!("arguments of the function: {error}")))
        };
        let event = self.function_arguments.as_ref().map(json).transpose()?;
        let context = self.client_context.clone().map(serde_json::Value::Object);
        let context = context.as_ref().map(json).transpose()?;
        Ok(lambda
            .invoke()
            .function_name(&self.function_name)
            .invocation_type(InvocationType::from(self.invocation_type.as_str()))
            .log_type(LogType::None)
            .set_payload(event.map(Blob::new))
            .set_client_context(context.map(base64::encode))
            .set_qualifier(self.qualifier.clone()))
    }

    /// Settings of the client for this one call.
    fn once(&self) -> Builder {
        let settings = Builder::new().retry_classifier(OnlyAfterAnAnswer);
        if self.invocation_type != SYNCHRONOUS {
            return settings;
        }
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .read_timeout(PATIENCE)
            .build();
        settings.timeout_config(timeouts)
    }

    fn failure(&self, error: &AwsError) -> String {
        let note = match error {
            AwsError::Unreachable { .. } => {
                ". It was not called again: if it got the call, it may have run, or still run"
            }
            _ => "",
        };
        format!(
            "the function {} could not be invoked: {error}{note}",
            self.function_name
        )
    }
}

/// Forbids a retry when no answer came: whether the function ran is not known then.
#[derive(Debug)]
struct OnlyAfterAnAnswer;

impl ClassifyRetry for OnlyAfterAnAnswer {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.output_or_error() {
            Some(Err(error)) if !error.is_operation_error() => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "OnlyAfterAnAnswer"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn with_payload_read(mut answer: Value) -> Value {
    let payload = answer.as_map_mut().and_then(|map| map.get_mut("Payload"));
    if let Some(payload) = payload
        && let Some(Ok(read)) = payload.as_str().map(json::parse)
    {
        *payload = read;
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use chaos_engine::host::Host;
    use chaos_engine::value::map;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    fn context(endpoint: String) -> Context {
        let mut host = Host::default();
        host.set_var("AWS_ENDPOINT_URL", endpoint);
        host.set_var("AWS_ACCESS_KEY_ID", "testing");
        host.set_var("AWS_SECRET_ACCESS_KEY", "testing");
        let configuration = map([("aws_region", "us-east-1".into())]);
        Context::new(Rc::new(configuration), Rc::default(), Rc::new(host), 0)
    }

    fn invocation(arguments: serde_json::Value) -> InvokeFunction {
        serde_json::from_value(arguments).unwrap()
    }

    #[tokio::test]
    async fn without_an_answer_the_function_is_not_called_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let mut calls = 0;
        let hang_up = async {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                // an error is a client that went away first
                let _ = connection.read(&mut [0; 4096]).await;
                calls += 1;
            }
        };
        let invocation = invocation(serde_json::json!({"function_name": "worker"}));
        let failed = tokio::select! {
            result = invocation.run(context(endpoint)) => result.unwrap_err().to_string(),
            () = hang_up => unreachable!("it hangs up for ever"),
        };
        assert_eq!(calls, 1);
        assert!(
            failed.contains("worker") && failed.contains("not called again"),
            "{failed}"
        );
    }

    #[test]
    fn only_a_payload_of_json_is_read() {
        let read = |payload: &str| with_payload_read(map([("Payload", payload.into())]).into());
        assert_eq!(read("[1]").get("Payload"), Some(&vec![1_i64].into()));
        assert_eq!(read("").get("Payload"), Some(&"".into()));
        assert_eq!(read("ok").get("Payload"), Some(&"ok".into()));
    }
}
