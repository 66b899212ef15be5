//! What RDS can be asked (`chaosaws.rds.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::databases::{Selector, cluster, clusters, distinct, instances};
use crate::arguments::Filter;
use crate::client::Aws;
use crate::given::given;
use crate::members::count;

const MODULE: &str = "chaosaws.rds.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<InstanceStatus>()
        .with::<ClusterStatus>()
        .with::<ClusterMembershipCount>()
}

/// The status of one DB instance, or of all that filters match. A hypothesis usually wants `available`.
#[derive(Deserialize, JsonSchema)]
pub struct InstanceStatus {
    /// Identifier or ARN of the instance; either this or `filters`.
    #[serde(default)]
    instance_id: Option<String>,
    /// Filters of rds:DescribeDBInstances, as `{Name, Values}`; either these or `instance_id`.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

impl NativeActivity for InstanceStatus {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "instance_status";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The status that all of them have, as text; a list of the different ones where they \
                                   differ; an empty list where filters match nothing.";
    const IAM: &'static [&'static str] = &["rds:DescribeDBInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let selector = Selector::new("instance_id", self.instance_id, self.filters)?;
        let rds = Aws::of(&context).await?.rds();
        let found = instances(&rds, selector).await?;
        Ok(distinct(&found, "DBInstanceStatus"))
    }
}

/// The status of one DB cluster, or of all that filters match. A hypothesis usually wants `available`.
#[derive(Deserialize, JsonSchema)]
pub struct ClusterStatus {
    /// Identifier or ARN of the cluster; either this or `filters`.
    #[serde(default)]
    cluster_id: Option<String>,
    /// Filters of rds:DescribeDBClusters, as `{Name, Values}`; either these or `cluster_id`.
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

impl NativeActivity for ClusterStatus {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "cluster_status";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The status that all of them have, as text; a list of the different ones where they \
                                   differ; an empty list where filters match nothing.";
    const IAM: &'static [&'static str] = &["rds:DescribeDBClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let selector = Selector::new("cluster_id", self.cluster_id, self.filters)?;
        let rds = Aws::of(&context).await?.rds();
        let found = clusters(&rds, selector).await?;
        Ok(distinct(&found, "Status"))
    }
}

/// How many instances a DB cluster has, its writer included.
#[derive(Deserialize, JsonSchema)]
pub struct ClusterMembershipCount {
    /// Identifier or ARN of the cluster.
    cluster_id: String,
}

impl NativeActivity for ClusterMembershipCount {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "cluster_membership_count";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The number of the cluster's members.";
    const IAM: &'static [&'static str] = &["rds:DescribeDBClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("cluster_id", "identifier of the cluster", &self.cluster_id)?;
        let rds = Aws::of(&context).await?.rds();
        let cluster = cluster(&rds, &self.cluster_id).await?;
        Ok(count(&cluster, "DBClusterMembers"))
    }
}
