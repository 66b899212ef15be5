//! Takes instances out of groups.

use aws_sdk_autoscaling::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, map};
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use super::amount::Amount;
use crate::AwsError;
use crate::answer::list;
use crate::asg::groups::{Which, groups_of, name};
use crate::batches::batches;
use crate::client::{Aws, answer};

/// How many instances go into one call
/// (<https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachInstances.html>).
const MOST: usize = 20;

/// Detaches instances of auto-scaling groups that are in service, chosen by chance. They go on running outside of their
/// group, which starts new ones unless its capacity is decremented.
#[derive(Deserialize, JsonSchema)]
pub struct DetachRandomInstances {
    #[serde(flatten)]
    which: Which,
    #[serde(flatten)]
    amount: Amount,
    /// Decrement the desired capacity of the group by the number of detached instances.
    #[serde(default)]
    decrement_capacity: bool,
}

impl NativeActivity for DetachRandomInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "detach_random_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "`Activities` of autoscaling:DetachInstances of all groups, and for each group in \
                                   `DetachingInstances` its `AutoScalingGroupName` and `InstanceIds`.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DetachInstances",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = self.which.one()?;
        if self.amount.count().is_none() && self.amount.percent().is_none() {
            let reason = "say how many instances to detach with instance_count or instance_percent";
            return Err(AwsError::because(reason).into());
        }
        let client = Aws::of(&context).await?.autoscaling();
        let found = by.find(&client).await?;
        let mut random = context.random();
        let mut activities = Vec::new();
        let mut detaching = Vec::new();
        for group in groups_of(&found) {
            let ids = self.amount.choose(group, &mut random, "detach")?;
            let name = name(group).unwrap_or_default();
            activities.extend(self.detach(&client, name, &ids).await?);
            detaching.push(map([
                ("AutoScalingGroupName", name.into()),
                ("InstanceIds", ids.into()),
            ]));
        }
        let activities = Value::List(activities);
        Ok(map([
            ("Activities", activities),
            ("DetachingInstances", detaching.into()),
        ])
        .into())
    }
}

impl DetachRandomInstances {
    /// Returns the activities.
    async fn detach(&self, client: &Client, group: &str, ids: &[String]) -> Result<Vec<Value>, AwsError> {
        let mut activities = Vec::new();
        for ids in batches(ids, MOST) {
            let call = client.detach_instances().auto_scaling_group_name(group);
            let call = call.set_instance_ids(Some(ids.to_vec()));
            let call = call.should_decrement_desired_capacity(self.decrement_capacity);
            let answer = answer(call.send()).await?;
            activities.extend_from_slice(list(&answer, "Activities"));
        }
        Ok(activities)
    }
}
