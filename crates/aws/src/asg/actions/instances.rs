//! Stops and terminates instances of groups.

use aws_sdk_ec2::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, map};
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use super::amount::{Amount, in_zone};
use crate::AwsError;
use crate::answer::list;
use crate::asg::groups::{Which, groups_of, name};
use crate::batches::batches;
use crate::client::{Aws, answer};
use crate::ec2::MANY;

/// Groups, and which of their instances.
#[derive(Deserialize, JsonSchema)]
struct Targets {
    #[serde(flatten)]
    which: Which,
    #[serde(flatten)]
    amount: Amount,
    /// Availability zone: every instance in service there, whatever the amount.
    #[serde(default)]
    az: Option<String>,
}

/// What happens to instances.
#[derive(Clone, Copy)]
enum Blow {
    Stop { force: bool },
    Terminate,
}

/// Stops instances of auto-scaling groups that are in service, chosen by chance, or all of them in a zone. The groups
/// will replace them.
#[derive(Deserialize, JsonSchema)]
pub struct StopRandomInstances {
    #[serde(flatten)]
    targets: Targets,
    /// Stop without giving the instances time to flush their file systems.
    #[serde(default)]
    force: bool,
}

impl NativeActivity for StopRandomInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "stop_random_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "For each group `AutoScalingGroupName` and `StoppingInstances`.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:StopInstances",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let blow = Blow::Stop { force: self.force };
        Ok(self.targets.hit(blow, &context).await?)
    }
}

/// Terminates instances of auto-scaling groups that are in service, chosen by chance, or all of them in a zone. The
/// groups will replace them.
#[derive(Deserialize, JsonSchema)]
pub struct TerminateRandomInstances {
    #[serde(flatten)]
    targets: Targets,
}

impl NativeActivity for TerminateRandomInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "terminate_random_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "For each group `AutoScalingGroupName` and `TerminatingInstances`.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:TerminateInstances",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        Ok(self.targets.hit(Blow::Terminate, &context).await?)
    }
}

impl Targets {
    async fn hit(&self, blow: Blow, context: &Context) -> Result<Value, AwsError> {
        let by = self.which.one()?;
        let zone = self.zone()?;
        let aws = Aws::of(context).await?;
        let found = by.find(&aws.autoscaling()).await?;
        let ec2 = aws.ec2();
        let mut random = context.random();
        let mut results = Vec::new();
        for group in groups_of(&found) {
            let ids = match zone {
                Some(zone) => in_zone(group, zone)?,
                None => self.amount.choose(group, &mut random, blow.verb())?,
            };
            let changes = blow.strike(&ec2, ids).await?;
            let name = name(group).map(str::to_owned);
            results.push(map([
                ("AutoScalingGroupName", name.into()),
                (blow.member(), Value::List(changes)),
            ]));
        }
        Ok(results.into())
    }

    /// The zone, if it is what counts.
    fn zone(&self) -> Result<Option<&str>, AwsError> {
        let zone = self.az.as_deref().filter(|zone| !zone.is_empty());
        match (self.amount.count(), self.amount.percent(), zone) {
            (None, None, None) | (Some(_), Some(_), Some(_)) => Err(AwsError::because(
                "say how many instances with one of instance_count, instance_percent and az",
            )),
            _ => Ok(zone),
        }
    }
}

impl Blow {
    fn verb(self) -> &'static str {
        match self {
            Self::Stop { .. } => "stop",
            Self::Terminate => "terminate",
        }
    }

    fn member(self) -> &'static str {
        match self {
            Self::Stop { .. } => "StoppingInstances",
            Self::Terminate => "TerminatingInstances",
        }
    }

    /// Returns the state changes.
    async fn strike(self, ec2: &Client, ids: Vec<String>) -> Result<Vec<Value>, AwsError> {
        let mut changes = Vec::new();
        for ids in batches(&ids, MANY) {
            let answer = self.call(ec2, ids.to_vec()).await?;
            changes.extend_from_slice(list(&answer, self.member()));
        }
        Ok(changes)
    }

    async fn call(self, ec2: &Client, ids: Vec<String>) -> Result<Value, AwsError> {
        match self {
            Self::Stop { force } => {
                let call = ec2.stop_instances().set_instance_ids(Some(ids));
                answer(call.force(force).send()).await
            }
            Self::Terminate => answer(ec2.terminate_instances().set_instance_ids(Some(ids)).send()).await,
        }
    }
}
