//! Stops instances a few at a time.

use std::num::NonZeroUsize;
use std::time::Duration;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use super::power::StopInstances;
use crate::AwsError;
use crate::arguments::{Filter, TagMap};
use crate::client::Aws;
use crate::ec2::lifecycle;
use crate::ec2::selection::{filters_and_zone, matching_instances};
use crate::share::share;

/// Stops a share of the instances that match, chosen by chance, a few at a time. Without tags and zone it is a share of
/// all instances of the region. Spot instances are terminated and their requests cancelled.
#[derive(Deserialize, JsonSchema)]
pub struct StopInstancesByIncrementalSteps {
    /// How many percent of the instances to stop.
    volume: i64,
    /// How many instances to stop in each step.
    step_quantity: i64,
    /// Seconds to wait after each step, after the last one too.
    step_duration: i64,
    /// Availability zone of the instances.
    #[serde(default)]
    az: Option<String>,
    /// Tags that the instances must all have, as `k=v,x=y` or as a mapping.
    #[serde(default)]
    tags: Option<TagMap>,
    /// Stop without giving the instances time to flush their file systems.
    #[serde(default)]
    force: bool,
}

impl NativeActivity for StopInstancesByIncrementalSteps {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "stop_instances_by_incremental_steps";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answers of ec2:StopInstances (or ec2:TerminateInstances) of all steps.";
    const IAM: &'static [&'static str] = StopInstances::IAM;

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let (quantity, pause) = self.step()?;
        let filters = self.filters()?;
        let ec2 = Aws::of(&context).await?.ec2();
        let instances = matching_instances(&ec2, &filters).await?;
        let count = share(instances.len(), self.volume, "volume")?;
        let targets = context.random().sample(instances, count);
        let mut answers = Vec::new();
        for step in targets.chunks(quantity.get()) {
            answers.extend(lifecycle::stop(&ec2, step, self.force).await?);
            tokio::time::sleep(pause).await;
        }
        Ok(answers.into())
    }
}

impl StopInstancesByIncrementalSteps {
    fn step(&self) -> Result<(NonZeroUsize, Duration), AwsError> {
        let quantity = usize::try_from(self.step_quantity)
            .ok()
            .and_then(NonZeroUsize::new);
        let seconds = u64::try_from(self.step_duration).ok();
        match (quantity, seconds) {
            (Some(quantity), Some(seconds)) => Ok((quantity, Duration::from_secs(seconds))),
            _ => Err(AwsError::because(format!(
                "steps of {} instances every {} seconds: step_quantity must be at least 1 and step_duration at least 0",
                self.step_quantity, self.step_duration
            ))),
        }
    }

    fn filters(&self) -> Result<Vec<Filter>, AwsError> {
        let tags = self.tags.as_ref().map_or(Ok(Vec::new()), TagMap::read)?;
        let filters = tags.iter().map(Filter::of_tag).collect();
        Ok(filters_and_zone(
            filters,
            self.az.clone().filter(|zone| !zone.is_empty()),
        ))
    }
}
