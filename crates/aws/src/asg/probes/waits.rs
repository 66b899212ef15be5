//! Waits until groups have, or no longer have, the healthy instances that they want.

use std::time::{Duration, Instant};

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity, poll};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::health::as_desired;
use super::{MODULE, Watched};
use crate::AwsError;
use crate::arguments::Tag;

const INTERVAL: Duration = Duration::from_millis(100);

const RETURNS: &str =
    "Whole seconds waited, or 9223372036854775807 (Python's `sys.maxsize`) when the time is up.";

fn five_minutes() -> f64 {
    300.0
}

/// Waits until every one of some auto-scaling groups has as many healthy instances in service as it wants.
#[derive(Deserialize, JsonSchema)]
pub struct WaitDesiredEqualsHealthy {
    /// Names of the auto-scaling groups. Names that no group has are passed over.
    asg_names: Vec<String>,
    /// How many seconds to wait at most.
    #[serde(default = "five_minutes")]
    timeout: f64,
}

impl NativeActivity for WaitDesiredEqualsHealthy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "wait_desired_equals_healthy";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let groups = Watched::names(&self.asg_names, &context).await?;
        Ok(wait(&groups, true, self.timeout, &context).await?)
    }
}

/// Waits until every auto-scaling group with some tags has as many healthy instances in service as it wants.
#[derive(Deserialize, JsonSchema)]
pub struct WaitDesiredEqualsHealthyTags {
    /// Tags that the groups must all have, each `{"Key": …, "Value": …}`.
    tags: Vec<Tag>,
    /// How many seconds to wait at most.
    #[serde(default = "five_minutes")]
    timeout: f64,
}

impl NativeActivity for WaitDesiredEqualsHealthyTags {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "wait_desired_equals_healthy_tags";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let groups = Watched::tags(&self.tags, &context).await?;
        Ok(wait(&groups, true, self.timeout, &context).await?)
    }
}

/// Waits until some auto-scaling group with some tags no longer has as many healthy instances in service as it wants.
#[derive(Deserialize, JsonSchema)]
pub struct WaitDesiredNotEqualsHealthyTags {
    /// Tags that the groups must all have, each `{"Key": …, "Value": …}`.
    tags: Vec<Tag>,
    /// How many seconds to wait at most.
    #[serde(default = "five_minutes")]
    timeout: f64,
}

impl NativeActivity for WaitDesiredNotEqualsHealthyTags {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "wait_desired_not_equals_healthy_tags";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = RETURNS;
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let groups = Watched::tags(&self.tags, &context).await?;
        Ok(wait(&groups, false, self.timeout, &context).await?)
    }
}

async fn wait(
    groups: &Watched<'_>,
    wanted: bool,
    timeout: f64,
    context: &Context,
) -> Result<Value, AwsError> {
    let begin = Instant::now();
    let look = async || {
        let reached = as_desired(&groups.now().await?) == wanted;
        Ok::<_, AwsError>(reached.then(|| begin.elapsed().as_secs()))
    };
    let waited = poll(context.poll_interval(INTERVAL), seconds(timeout), look).await?;
    let waited = waited.and_then(|seconds| i64::try_from(seconds).ok());
    Ok(Value::Int(waited.unwrap_or(i64::MAX)))
}

/// A negative time is none, an endless one is the longest.
fn seconds(seconds: f64) -> Duration {
    let longest = if seconds > 0.0 {
        Duration::MAX
    } else {
        Duration::ZERO
    };
    Duration::try_from_secs_f64(seconds).unwrap_or(longest)
}
