//! Which instances an activity is about, as users say it.

use aws_sdk_ec2::Client;
use chaos_engine::activity::Context;
use schemars::JsonSchema;
use serde::Deserialize;

use super::instances::{Instance, describe, describe_by_ids};
use crate::AwsError;
use crate::arguments::{Filter, join};

/// One instance: that of an id, or any of those that match.
#[derive(Deserialize, JsonSchema)]
pub(super) struct One {
    /// Id of the instance. The zone and the filters are not looked at then.
    #[serde(default)]
    instance_id: Option<String>,
    #[serde(flatten)]
    matching: Matching,
}

/// Several instances: those of some ids, or all that match.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Several {
    /// Ids of the instances. The zone and the filters are not looked at then.
    #[serde(default)]
    instance_ids: Option<Vec<String>>,
    #[serde(flatten)]
    matching: Matching,
}

#[derive(Deserialize, JsonSchema)]
struct Matching {
    /// Availability zone, for example `us-east-1a`. Alone it means every instance of the zone.
    #[serde(default)]
    az: Option<String>,
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`. An instance in any state matches unless a
    /// filter on `instance-state-name` says otherwise.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

impl One {
    /// The instance, one by chance when there is no id.
    ///
    /// # Errors
    /// Nothing says which one, or there is none.
    pub async fn find(
        self,
        ec2: &Client,
        context: &Context,
        purpose: &str,
    ) -> Result<Vec<Instance>, AwsError> {
        let ids = self.instance_id.filter(|id| !id.is_empty()).into_iter().collect();
        let by_id = !Vec::is_empty(&ids);
        let found = find(ec2, ids, self.matching, purpose).await?;
        if by_id {
            return Ok(found);
        }
        Ok(context.random().choice(&found).into_iter().cloned().collect())
    }
}

impl Several {
    /// The instances.
    ///
    /// # Errors
    /// Nothing says which ones, or there are none.
    pub async fn find(self, ec2: &Client, purpose: &str) -> Result<Vec<Instance>, AwsError> {
        find(ec2, self.instance_ids.unwrap_or_default(), self.matching, purpose).await
    }
}

impl Matching {
    fn filters(self) -> Vec<Filter> {
        let zone = self.az.filter(|zone| !zone.is_empty());
        filters_and_zone(self.filters.unwrap_or_default(), zone)
    }
}

/// The filters, and one for the zone.
pub(super) fn filters_and_zone(mut filters: Vec<Filter>, zone: Option<String>) -> Vec<Filter> {
    filters.extend(zone.map(|zone| Filter::new("availability-zone", zone)));
    filters
}

async fn find(
    ec2: &Client,
    ids: Vec<String>,
    matching: Matching,
    purpose: &str,
) -> Result<Vec<Instance>, AwsError> {
    if !ids.is_empty() {
        return some(&describe_by_ids(ec2, &ids).await?, || {
            format!("no instances found with instance ids {}", join(&ids))
        });
    }
    let filters = matching.filters();
    if filters.is_empty() {
        return Err(AwsError::because(format!(
            "nothing says which EC2 instances to {purpose}: give the instance id or instance ids (an instance-id is \
             like i-0123456789abcdef0), an availability zone (`az`) or `filters`"
        )));
    }
    matching_instances(ec2, &filters).await
}

/// The instances that match, at least one.
pub(super) async fn matching_instances(ec2: &Client, filters: &[Filter]) -> Result<Vec<Instance>, AwsError> {
    some(&describe(ec2, filters).await?, || nothing_matches(filters))
}

/// The sentence for filters that let nothing pass.
pub(super) fn nothing_matches(filters: &[Filter]) -> String {
    format!(
        "no instances found matching filters {}: check the tags, the availability zone and the region",
        join(filters)
    )
}

fn some(
    answer: &chaos_engine::value::Value,
    otherwise: impl FnOnce() -> String,
) -> Result<Vec<Instance>, AwsError> {
    let instances = Instance::all(answer);
    if instances.is_empty() {
        return Err(AwsError::because(otherwise()));
    }
    Ok(instances)
}
