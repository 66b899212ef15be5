//! The configuration of a function: reading it, and changing layers and variables without losing the others.

use std::collections::HashMap;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::Environment;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::{at, list, text};
use crate::client::answer;

/// The parts of a function's configuration that activities change.
pub(super) struct Current {
    /// ARNs of the layers, in their order.
    layers: Vec<String>,
    /// Environment variables.
    pub variables: HashMap<String, String>,
}

impl Current {
    /// Reads them (lambda:GetFunctionConfiguration).
    pub async fn of(lambda: &Client, function: &str) -> Result<Self, AwsError> {
        let answer = read(lambda, function, None).await?;
        Ok(Self {
            layers: layers(&answer),
            variables: variables(&answer),
        })
    }

    /// The layers that are left without that one.
    pub fn layers_without(&self, layer: &str) -> Vec<String> {
        let mut left = self.layers.clone();
        if let Some(place) = left.iter().position(|arn| arn == layer) {
            left.remove(place);
        }
        left
    }
}

/// lambda:GetFunctionConfiguration, of a version or alias when `qualifier` names one.
pub(super) async fn read(
    lambda: &Client,
    function: &str,
    qualifier: Option<String>,
) -> Result<Value, AwsError> {
    let request = lambda.get_function_configuration().function_name(function);
    answer(request.set_qualifier(qualifier).send()).await
}

/// Replaces layers and, when given, all variables (lambda:UpdateFunctionConfiguration).
pub(super) async fn replace(
    lambda: &Client,
    function: &str,
    layers: Vec<String>,
    variables: Option<HashMap<String, String>>,
) -> Result<Value, AwsError> {
    let environment = variables.map(|all| Environment::builder().set_variables(Some(all)).build());
    let request = lambda
        .update_function_configuration()
        .function_name(function)
        .set_layers(Some(layers))
        .set_environment(environment);
    answer(request.send()).await
}

fn layers(answer: &Value) -> Vec<String> {
    let layers = list(answer, "Layers").iter();
    let arns = layers.filter_map(|layer| text(layer, &["Arn"]));
    arns.map(str::to_owned).collect()
}

fn variables(answer: &Value) -> HashMap<String, String> {
    let variables = at(answer, &["Environment", "Variables"]).and_then(Value::as_map);
    let texts = variables
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    texts.collect()
}
