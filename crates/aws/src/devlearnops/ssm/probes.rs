//! Parameters (`devlearnops.aws.ssm.probes`).

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::at;
use crate::client::{Aws, answer};

/// Reads a parameter of the Systems Manager's parameter store. A secure one is not decrypted.
#[derive(Deserialize, JsonSchema)]
pub struct GetParameter {
    /// Name or ARN of the parameter.
    name: String,
}

impl NativeActivity for GetParameter {
    const MODULE: &'static str = "devlearnops.aws.ssm.probes";
    const FUNCTION: &'static str = "get_parameter";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The value of the parameter.";
    const IAM: &'static [&'static str] = &["ssm:GetParameter"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ssm = Aws::of(&context).await?.ssm();
        let answer = answer(ssm.get_parameter().name(self.name).send()).await?;
        Ok(at(&answer, &["Parameter", "Value"]).cloned().into())
    }
}
