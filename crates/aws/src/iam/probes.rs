//! What IAM can be asked (`chaosaws.iam.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<GetPolicy>()
}

/// Describes a managed policy: path, default version, how many identities have it.
#[derive(Deserialize, JsonSchema)]
pub struct GetPolicy {
    /// ARN of the policy.
    arn: String,
}

impl NativeActivity for GetPolicy {
    const MODULE: &'static str = "chaosaws.iam.probes";
    const FUNCTION: &'static str = "get_policy";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of iam:GetPolicy.";
    const IAM: &'static [&'static str] = &["iam:GetPolicy"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let iam = Aws::of(&context).await?.iam();
        Ok(answer(iam.get_policy().policy_arn(&self.arn).send()).await?)
    }
}
