//! How groups are set up.

use std::collections::HashSet;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, map};
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::answer::{list, text};
use crate::asg::groups::{By, Which, groups_of, nothing_given};
use crate::client::Aws;

/// Describes auto-scaling groups. Names count when both names and tags are given.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeAutoScalingGroups {
    #[serde(flatten)]
    which: Which,
}

impl NativeActivity for DescribeAutoScalingGroups {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_auto_scaling_groups";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "`AutoScalingGroups` as in the answer of autoscaling:DescribeAutoScalingGroups, by \
                                   tags with `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = match (self.which.names(), self.which.tags()) {
            ([], []) => return Err(nothing_given().into()),
            ([], tags) => By::Tags(tags),
            (names, _) => By::Names(names),
        };
        let answer = by.look(&Aws::of(&context).await?.autoscaling()).await?;
        Ok(match by {
            By::Names(_) => {
                let groups = Value::List(groups_of(&answer).to_vec());
                map([("AutoScalingGroups", groups)]).into()
            }
            By::Tags(_) => answer,
        })
    }
}

/// Tells whether processes of auto-scaling groups are suspended.
#[derive(Deserialize, JsonSchema)]
pub struct ProcessIsSuspended {
    #[serde(flatten)]
    which: Which,
    /// The processes, for example `Launch` and `Terminate`.
    #[serde(default)]
    process_names: Option<Vec<String>>,
}

impl NativeActivity for ProcessIsSuspended {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "process_is_suspended";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when all the processes are suspended in every group.";
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = self.which.one()?;
        let Some(processes) = &self.process_names else {
            let reason = "nothing says which processes to look at: give `process_names`";
            return Err(AwsError::because(reason).into());
        };
        let groups = by.look(&Aws::of(&context).await?.autoscaling()).await?;
        let all = groups_of(&groups).iter().all(|group| {
            let suspended = suspended(group);
            processes.iter().all(|process| suspended.contains(&**process))
        });
        Ok(all.into())
    }
}

fn suspended(group: &Value) -> HashSet<&str> {
    let processes = list(group, "SuspendedProcesses").iter();
    processes
        .filter_map(|process| text(process, &["ProcessName"]))
        .collect()
}

/// Tells whether auto-scaling groups are in these subnets, and in no others.
#[derive(Deserialize, JsonSchema)]
pub struct HasSubnets {
    /// Ids of the subnets, in any order.
    subnets: Vec<String>,
    #[serde(flatten)]
    which: Which,
}

impl NativeActivity for HasSubnets {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "has_subnets";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when every group has exactly these subnets.";
    const IAM: &'static [&'static str] = &["autoscaling:DescribeAutoScalingGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = self.which.one()?;
        let groups = by.look(&Aws::of(&context).await?.autoscaling()).await?;
        let wanted: HashSet<&str> = self.subnets.iter().map(String::as_str).collect();
        let all = groups_of(&groups).iter().all(|group| subnets_of(group) == wanted);
        Ok(all.into())
    }
}

fn subnets_of(group: &Value) -> HashSet<&str> {
    let joined = text(group, &["VPCZoneIdentifier"]).unwrap_or_default();
    joined.split(',').map(str::trim).collect()
}
