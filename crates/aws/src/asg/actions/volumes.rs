//! Detaches data volumes of the instances of groups and attaches them again.

use std::collections::HashSet;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use super::amount::id;
use crate::AwsError;
use crate::asg::groups::{Which, groups_of, instances, name};
use crate::client::Aws;
use crate::ec2::{describe_by_ids, instances_of, volumes};

/// Detaches one data volume, chosen by chance, of each instance of auto-scaling groups that has any, and tags it with
/// its place, for `attach_volume`. Root volumes are never detached.
#[derive(Deserialize, JsonSchema)]
pub struct DetachRandomVolume {
    #[serde(flatten)]
    which: Which,
    /// Detach even though the instance has not unmounted the volume. Data may be lost.
    #[serde(default = "yes")]
    force: bool,
}

fn yes() -> bool {
    true
}

impl NativeActivity for DetachRandomVolume {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "detach_random_volume";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answers of ec2:DetachVolume, one for each volume.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeInstances",
        "ec2:DetachVolume",
        "ec2:CreateTags",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = self.which.one()?;
        let aws = Aws::of(&context).await?;
        let found = by.find(&aws.autoscaling()).await?;
        let ec2 = aws.ec2();
        let mut random = context.random();
        let mut answers = Vec::new();
        for group in groups_of(&found) {
            let ids: Vec<String> = instances(group).iter().map(id).collect();
            if ids.is_empty() {
                let asg = name(group).unwrap_or_default();
                let reason = format!("no instances found for asg {asg}, so it has no volumes to detach");
                return Err(AwsError::because(reason).into());
            }
            let described = describe_by_ids(&ec2, &ids)
                .await
                .map_err(|error| AwsError::because(format!("unable to describe asg instances: {error}")))?;
            let chosen = volumes::one_of_each(instances_of(&described), name(group), &mut random);
            answers.extend(volumes::detach(&ec2, chosen, self.force).await?);
        }
        Ok(answers.into())
    }
}

/// Attaches volumes that `detach_random_volume` detached from instances of these auto-scaling groups to where they were.
#[derive(Deserialize, JsonSchema)]
pub struct AttachVolume {
    #[serde(flatten)]
    which: Which,
}

impl NativeActivity for AttachVolume {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "attach_volume";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answers of ec2:AttachVolume, one for each volume.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeVolumes",
        "ec2:AttachVolume",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = self.which.one()?;
        let aws = Aws::of(&context).await?;
        let found = by.find(&aws.autoscaling()).await?;
        let ec2 = aws.ec2();
        let mut detached = volumes::detached(&ec2).await?;
        if detached.is_empty() {
            let reason = "no volumes are detached: none has the tag that detach_random_volume leaves";
            return Err(AwsError::because(reason).into());
        }
        let names: HashSet<&str> = groups_of(&found).iter().filter_map(name).collect();
        detached.retain(|volume| volume.group.as_deref().is_some_and(|group| names.contains(group)));
        Ok(volumes::attach(&ec2, detached).await?.into())
    }
}
