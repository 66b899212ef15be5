//! Clusters and their container instances.

use aws_sdk_ecs::types::ContainerInstanceStatus;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::{Aws, answer};
use crate::ecs::lookup;

/// Deletes a cluster that has no services, tasks or container instances left. There is no way back.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteCluster {
    /// Name or ARN of the cluster.
    cluster: String,
}

impl NativeActivity for DeleteCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:DeleteCluster.";
    const IAM: &'static [&'static str] = &["ecs:DeleteCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        Ok(answer(ecs.delete_cluster().cluster(self.cluster).send()).await?)
    }
}

/// Takes a container instance out of its cluster. Tasks that still run on it go on unmanaged when forced.
#[derive(Deserialize, JsonSchema)]
pub struct DeregisterContainerInstance {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Id or ARN of the container instance.
    instance_id: String,
    /// Also when tasks run on it.
    #[serde(default)]
    force: bool,
}

impl NativeActivity for DeregisterContainerInstance {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "deregister_container_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:DeregisterContainerInstance.";
    const IAM: &'static [&'static str] = &["ecs:DeregisterContainerInstance"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let request = ecs
            .deregister_container_instance()
            .cluster(self.cluster)
            .container_instance(self.instance_id)
            .force(self.force);
        Ok(answer(request.send()).await?)
    }
}

/// Drains container instances, so that ECS moves their tasks away, or makes them active again.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateContainerInstancesState {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Ids or ARNs of the container instances; AWS takes at most 10.
    container_instances: Vec<String>,
    /// `DRAINING` or `ACTIVE`.
    status: String,
}

impl NativeActivity for UpdateContainerInstancesState {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "update_container_instances_state";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:UpdateContainerInstancesState.";
    const IAM: &'static [&'static str] = &["ecs:DescribeClusters", "ecs:UpdateContainerInstancesState"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        lookup::cluster(&ecs, &self.cluster).await?;
        let request = ecs
            .update_container_instances_state()
            .cluster(self.cluster)
            .set_container_instances(Some(self.container_instances))
            .status(ContainerInstanceStatus::from(self.status.as_str()));
        Ok(answer(request.send()).await?)
    }
}
