//! Stops, terminates, starts and restarts instances.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::Aws;
use crate::ec2::lifecycle;
use crate::ec2::selection::{One, Several};

/// Stops one instance: that of an id, or one by chance among those of a zone or of filters. A spot instance cannot be
/// stopped for good, so its request is cancelled and it is terminated.
#[derive(Deserialize, JsonSchema)]
pub struct StopInstance {
    #[serde(flatten)]
    which: One,
    /// Stop without giving the instance time to flush its file systems.
    #[serde(default)]
    force: bool,
}

impl NativeActivity for StopInstance {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "stop_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "A list with the answer of ec2:StopInstances, or of ec2:TerminateInstances for a \
                                   spot instance.";
    const IAM: &'static [&'static str] = StopInstances::IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = self.which.find(&ec2, &context, "stop").await?;
        Ok(lifecycle::stop(&ec2, &instances, self.force).await?.into())
    }
}

/// Stops instances: those of some ids, or all of a zone or of filters. Spot instances cannot be stopped for good, so
/// their requests are cancelled and they are terminated.
#[derive(Deserialize, JsonSchema)]
pub struct StopInstances {
    #[serde(flatten)]
    which: Several,
    /// Stop without giving the instances time to flush their file systems.
    #[serde(default)]
    force: bool,
}

impl NativeActivity for StopInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "stop_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answers of ec2:StopInstances, then those of ec2:TerminateInstances for spot \
                                   instances, one for every 1,000 instances.";
    const IAM: &'static [&'static str] = &[
        "ec2:DescribeInstances",
        "ec2:StopInstances",
        "ec2:CancelSpotInstanceRequests",
        "ec2:TerminateInstances",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = self.which.find(&ec2, "stop").await?;
        Ok(lifecycle::stop(&ec2, &instances, self.force).await?.into())
    }
}

/// Terminates one instance: that of an id, or one by chance among those of a zone or of filters. The request of a spot
/// instance is cancelled first. There is no way back.
#[derive(Deserialize, JsonSchema)]
pub struct TerminateInstance {
    #[serde(flatten)]
    which: One,
}

impl NativeActivity for TerminateInstance {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "terminate_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "A list with the answer of ec2:TerminateInstances.";
    const IAM: &'static [&'static str] = TerminateInstances::IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = self.which.find(&ec2, &context, "terminate").await?;
        Ok(lifecycle::terminate(&ec2, &instances).await?.into())
    }
}

/// Terminates instances: those of some ids, or all of a zone or of filters. The requests of spot instances are
/// cancelled first. There is no way back.
#[derive(Deserialize, JsonSchema)]
pub struct TerminateInstances {
    #[serde(flatten)]
    which: Several,
}

impl NativeActivity for TerminateInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "terminate_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answers of ec2:TerminateInstances, one for each lifecycle (on demand, spot) and \
                                   every 1,000 instances.";
    const IAM: &'static [&'static str] = &[
        "ec2:DescribeInstances",
        "ec2:CancelSpotInstanceRequests",
        "ec2:TerminateInstances",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = self.which.find(&ec2, "terminate").await?;
        Ok(lifecycle::terminate(&ec2, &instances).await?.into())
    }
}

/// Starts instances: those of some ids, or all of a zone or of filters.
#[derive(Deserialize, JsonSchema)]
pub struct StartInstances {
    #[serde(flatten)]
    which: Several,
}

impl NativeActivity for StartInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "start_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The state change of every instance: the `StartingInstances` of ec2:StartInstances.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances", "ec2:StartInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = self.which.find(&ec2, "start").await?;
        Ok(lifecycle::start(&ec2, &instances).await?.into())
    }
}

/// Restarts instances: those of some ids, or all of a zone or of filters.
#[derive(Deserialize, JsonSchema)]
pub struct RestartInstances {
    #[serde(flatten)]
    which: Several,
}

impl NativeActivity for RestartInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "restart_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "An empty list.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances", "ec2:RebootInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = self.which.find(&ec2, "restart").await?;
        lifecycle::reboot(&ec2, &instances).await?;
        Ok(Value::List(Vec::new()))
    }
}
