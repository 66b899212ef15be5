//! Targets of rules.

use aws_sdk_eventbridge::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::answer::text;
use crate::client::{Aws, answer};
use crate::cloudwatch::target::Target;
use crate::pages::items;

/// Adds targets to a rule, or changes those that have the same `Id`.
///
/// AWS may refuse single targets and take the others: `FailedEntryCount` of the output tells.
#[derive(Deserialize, JsonSchema)]
pub struct PutRuleTargets {
    /// Name of the rule.
    rule_name: String,
    /// The targets, as the API takes them: `Id` and `Arn`, and what that kind of target needs.
    targets: Vec<Target>,
}

impl NativeActivity for PutRuleTargets {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_rule_targets";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of events:PutTargets.";
    const IAM: &'static [&'static str] = &["events:PutTargets", "iam:PassRole"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let targets = self.targets.into_iter().map(Target::sdk);
        let targets = targets.collect::<Result<_, _>>().map_err(AwsError::from)?;
        let events = Aws::of(&context).await?.events();
        let request = events.put_targets().rule(self.rule_name);
        Ok(answer(request.set_targets(Some(targets)).send()).await?)
    }
}

/// Removes targets from a rule, all of them when none are named.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveRuleTargets {
    /// Name of the rule.
    rule_name: String,
    /// `Id`s of the targets; all targets when absent.
    #[serde(default)]
    target_ids: Option<Vec<String>>,
}

impl NativeActivity for RemoveRuleTargets {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "remove_rule_targets";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of events:RemoveTargets.";
    const IAM: &'static [&'static str] = &["events:ListTargetsByRule", "events:RemoveTargets"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let events = Aws::of(&context).await?.events();
        let ids = match self.target_ids {
            Some(ids) => ids,
            None => target_ids(&events, &self.rule_name).await?,
        };
        if ids.is_empty() {
            return Err(ActivityError::failed(format!(
                "there is no target to remove from the rule {}: it has none, or target_ids is an empty list",
                self.rule_name
            )));
        }
        Ok(remove(&events, &self.rule_name, ids).await?)
    }
}

/// `Id`s of all targets of a rule.
pub(super) async fn target_ids(events: &Client, rule: &str) -> Result<Vec<String>, AwsError> {
    let request = events.list_targets_by_rule().rule(rule);
    let targets = items("Targets", "NextToken", |token| {
        answer(request.clone().set_next_token(token).send())
    });
    let targets = targets.await?;
    let ids = targets.iter().filter_map(|target| text(target, &["Id"]));
    Ok(ids.map(str::to_owned).collect())
}

pub(super) async fn remove(events: &Client, rule: &str, ids: Vec<String>) -> Result<Value, AwsError> {
    let request = events.remove_targets().rule(rule).set_ids(Some(ids));
    answer(request.send()).await
}
