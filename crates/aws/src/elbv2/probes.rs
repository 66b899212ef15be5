//! What Elastic Load Balancing can be asked (`chaosaws.elbv2.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::{Map, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::access_log::IsAccessLogEnabled;
use super::targets::{groups, named, state};
use crate::client::Aws;

pub(super) const MODULE: &str = "chaosaws.elbv2.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<TargetsHealthCount>()
        .with::<AllTargetsHealthy>()
        .with::<IsAccessLogEnabled>()
}

/// How many targets of each target group are in which state of health.
#[derive(Deserialize, JsonSchema)]
pub struct TargetsHealthCount {
    /// Names of the target groups.
    tg_names: Vec<String>,
}

impl NativeActivity for TargetsHealthCount {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "targets_health_count";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "For each target group an object of the states that occur and how many targets are \
                                   in them: `{\"front\": {\"healthy\": 2}}`.";
    const IAM: &'static [&'static str] = &[
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        named(&self.tg_names)?;
        let client = Aws::of(&context).await?.elbv2();
        let groups = groups(&client, &self.tg_names).await?.into_iter();
        let counts = groups.map(|group| (group.name, tally(&group.targets).into()));
        Ok(counts.collect::<Map>().into())
    }
}

fn tally(targets: &[Value]) -> Map {
    let mut counts = Map::new();
    for target in targets {
        let count = counts.entry(state(target).to_owned()).or_insert(Value::Int(0));
        if let Value::Int(count) = count {
            *count += 1;
        }
    }
    counts
}

/// Is every target of these target groups healthy? A group without targets counts as healthy.
#[derive(Deserialize, JsonSchema)]
pub struct AllTargetsHealthy {
    /// Names of the target groups.
    tg_names: Vec<String>,
}

impl NativeActivity for AllTargetsHealthy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "all_targets_healthy";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "true when no target is in another state than `healthy`.";
    const IAM: &'static [&'static str] = &[
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        named(&self.tg_names)?;
        let client = Aws::of(&context).await?.elbv2();
        let groups = groups(&client, &self.tg_names).await?;
        let mut targets = groups.iter().flat_map(|group| &group.targets);
        Ok(targets.all(|target| state(target) == "healthy").into())
    }
}
