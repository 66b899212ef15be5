//! Layers of a function.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::awslambda::configuration::{Current, replace};
use crate::client::Aws;

/// Gives a function a layer, in place of all the layers that it has.
#[derive(Deserialize, JsonSchema)]
pub struct AddLayer {
    /// Name or ARN of the function.
    function_name: String,
    /// ARN of the layer's version.
    layer: String,
}

impl NativeActivity for AddLayer {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "add_layer";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:UpdateFunctionConfiguration: the new configuration.";
    const IAM: &'static [&'static str] = &["lambda:GetLayerVersion", "lambda:UpdateFunctionConfiguration"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        Ok(replace(&lambda, &self.function_name, vec![self.layer], None).await?)
    }
}

/// Takes a layer away from a function and leaves the others in their order.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveLayer {
    /// Name or ARN of the function.
    function_name: String,
    /// ARN of the layer's version. Nothing is taken away when the function does not have it.
    layer: String,
}

impl NativeActivity for RemoveLayer {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "remove_layer";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of lambda:UpdateFunctionConfiguration: the new configuration.";
    const IAM: &'static [&'static str] = &[
        "lambda:GetFunctionConfiguration",
        "lambda:GetLayerVersion",
        "lambda:UpdateFunctionConfiguration",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let lambda = Aws::of(&context).await?.lambda();
        let current = Current::of(&lambda, &self.function_name).await?;
        let layers = current.layers_without(&self.layer);
        Ok(replace(&lambda, &self.function_name, layers, None).await?)
    }
}
