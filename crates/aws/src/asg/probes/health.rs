//! Are the instances of groups in service and healthy?

use std::collections::HashSet;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{MODULE, Watched};
use crate::arguments::Tag;
use crate::asg::groups::{Which, describe, groups_of, instances, is, names_by_tags, nothing_given};
use crate::client::Aws;

/// Tells whether every one of some auto-scaling groups has as many healthy instances in service as it wants, and at
/// least one.
#[derive(Deserialize, JsonSchema)]
pub struct DesiredEqualsHealthy {
    /// Names of the auto-scaling groups. Names that no group has are passed over.
    asg_names: Vec<String>,
}

impl NativeActivity for DesiredEqualsHealthy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "desired_equals_healthy";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "True when desired equals healthy in every group; false when there is no group.";
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let groups = Watched::names(&self.asg_names, &context).await?.now().await?;
        Ok(as_desired(&groups).into())
    }
}

/// Tells whether every auto-scaling group with some tags has as many healthy instances in service as it wants, and at
/// least one.
#[derive(Deserialize, JsonSchema)]
pub struct DesiredEqualsHealthyTags {
    /// Tags that the groups must all have, each `{"Key": …, "Value": …}`.
    tags: Vec<Tag>,
}

impl NativeActivity for DesiredEqualsHealthyTags {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "desired_equals_healthy_tags";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when desired equals healthy in every group.";
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let groups = Watched::tags(&self.tags, &context).await?.now().await?;
        Ok(as_desired(&groups).into())
    }
}

/// Tells whether some instance of the auto-scaling groups with some tags comes, goes or is unhealthy.
#[derive(Deserialize, JsonSchema)]
pub struct IsScalingInProgress {
    /// Tags that the groups must all have, each `{"Key": …, "Value": …}`.
    tags: Vec<Tag>,
}

impl NativeActivity for IsScalingInProgress {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "is_scaling_in_progress";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when some instance is not in service or not healthy.";
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let groups = Watched::tags(&self.tags, &context).await?.now().await?;
        let mut instances = groups_of(&groups).iter().flat_map(instances);
        Ok(instances.any(|instance| !serves(instance)).into())
    }
}

/// Counts the healthy, or the unhealthy, instances of auto-scaling groups; those of names and those of tags when both
/// are given. Names and tags that no group has count as none.
#[derive(Deserialize, JsonSchema)]
pub struct InstanceCountByHealth {
    #[serde(flatten)]
    which: Which,
    /// Count the healthy instances; false counts the unhealthy ones.
    #[serde(default = "yes")]
    count_healthy: bool,
}

fn yes() -> bool {
    true
}

impl NativeActivity for InstanceCountByHealth {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "instance_count_by_health";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "How many instances of the groups have that health, in service or not.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        if self.which.names().is_empty() && self.which.tags().is_empty() {
            return Err(nothing_given().into());
        }
        let client = Aws::of(&context).await?.autoscaling();
        let tagged = names_by_tags(&client, self.which.tags()).await?;
        let mut names = self.which.names().to_vec();
        let mut seen: HashSet<String> = HashSet::new();
        names.extend(tagged);
        names.retain(|name| seen.insert(name.clone()));
        let groups = describe(&client, &names).await?;
        let health = if self.count_healthy {
            "Healthy"
        } else {
            "Unhealthy"
        };
        let instances = groups_of(&groups).iter().flat_map(instances);
        let count = instances
            .filter(|instance| is(instance, "HealthStatus", health))
            .count();
        Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

fn serves(instance: &Value) -> bool {
    is(instance, "LifecycleState", "InService") && is(instance, "HealthStatus", "Healthy")
}

/// Has every group as many healthy instances in service as it wants, and at least one?
pub(super) fn as_desired(answer: &Value) -> bool {
    let groups = groups_of(answer);
    let has_its_number = |group: &Value| {
        let healthy = instances(group)
            .iter()
            .filter(|instance| serves(instance))
            .count();
        let desired = group.get("DesiredCapacity").and_then(Value::as_f64);
        healthy > 0 && desired == Some(healthy as f64)
    };
    !groups.is_empty() && groups.iter().all(has_its_number)
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json::parse;

    use super::*;

    fn group(desired: usize, instances: &[(&str, &str)]) -> String {
        let instances = instances
            .iter()
            .map(|(state, health)| format!(r#"{{"LifecycleState": "{state}", "HealthStatus": "{health}"}}"#));
        let instances = instances.collect::<Vec<_>>().join(",");
        format!(r#"{{"DesiredCapacity": {desired}, "Instances": [{instances}]}}"#)
    }

    fn judge(groups: &[String]) -> bool {
        as_desired(&parse(&format!(r#"{{"AutoScalingGroups": [{}]}}"#, groups.join(","))).unwrap())
    }

    #[test]
    fn every_group_must_have_its_number_and_one_at_least() {
        let good = ("InService", "Healthy");
        assert!(judge(&[group(1, &[good]), group(2, &[good, good])]));
        assert!(judge(&[group(1, &[good, ("Standby", "Healthy")])]));
        assert!(!judge(&[group(1, &[good]), group(0, &[])]));
        assert!(!judge(&[group(2, &[good, ("InService", "Unhealthy")])]));
        assert!(!judge(&[group(2, &[good, ("Pending", "Healthy")])]));
        assert!(!judge(&[group(1, &[good, good])]));
        assert!(!judge(&[]));
    }
}
