//! What Auto Scaling can be asked (`chaosaws.asg.probes`).

mod groups;
mod health;
mod waits;

use aws_sdk_autoscaling::Client;
use chaos_engine::activity::{Catalogue, Context};
use chaos_engine::value::Value;

use super::groups::By;
use crate::AwsError;
use crate::arguments::Tag;
use crate::client::Aws;

const MODULE: &str = "chaosaws.asg.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<health::DesiredEqualsHealthy>()
        .with::<health::DesiredEqualsHealthyTags>()
        .with::<waits::WaitDesiredEqualsHealthy>()
        .with::<waits::WaitDesiredEqualsHealthyTags>()
        .with::<health::IsScalingInProgress>()
        .with::<groups::ProcessIsSuspended>()
        .with::<groups::HasSubnets>()
        .with::<groups::DescribeAutoScalingGroups>()
        .with::<health::InstanceCountByHealth>()
        .with::<waits::WaitDesiredNotEqualsHealthyTags>()
}

/// Groups that a probe which takes only names, or only tags, looks at.
struct Watched<'a> {
    client: Client,
    by: By<'a>,
}

impl<'a> Watched<'a> {
    async fn names(names: &'a [String], context: &Context) -> Result<Self, AwsError> {
        if names.is_empty() {
            let reason = "`asg_names` must be a non-empty list of names of auto-scaling groups";
            return Err(AwsError::because(reason));
        }
        Self::by(By::Names(names), context).await
    }

    async fn tags(tags: &'a [Tag], context: &Context) -> Result<Self, AwsError> {
        if tags.is_empty() {
            let reason = "`tags` must be a non-empty list of tags of auto-scaling groups";
            return Err(AwsError::because(reason));
        }
        Self::by(By::Tags(tags), context).await
    }

    async fn by(by: By<'a>, context: &Context) -> Result<Self, AwsError> {
        let client = Aws::of(context).await?.autoscaling();
        Ok(Self { client, by })
    }

    /// The groups as they are now; names that no group has are passed over.
    async fn now(&self) -> Result<Value, AwsError> {
        match self.by {
            By::Names(names) => super::groups::describe(&self.client, names).await,
            by => by.look(&self.client).await,
        }
    }
}
