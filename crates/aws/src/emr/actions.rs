//! What can be done to EMR (`chaosaws.emr.actions`).

use aws_sdk_emr::Client;
use aws_sdk_emr::types::{
    InstanceFleetModifyConfig, InstanceGroupModifyConfig, InstanceResizePolicy, ShrinkPolicy,
};
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookups;
use crate::AwsError;
use crate::client::{Aws, answer};

const MODULE: &str = "chaosaws.emr.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<ModifyCluster>()
        .with::<ModifyInstanceFleet>()
        .with::<ModifyInstanceGroupsInstanceCount>()
        .with::<ModifyInstanceGroupsShrinkPolicy>()
}

/// Sets how many steps of a cluster run at the same time.
#[derive(Deserialize, JsonSchema)]
pub struct ModifyCluster {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Steps at the same time, 1 to 256.
    concurrency: i32,
}

impl NativeActivity for ModifyCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "modify_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of elasticmapreduce:ModifyCluster.";
    const IAM: &'static [&'static str] = &["elasticmapreduce:ModifyCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let request = Aws::of(&context)
            .await?
            .emr()
            .modify_cluster()
            .cluster_id(self.cluster_id)
            .step_concurrency_level(self.concurrency);
        Ok(answer(request.send()).await?)
    }
}

/// Sets the target capacities of an instance fleet; EMR starts or ends instances to get there.
///
/// Needs at least one of the capacities; 0 counts as not given.
#[derive(Deserialize, JsonSchema)]
pub struct ModifyInstanceFleet {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the fleet, `if-…`.
    fleet_id: String,
    /// Target capacity of on-demand instances, in units.
    #[serde(default)]
    on_demand_capacity: Option<i32>,
    /// Target capacity of spot instances, in units.
    #[serde(default)]
    spot_capacity: Option<i32>,
}

impl NativeActivity for ModifyInstanceFleet {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "modify_instance_fleet";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "`{InstanceFleets: fleet}`, the fleet afterwards, or null when the cluster does not list it.";
    const IAM: &'static [&'static str] = &[
        "elasticmapreduce:ListInstanceFleets",
        "elasticmapreduce:ModifyInstanceFleet",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let on_demand = self.on_demand_capacity.filter(|units| *units != 0);
        let spot = self.spot_capacity.filter(|units| *units != 0);
        if on_demand.is_none() && spot.is_none() {
            return Err(ActivityError::failed(format!(
                "nothing to change in the fleet {}: give on_demand_capacity, spot_capacity or both, other than 0",
                self.fleet_id
            )));
        }
        let emr = Aws::of(&context).await?.emr();
        let fleet = InstanceFleetModifyConfig::builder()
            .instance_fleet_id(&self.fleet_id)
            .set_target_on_demand_capacity(on_demand)
            .set_target_spot_capacity(spot)
            .build();
        let request = emr.modify_instance_fleet().cluster_id(&self.cluster_id);
        answer(request.instance_fleet(fleet).send()).await?;
        Ok(lookups::fleet(&emr, &self.cluster_id, &self.fleet_id).await?)
    }
}

/// Sets the number of instances of an instance group; EMR starts or ends instances to get there.
#[derive(Deserialize, JsonSchema)]
pub struct ModifyInstanceGroupsInstanceCount {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the group, `ig-…`.
    group_id: String,
    /// How many instances the group shall have.
    instance_count: i32,
}

impl NativeActivity for ModifyInstanceGroupsInstanceCount {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "modify_instance_groups_instance_count";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "`{InstanceGroups: group}`, the group afterwards, or null when the cluster does not list it.";
    const IAM: &'static [&'static str] = &[
        "elasticmapreduce:ListInstanceGroups",
        "elasticmapreduce:ModifyInstanceGroups",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let emr = Aws::of(&context).await?.emr();
        let change = InstanceGroupModifyConfig::builder()
            .instance_group_id(&self.group_id)
            .instance_count(self.instance_count)
            .build();
        Ok(modify_group(&emr, &self.cluster_id, change).await?)
    }
}

/// Sets which instances of a group go first when it shrinks, which stay, and how long that may take.
///
/// Needs at least one of `decommission_timeout`, `terminate_instances` and `protect_instances`; 0 and an empty list
/// count as not given.
#[derive(Deserialize, JsonSchema)]
pub struct ModifyInstanceGroupsShrinkPolicy {
    /// Identifier of the cluster, `j-…`.
    cluster_id: String,
    /// Identifier of the group, `ig-…`.
    group_id: String,
    /// Seconds that the decommissioning of an instance may take.
    #[serde(default)]
    decommission_timeout: Option<i32>,
    /// EC2 identifiers of the instances to end first.
    #[serde(default)]
    terminate_instances: Option<Vec<String>>,
    /// EC2 identifiers of the instances to keep.
    #[serde(default)]
    protect_instances: Option<Vec<String>>,
    /// Seconds that the decommissioning of `terminate_instances` may take.
    #[serde(default)]
    termination_timeout: Option<i32>,
}

impl NativeActivity for ModifyInstanceGroupsShrinkPolicy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "modify_instance_groups_shrink_policy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "`{InstanceGroups: group}`, the group afterwards, or null when the cluster does not list it.";
    const IAM: &'static [&'static str] = &[
        "elasticmapreduce:ListInstanceGroups",
        "elasticmapreduce:ModifyInstanceGroups",
    ];

    async fn run(mut self, context: Context) -> Result<Value, ActivityError> {
        let policy = self.policy()?;
        let emr = Aws::of(&context).await?.emr();
        let change = InstanceGroupModifyConfig::builder()
            .instance_group_id(self.group_id)
            .shrink_policy(policy)
            .build();
        Ok(modify_group(&emr, &self.cluster_id, change).await?)
    }
}

impl ModifyInstanceGroupsShrinkPolicy {
    fn policy(&mut self) -> Result<ShrinkPolicy, AwsError> {
        let decommission = self.decommission_timeout.filter(|seconds| *seconds != 0);
        let termination = self.termination_timeout.filter(|seconds| *seconds != 0);
        let terminate = self.terminate_instances.take().filter(|ids| !ids.is_empty());
        let protect = self.protect_instances.take().filter(|ids| !ids.is_empty());
        if decommission.is_none() && terminate.is_none() && protect.is_none() {
            return Err(AwsError::because(format!(
                "nothing to change in the group {}: give decommission_timeout, terminate_instances or \
                 protect_instances",
                self.group_id
            )));
        }
        if termination.is_some() && terminate.is_none() {
            return Err(AwsError::because(
                "termination_timeout is for the instances of terminate_instances: give those as well",
            ));
        }
        let of_instances = terminate.is_some() || protect.is_some();
        let resize = of_instances.then(|| {
            InstanceResizePolicy::builder()
                .set_instances_to_terminate(terminate)
                .set_instances_to_protect(protect)
                .set_instance_termination_timeout(termination)
                .build()
        });
        Ok(ShrinkPolicy::builder()
            .set_decommission_timeout(decommission)
            .set_instance_resize_policy(resize)
            .build())
    }
}

/// Changes a group and reads it back.
async fn modify_group(
    emr: &Client,
    cluster: &str,
    change: InstanceGroupModifyConfig,
) -> Result<Value, AwsError> {
    let group = change.instance_group_id.clone();
    let request = emr.modify_instance_groups().cluster_id(cluster);
    answer(request.instance_groups(change).send()).await?;
    lookups::group(emr, cluster, &group.unwrap_or_default()).await
}
