//! Rules of the default event bus.

use aws_sdk_eventbridge::types::RuleState;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use super::targets::{remove, target_ids};
use crate::client::{Aws, answer};
use crate::given::filled;

/// Creates or changes a rule of the default event bus. What a call does not name, an existing rule loses.
#[derive(Deserialize, JsonSchema)]
pub struct PutRule {
    /// Name of the rule.
    rule_name: String,
    /// When it fires, `rate(…)` or `cron(…)`.
    #[serde(default)]
    schedule_expression: Option<String>,
    /// Which events it fires on, JSON as text.
    #[serde(default)]
    event_pattern: Option<String>,
    /// `ENABLED` or `DISABLED`; AWS enables a rule when absent.
    #[serde(default)]
    state: Option<String>,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// ARN of the role by which it invokes its targets.
    #[serde(default)]
    role_arn: Option<String>,
}

impl NativeActivity for PutRule {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_rule";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of events:PutRule, with `RuleArn`.";
    const IAM: &'static [&'static str] = &["events:PutRule", "iam:PassRole"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let state = filled(self.state).map(|state| RuleState::from(state.as_str()));
        let request = Aws::of(&context)
            .await?
            .events()
            .put_rule()
            .name(self.rule_name)
            .set_schedule_expression(filled(self.schedule_expression))
            .set_event_pattern(filled(self.event_pattern))
            .set_state(state)
            .set_description(filled(self.description))
            .set_role_arn(filled(self.role_arn));
        Ok(answer(request.send()).await?)
    }
}

/// Disables a rule: it does not fire until it is enabled again.
#[derive(Deserialize, JsonSchema)]
pub struct DisableRule {
    /// Name of the rule.
    rule_name: String,
}

impl NativeActivity for DisableRule {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "disable_rule";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of events:DisableRule, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["events:DisableRule"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let events = Aws::of(&context).await?.events();
        Ok(answer(events.disable_rule().name(self.rule_name).send()).await?)
    }
}

/// Enables a rule.
#[derive(Deserialize, JsonSchema)]
pub struct EnableRule {
    /// Name of the rule.
    rule_name: String,
}

impl NativeActivity for EnableRule {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "enable_rule";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of events:EnableRule, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["events:EnableRule"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let events = Aws::of(&context).await?.events();
        Ok(answer(events.enable_rule().name(self.rule_name).send()).await?)
    }
}

/// Deletes a rule for good. AWS refuses while the rule has targets, unless `force` removes them first.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteRule {
    /// Name of the rule.
    rule_name: String,
    /// Removes all targets of the rule before.
    #[serde(default)]
    force: bool,
}

impl NativeActivity for DeleteRule {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_rule";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of events:DeleteRule, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &[
        "events:DeleteRule",
        "events:ListTargetsByRule",
        "events:RemoveTargets",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let events = Aws::of(&context).await?.events();
        if self.force {
            let ids = target_ids(&events, &self.rule_name).await?;
            // AWS refuses an empty list
            if !ids.is_empty() {
                remove(&events, &self.rule_name, ids).await?;
            }
        }
        Ok(answer(events.delete_rule().name(self.rule_name).send()).await?)
    }
}
