//! What EC2 can be asked (`chaosaws.ec2.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::instances::{describe, describe_by_ids, instances_of};
use super::selection::nothing_matches;
use crate::AwsError;
use crate::answer::{list, text};
use crate::arguments::{Filter, join};
use crate::client::Aws;

const MODULE: &str = "chaosaws.ec2.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<DescribeInstances>()
        .with::<CountInstances>()
        .with::<InstanceState>()
        .with::<CountMinInstances>()
}

/// Describes the instances that match some filters.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeInstances {
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`; an empty list means every instance.
    filters: Vec<Filter>,
}

impl NativeActivity for DescribeInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_instances";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ec2:DescribeInstances, with the reservations of all pages.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        Ok(describe(&ec2, &self.filters).await?)
    }
}

/// Counts the instances that match some filters. It counts instances, where the Python package counts launches
/// (reservations), which may each have started several.
#[derive(Deserialize, JsonSchema)]
pub struct CountInstances {
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`; an empty list means every instance.
    filters: Vec<Filter>,
}

impl NativeActivity for CountInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "count_instances";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "How many instances match, in any state unless a filter says otherwise.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        Ok(Value::Int(count(&self.filters, &context).await?))
    }
}

/// Tells whether at least so many instances match some filters.
#[derive(Deserialize, JsonSchema)]
pub struct CountMinInstances {
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`; an empty list means every instance.
    filters: Vec<Filter>,
    /// The fewest that are enough.
    #[serde(default)]
    min_count: i64,
}

impl NativeActivity for CountMinInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "count_min_instances";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when at least `min_count` instances match.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        Ok((count(&self.filters, &context).await? >= self.min_count).into())
    }
}

/// Tells whether instances are in a state. Of several launches (reservations) it looks at the instances of the first
/// only, as the Python package does.
#[derive(Deserialize, JsonSchema)]
pub struct InstanceState {
    /// The state: `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    state: String,
    /// Ids of the instances. The filters are not looked at then.
    #[serde(default)]
    instance_ids: Option<Vec<String>>,
    /// Filters of ec2:DescribeInstances, each `{"Name": …, "Values": […]}`.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

impl NativeActivity for InstanceState {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "instance_state";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when all instances of the first reservation are in the state.";
    const IAM: &'static [&'static str] = &["ec2:DescribeInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ids = self.instance_ids.unwrap_or_default();
        let filters = self.filters.unwrap_or_default();
        if ids.is_empty() && filters.is_empty() {
            let reason = "nothing says which instances to look at: give `instance_ids` or `filters`";
            return Err(AwsError::because(reason).into());
        }
        let ec2 = Aws::of(&context).await?.ec2();
        let (answer, nothing) = match &*ids {
            [] => (describe(&ec2, &filters).await?, nothing_matches(&filters)),
            ids => (
                describe_by_ids(&ec2, ids).await?,
                format!("there are no instances {}", join(ids)),
            ),
        };
        let Some(first) = list(&answer, "Reservations").first() else {
            return Err(AwsError::because(nothing).into());
        };
        let mut instances = list(first, "Instances").iter();
        let is_in_state = |instance| text(instance, &["State", "Name"]) == Some(&*self.state);
        Ok(instances.all(is_in_state).into())
    }
}

async fn count(filters: &[Filter], context: &Context) -> Result<i64, AwsError> {
    let ec2 = Aws::of(context).await?.ec2();
    let answer = describe(&ec2, filters).await?;
    Ok(i64::try_from(instances_of(&answer).count()).unwrap_or(i64::MAX))
}
