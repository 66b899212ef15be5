//! Tags instances and takes tags off again.

use aws_sdk_ec2::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::arguments::{Filter, Tag, TagList};
use crate::batches::batches;
use crate::client::{Aws, answer};
use crate::ec2::instances::{Instance, MANY, NORMAL, describe};
use crate::ec2::selection::{filters_and_zone, matching_instances, nothing_matches};
use crate::share::share;

/// Tags a share of the on-demand instances that match, chosen by chance, at least one. Without zone and filters it is a
/// share of all instances of the region.
#[derive(Deserialize, JsonSchema)]
pub struct SetTagsOnInstances {
    /// The tags to set, as `k=v,x=y` or as a list of `{"Key": …, "Value": …}`.
    tags: TagList,
    /// How many percent of the instances to tag.
    #[serde(default = "all")]
    percentage: i64,
    /// Availability zone of the instances.
    #[serde(default)]
    az: Option<String>,
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

fn all() -> i64 {
    100
}

impl NativeActivity for SetTagsOnInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "set_tags_on_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ec2:CreateTags, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances", "ec2:CreateTags"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let tags = self.tags.read()?;
        if tags.is_empty() {
            return Err(AwsError::because("missing tags to set: `tags` is empty").into());
        }
        let ec2 = Aws::of(&context).await?.ec2();
        let filters = filters_and_zone(self.filters.unwrap_or_default(), zone(self.az));
        let mut ids = on_demand(matching_instances(&ec2, &filters).await?);
        if ids.is_empty() {
            let reason = format!(
                "{} (spot and scheduled ones do not count)",
                nothing_matches(&filters)
            );
            return Err(AwsError::because(reason).into());
        }
        let count = share(ids.len(), self.percentage, "percentage")?.max(1);
        ids = context.random().sample(ids, count);
        Ok(set(&ec2, &ids, &tags).await?)
    }
}

/// Takes tags off the instances that have them all, with these values.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveTagsFromInstances {
    /// The tags to remove, as `k=v,x=y` or as a list of `{"Key": …, "Value": …}`.
    tags: TagList,
    /// Availability zone of the instances.
    #[serde(default)]
    az: Option<String>,
}

impl NativeActivity for RemoveTagsFromInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "remove_tags_from_instances";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ec2:DeleteTags, which has only `ResponseMetadata`.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances", "ec2:DeleteTags"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let tags = self.tags.read()?;
        if tags.is_empty() {
            // EC2 would take every tag off every instance
            return Err(AwsError::because("missing tags to remove: `tags` is empty").into());
        }
        let ec2 = Aws::of(&context).await?.ec2();
        let filters = filters_and_zone(tags.iter().map(Filter::of_tag).collect(), zone(self.az));
        let instances = Instance::all(&describe(&ec2, &filters).await?);
        let ids: Vec<String> = instances.into_iter().map(|instance| instance.id).collect();
        Ok(remove(&ec2, &ids, &tags).await?)
    }
}

fn zone(az: Option<String>) -> Option<String> {
    az.filter(|zone| !zone.is_empty())
}

fn on_demand(instances: Vec<Instance>) -> Vec<String> {
    let instances = instances.into_iter();
    instances
        .filter(|instance| instance.lifecycle == NORMAL)
        .map(|instance| instance.id)
        .collect()
}

async fn set(ec2: &Client, ids: &[String], tags: &[Tag]) -> Result<Value, AwsError> {
    let mut last = Value::Null;
    for ids in batches(ids, MANY) {
        let call = ec2.create_tags().set_resources(Some(ids.to_vec()));
        last = answer(call.set_tags(Some(tags.iter().map(Into::into).collect())).send()).await?;
    }
    Ok(last)
}

async fn remove(ec2: &Client, ids: &[String], tags: &[Tag]) -> Result<Value, AwsError> {
    let mut last = Value::Null;
    for ids in batches(ids, MANY) {
        let call = ec2.delete_tags().set_resources(Some(ids.to_vec()));
        last = answer(call.set_tags(Some(tags.iter().map(Into::into).collect())).send()).await?;
    }
    Ok(last)
}
