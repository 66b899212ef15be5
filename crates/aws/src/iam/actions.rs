//! What can be done to IAM (`chaosaws.iam.actions`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};

const MODULE: &str = "chaosaws.iam.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<CreatePolicy>()
        .with::<AttachRolePolicy>()
        .with::<DetachRolePolicy>()
}

fn root() -> String {
    "/".to_owned()
}

// null is the same, but the default that the reference shows is a text
fn none() -> Option<String> {
    Some(String::new())
}

/// Creates a managed policy, which has no effect until it is attached.
#[derive(Deserialize, JsonSchema)]
pub struct CreatePolicy {
    /// Name of the policy.
    name: String,
    /// The policy document: `Version` and `Statement`.
    policy: serde_json::Map<String, serde_json::Value>,
    /// Path of the policy, which begins and ends with `/`.
    #[serde(default = "root")]
    path: String,
    /// What it is for.
    #[serde(default = "none")]
    description: Option<String>,
}

impl NativeActivity for CreatePolicy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "create_policy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of iam:CreatePolicy: the policy with its ARN.";
    const IAM: &'static [&'static str] = &["iam:CreatePolicy"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let request = Aws::of(&context)
            .await?
            .iam()
            .create_policy()
            .policy_name(&self.name)
            .policy_document(serde_json::Value::Object(self.policy).to_string())
            .path(self.path)
            .description(self.description.unwrap_or_default());
        let answer = answer(request.send()).await;
        answer.map_err(|error| {
            ActivityError::failed(format!("the policy {} could not be created: {error}", self.name))
        })
    }
}

/// Attaches a managed policy to a role: whoever has the role gets or loses permissions within seconds.
#[derive(Deserialize, JsonSchema)]
pub struct AttachRolePolicy {
    /// ARN of the policy.
    arn: String,
    /// Name (not ARN) of the role.
    role_name: String,
}

impl NativeActivity for AttachRolePolicy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "attach_role_policy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of iam:AttachRolePolicy, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["iam:AttachRolePolicy"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let request = Aws::of(&context)
            .await?
            .iam()
            .attach_role_policy()
            .policy_arn(&self.arn)
            .role_name(&self.role_name);
        answer(request.send()).await.map_err(|error| {
            ActivityError::failed(format!(
                "the policy {} could not be attached to the role {}: {error}",
                self.arn, self.role_name
            ))
        })
    }
}

/// Detaches a managed policy from a role; the policy itself stays.
#[derive(Deserialize, JsonSchema)]
pub struct DetachRolePolicy {
    /// ARN of the policy.
    arn: String,
    /// Name (not ARN) of the role.
    role_name: String,
}

impl NativeActivity for DetachRolePolicy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "detach_role_policy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of iam:DetachRolePolicy, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["iam:DetachRolePolicy"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let request = Aws::of(&context)
            .await?
            .iam()
            .detach_role_policy()
            .policy_arn(&self.arn)
            .role_name(&self.role_name);
        answer(request.send()).await.map_err(|error| {
            ActivityError::failed(format!(
                "the policy {} could not be detached from the role {}: {error}",
                self.arn, self.role_name
            ))
        })
    }
}
