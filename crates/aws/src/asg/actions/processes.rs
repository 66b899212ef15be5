//! Suspends and resumes processes of groups.

use aws_sdk_autoscaling::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::arguments::join;
use crate::asg::groups::{By, Which, groups_of, name};
use crate::client::{Aws, answer};

const PROCESSES: [&str; 8] = [
    "Launch",
    "Terminate",
    "HealthCheck",
    "AZRebalance",
    "AlarmNotification",
    "ScheduledActions",
    "AddToLoadBalancer",
    "ReplaceUnhealthy",
];

/// Groups, and which of their processes.
#[derive(Deserialize, JsonSchema)]
struct Processes {
    #[serde(flatten)]
    which: Which,
    /// The processes: `Launch`, `Terminate`, `HealthCheck`, `AZRebalance`, `AlarmNotification`, `ScheduledActions`,
    /// `AddToLoadBalancer`, `ReplaceUnhealthy`. All when not given.
    #[serde(default)]
    process_names: Option<Vec<String>>,
}

/// Suspends processes of auto-scaling groups: until they are resumed, a group does not launch, terminate, replace or
/// register instances, as the processes say.
#[derive(Deserialize, JsonSchema)]
pub struct SuspendProcesses {
    #[serde(flatten)]
    processes: Processes,
}

impl NativeActivity for SuspendProcesses {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "suspend_processes";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answer of autoscaling:DescribeAutoScalingGroups for the groups, afterwards.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:SuspendProcesses",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let suspend = async |client: &Client, group: &str, processes| {
            let call = client.suspend_processes().auto_scaling_group_name(group);
            answer(call.set_scaling_processes(processes).send()).await
        };
        Ok(self.processes.change(&context, suspend).await?)
    }
}

/// Resumes suspended processes of auto-scaling groups.
#[derive(Deserialize, JsonSchema)]
pub struct ResumeProcesses {
    #[serde(flatten)]
    processes: Processes,
}

impl NativeActivity for ResumeProcesses {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "resume_processes";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answer of autoscaling:DescribeAutoScalingGroups for the groups, afterwards.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:ResumeProcesses",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let resume = async |client: &Client, group: &str, processes| {
            let call = client.resume_processes().auto_scaling_group_name(group);
            answer(call.set_scaling_processes(processes).send()).await
        };
        Ok(self.processes.change(&context, resume).await?)
    }
}

impl Processes {
    async fn change(
        &self,
        context: &Context,
        act: impl AsyncFn(&Client, &str, Option<Vec<String>>) -> Result<Value, AwsError>,
    ) -> Result<Value, AwsError> {
        let by = self.which.one()?;
        let processes = self.known()?;
        let client = Aws::of(context).await?.autoscaling();
        let found = by.find(&client).await?;
        let names: Vec<String> = groups_of(&found)
            .iter()
            .filter_map(name)
            .map(str::to_owned)
            .collect();
        for name in &names {
            act(&client, name, processes.clone()).await?;
        }
        By::Names(&names).find(&client).await
    }

    /// The processes, none for all.
    fn known(&self) -> Result<Option<Vec<String>>, AwsError> {
        let names = self.process_names.as_deref().unwrap_or_default();
        let unknown = names.iter().filter(|name| !PROCESSES.contains(&&***name));
        let unknown: Vec<&String> = unknown.collect();
        if unknown.is_empty() {
            return Ok(Some(names.to_vec()).filter(|names| !names.is_empty()));
        }
        Err(AwsError::because(format!(
            "invalid process(es) {}: there are only {}",
            join(&unknown),
            join(&PROCESSES)
        )))
    }
}
