//! What EKS can be asked (`chaosaws.eks.probes`).

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};

const MODULE: &str = "chaosaws.eks.probes";

/// Describes a cluster: its status, version, endpoint and network.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeCluster {
    /// Name of the cluster.
    name: String,
}

impl NativeActivity for DescribeCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_cluster";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of eks:DescribeCluster, or null when there is no such cluster.";
    const IAM: &'static [&'static str] = &["eks:DescribeCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let eks = Aws::of(&context).await?.eks();
        match answer(eks.describe_cluster().name(self.name).send()).await {
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(Value::Null),
            answer => Ok(answer?),
        }
    }
}

/// Lists the names of the clusters, up to 100 of them.
#[derive(Deserialize, JsonSchema)]
pub struct ListClusters {}

impl NativeActivity for ListClusters {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "list_clusters";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of eks:ListClusters, its first page.";
    const IAM: &'static [&'static str] = &["eks:ListClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let eks = Aws::of(&context).await?.eks();
        Ok(answer(eks.list_clusters().send()).await?)
    }
}
