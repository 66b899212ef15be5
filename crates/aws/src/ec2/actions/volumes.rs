//! Detaches data volumes and attaches them again.

use std::collections::HashSet;

use aws_sdk_ec2::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::arguments::{Filter, join};
use crate::client::Aws;
use crate::ec2::instances::{Instance, describe, describe_by_ids, instances_of};
use crate::ec2::selection::nothing_matches;
use crate::ec2::volumes;

/// The instances whose volumes are meant.
#[derive(Deserialize, JsonSchema)]
struct Owners {
    /// Ids of the instances. The filters are not looked at then.
    #[serde(default)]
    instance_ids: Option<Vec<String>>,
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

impl Owners {
    fn ids(&self) -> &[String] {
        self.instance_ids.as_deref().unwrap_or_default()
    }

    fn filters(&self) -> &[Filter] {
        self.filters.as_deref().unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.ids().is_empty() && self.filters().is_empty()
    }

    async fn describe(&self, ec2: &Client) -> Result<Value, AwsError> {
        match self.ids() {
            [] => describe(ec2, self.filters()).await,
            ids => describe_by_ids(ec2, ids).await,
        }
    }
}

/// Detaches one data volume, chosen by chance, of each of the instances that have any, and tags it with its place, for
/// `attach_volume`. Root volumes are never detached.
#[derive(Deserialize, JsonSchema)]
pub struct DetachRandomVolume {
    #[serde(flatten)]
    owners: Owners,
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
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances", "ec2:DetachVolume", "ec2:CreateTags"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        if self.owners.is_empty() {
            let reason = "nothing says whose volumes to detach: give `instance_ids` or `filters`";
            return Err(AwsError::because(reason).into());
        }
        let ec2 = Aws::of(&context).await?.ec2();
        let described = self.owners.describe(&ec2).await?;
        if instances_of(&described).next().is_none() {
            let reason = match self.owners.ids() {
                [] => nothing_matches(self.owners.filters()),
                ids => format!("no instances found with instance ids {}", join(ids)),
            };
            return Err(AwsError::because(reason).into());
        }
        let chosen = volumes::one_of_each(instances_of(&described), None, &mut context.random());
        Ok(volumes::detach(&ec2, chosen, self.force).await?.into())
    }
}

/// Attaches volumes that `detach_random_volume` detached to where they were: those of some instances, or all of them
/// when neither ids nor filters are given.
#[derive(Deserialize, JsonSchema)]
pub struct AttachVolume {
    #[serde(flatten)]
    owners: Owners,
}

impl NativeActivity for AttachVolume {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "attach_volume";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answers of ec2:AttachVolume, one for each volume; an empty list when none is \
                                   detached.";
    const IAM: &'static [&'static str] =
        &["ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:AttachVolume"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let mut owners = None;
        if !self.owners.is_empty() {
            let instances = Instance::all(&self.owners.describe(&ec2).await?);
            owners = Some(
                instances
                    .into_iter()
                    .map(|instance| instance.id)
                    .collect::<HashSet<_>>(),
            );
        }
        let mut detached = volumes::detached(&ec2).await?;
        detached.retain(|volume| {
            owners
                .as_ref()
                .is_none_or(|owners| owners.contains(&volume.instance))
        });
        Ok(volumes::attach(&ec2, detached).await?.into())
    }
}
