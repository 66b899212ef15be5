//! What EMR can be asked (`chaosaws.emr.probes`).

use aws_sdk_emr::operation::list_instances::builders::ListInstancesFluentBuilder;
use aws_sdk_emr::types::{InstanceFleetType, InstanceGroupType, InstanceState};
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, map};
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookups;
use crate::AwsError;
use crate::client::{Aws, answer};
use crate::pages::items;

const MODULE: &str = "chaosaws.emr.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<DescribeCluster>()
        .with::<DescribeInstanceFleet>()
        .with::<DescribeInstanceGroup>()
        .with::<ListClusterFleetInstances>()
        .with::<ListClusterGroupInstances>()
        .with::<ListEmrClusters>()
}

/// Describes a cluster: its state, software and settings.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeCluster {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
}

impl NativeActivity for DescribeCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_cluster";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of elasticmapreduce:DescribeCluster.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:DescribeCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let emr = Aws::of(&context).await?.emr();
        Ok(answer(emr.describe_cluster().cluster_id(&self.cluster_id).send()).await?)
    }
}

/// Describes an instance fleet: its target and provisioned capacities.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeInstanceFleet {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the fleet, `if-…`.
    fleet_id: String,
}

impl NativeActivity for DescribeInstanceFleet {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_instance_fleet";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "`{InstanceFleets: fleet}`, the one fleet, or null when the cluster has no such fleet.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:ListInstanceFleets"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let emr = Aws::of(&context).await?.emr();
        Ok(lookups::fleet(&emr, &self.cluster_id, &self.fleet_id).await?)
    }
}

/// Describes an instance group: how many instances it has and should have.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeInstanceGroup {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the group, `ig-…`.
    group_id: String,
}

impl NativeActivity for DescribeInstanceGroup {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_instance_group";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "`{InstanceGroups: group}`, the one group, or null when the cluster has no such group.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:ListInstanceGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let emr = Aws::of(&context).await?.emr();
        Ok(lookups::group(&emr, &self.cluster_id, &self.group_id).await?)
    }
}

/// Lists the instances of an instance fleet.
#[derive(Deserialize, JsonSchema)]
pub struct ListClusterFleetInstances {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the fleet, `if-…`.
    fleet_id: String,
    /// Only instances of fleets of this type: `MASTER`, `CORE` or `TASK`.
    #[serde(default)]
    fleet_type: Option<String>,
    /// Only instances in these states: `AWAITING_FULFILLMENT`, `PROVISIONING`, `BOOTSTRAPPING`, `RUNNING`,
    /// `TERMINATED`.
    #[serde(default)]
    instance_states: Option<Vec<String>>,
}

impl NativeActivity for ListClusterFleetInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "list_cluster_fleet_instances";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "`{Instances: [...]}`, the instances of all pages.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:ListInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let kind = self.fleet_type.filter(|kind| !kind.is_empty());
        let request = Aws::of(&context)
            .await?
            .emr()
            .list_instances()
            .cluster_id(self.cluster_id)
            .instance_fleet_id(self.fleet_id)
            .set_instance_fleet_type(kind.as_deref().map(InstanceFleetType::from));
        Ok(instances(request, self.instance_states).await?)
    }
}

/// Lists the instances of an instance group.
#[derive(Deserialize, JsonSchema)]
pub struct ListClusterGroupInstances {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the group, `ig-…`.
    group_id: String,
    /// Only instances of groups of this type: `MASTER`, `CORE` or `TASK`.
    #[serde(default)]
    group_type: Option<String>,
    /// Only instances in these states: `AWAITING_FULFILLMENT`, `PROVISIONING`, `BOOTSTRAPPING`, `RUNNING`,
    /// `TERMINATED`.
    #[serde(default)]
    instance_states: Option<Vec<String>>,
}

impl NativeActivity for ListClusterGroupInstances {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "list_cluster_group_instances";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "`{Instances: [...]}`, the instances of all pages.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:ListInstances"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let kind = self.group_type.filter(|kind| !kind.is_empty());
        let request = Aws::of(&context)
            .await?
            .emr()
            .list_instances()
            .cluster_id(self.cluster_id)
            .instance_group_id(self.group_id)
            .set_instance_group_types(kind.map(|kind| vec![InstanceGroupType::from(kind.as_str())]));
        Ok(instances(request, self.instance_states).await?)
    }
}

/// The instances of all pages, in those states.
async fn instances(
    request: ListInstancesFluentBuilder,
    states: Option<Vec<String>>,
) -> Result<Value, AwsError> {
    let states = states.filter(|states| !states.is_empty());
    let states = states.map(|states| {
        let states = states.iter().map(String::as_str);
        states.map(InstanceState::from).collect()
    });
    let request = request.set_instance_states(states);
    let listed = items("Instances", "Marker", |marker| {
        answer(request.clone().set_marker(marker).send())
    });
    Ok(map([("Instances", listed.await?.into())]).into())
}

/// Lists the clusters of the region, the first page (the 50 newest).
#[derive(Deserialize, JsonSchema)]
pub struct ListEmrClusters {}

impl NativeActivity for ListEmrClusters {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "list_emr_clusters";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of elasticmapreduce:ListClusters.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:ListClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let emr = Aws::of(&context).await?.emr();
        Ok(answer(emr.list_clusters().send()).await?)
    }
}
