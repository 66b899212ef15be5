//! Faults inside a function, by the Chaos Lambda Extension: a layer that environment variables switch on
//! (<https://github.com/aws-cli-tools/chaos-lambda-extension>).

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, python};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use super::MODULE;
use crate::AwsError;
use crate::awslambda::configuration::{Current, replace};
use crate::client::Aws;

const WRAPPER: &str = "AWS_LAMBDA_EXEC_WRAPPER";
const EXPERIMENT: &str = "CHAOSTOOLKIT_EXPERIMENT";
const LATENCY: &str = "CHAOS_EXTENSION__LAMBDA__ENABLE_LATENCY";
const LATENCY_VALUE: &str = "CHAOS_EXTENSION__LAMBDA__LATENCY_VALUE";
const LATENCY_PROBABILITY: &str = "CHAOS_EXTENSION__LAMBDA__LATENCY_PROBABILITY";
const RESPONSE: &str = "CHAOS_EXTENSION__RESPONSE__ENABLE_CHANGE_RESPONSE_BODY";
const RESPONSE_BODY: &str = "CHAOS_EXTENSION__RESPONSE__DEFAULT_RESPONSE";
const RESPONSE_PROBABILITY: &str = "CHAOS_EXTENSION__RESPONSE__CHANGE_RESPONSE_PROBABILITY";

const RETURNS: &str = "The answer of lambda:UpdateFunctionConfiguration: the new configuration.";
const IAM: &[&str] = &[
    "lambda:GetFunctionConfiguration",
    "lambda:GetLayerVersion",
    "lambda:UpdateFunctionConfiguration",
];

fn extension() -> String {
    "arn:aws:lambda:us-east-1:871265522301:layer:chaos-lambda-extension-x86_64-unknown-linux-gnu-release:12"
        .to_owned()
}

fn one_second() -> i64 {
    1
}

fn nine_in_ten() -> Number {
    Number::from_f64(0.9).unwrap_or_else(|| 1.into())
}

fn internal_error() -> String {
    r#"{"statusCode": 500, "body": "Greeting from Chaos Toolkit"}"#.to_owned()
}

/// Delays invocations of a function by means of the Chaos Lambda Extension.
///
/// The extension's layer takes the place of all layers that the function has; its variables keep their values.
/// `remove_latency` takes it away again.
#[derive(Deserialize, JsonSchema)]
pub struct AddLatency {
    /// Name or ARN of the function.
    function_name: String,
    /// Seconds, 1 to 900.
    #[serde(default = "one_second")]
    latency: i64,
    /// Share of the invocations that are delayed, 0 to 1.
    #[serde(default = "nine_in_ten")]
    probability: Number,
    /// ARN of the extension's layer for the function's architecture and region.
    #[serde(default = "extension")]
    layer: String,
}

impl NativeActivity for AddLatency {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "add_latency";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let settings = [
            (LATENCY, "true".to_owned()),
            (LATENCY_VALUE, self.latency.to_string()),
            (LATENCY_PROBABILITY, number(self.probability)),
        ];
        Ok(add(&context, &self.function_name, self.layer, settings).await?)
    }
}

/// Takes away what `add_latency` did: the extension's layer and its variables, except the one that holds the
/// seconds, which has no effect alone. Layers that `add_latency` replaced do not come back.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveLatency {
    /// Name or ARN of the function.
    function_name: String,
    /// ARN of the extension's layer.
    #[serde(default = "extension")]
    layer: String,
}

impl NativeActivity for RemoveLatency {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "remove_latency";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let settings = [LATENCY, LATENCY_PROBABILITY];
        Ok(remove(&context, &self.function_name, &self.layer, &settings).await?)
    }
}

/// Replaces responses of a function by means of the Chaos Lambda Extension.
///
/// The extension's layer takes the place of all layers that the function has; its variables keep their values.
/// `remove_error` takes it away again.
#[derive(Deserialize, JsonSchema)]
pub struct AddError {
    /// Name or ARN of the function.
    function_name: String,
    /// The response that callers get, JSON as text.
    #[serde(default = "internal_error")]
    body: String,
    /// Share of the responses that are replaced, 0 to 1.
    #[serde(default = "nine_in_ten")]
    probability: Number,
    /// ARN of the extension's layer for the function's architecture and region.
    #[serde(default = "extension")]
    layer: String,
}

impl NativeActivity for AddError {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "add_error";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let settings = [
            (RESPONSE, "true".to_owned()),
            (RESPONSE_BODY, self.body),
            (RESPONSE_PROBABILITY, number(self.probability)),
        ];
        Ok(add(&context, &self.function_name, self.layer, settings).await?)
    }
}

/// Takes away what `add_error` did: the extension's layer and its variables. Layers that `add_error` replaced do
/// not come back.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveError {
    /// Name or ARN of the function.
    function_name: String,
    /// ARN of the extension's layer.
    #[serde(default = "extension")]
    layer: String,
}

impl NativeActivity for RemoveError {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "remove_error";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let settings = [RESPONSE, RESPONSE_BODY, RESPONSE_PROBABILITY];
        Ok(remove(&context, &self.function_name, &self.layer, &settings).await?)
    }
}

/// As it stands in the experiment: `1` stays `1`.
fn number(number: Number) -> String {
    python::text(&serde_json::Value::Number(number).into())
}

async fn add(
    context: &Context,
    function: &str,
    layer: String,
    settings: [(&str, String); 3],
) -> Result<Value, AwsError> {
    let lambda = Aws::of(context).await?.lambda();
    let mut variables = Current::of(&lambda, function).await?.variables;
    let switches = [
        (WRAPPER, "/opt/bootstrap".to_owned()),
        (EXPERIMENT, "true".to_owned()),
    ];
    for (name, value) in switches.into_iter().chain(settings) {
        variables.insert(name.to_owned(), value);
    }
    replace(&lambda, function, vec![layer], Some(variables)).await
}

async fn remove(
    context: &Context,
    function: &str,
    layer: &str,
    settings: &[&str],
) -> Result<Value, AwsError> {
    let lambda = Aws::of(context).await?.lambda();
    let mut current = Current::of(&lambda, function).await?;
    for name in [WRAPPER, EXPERIMENT].iter().chain(settings) {
        current.variables.remove(*name);
    }
    let layers = current.layers_without(layer);
    replace(&lambda, function, layers, Some(current.variables)).await
}
