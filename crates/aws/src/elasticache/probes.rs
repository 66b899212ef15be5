//! What ElastiCache can be asked (`chaosaws.elasticache.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::{describe_cluster, describe_group};
use crate::AwsError;
use crate::answer::list;
use crate::client::Aws;
use crate::members::count;

const MODULE: &str = "chaosaws.elasticache.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<DescribeCacheCluster>()
        .with::<GetCacheNodeCount>()
        .with::<GetCacheNodeStatus>()
        .with::<CountCacheClustersFromReplicationGroup>()
}

/// The answer about a cache cluster that exists.
async fn existing(context: &Context, id: &str, nodes: bool) -> Result<Value, AwsError> {
    let client = Aws::of(context).await?.elasticache();
    let answer = match describe_cluster(&client, id, nodes).await {
        Err(error) => Err(match error.code() {
            Some(code) => {
                let message = error.message();
                AwsError::because(format!("describe_cache_cluster failed: ({code}) {message}"))
            }
            None => error,
        }),
        found => found,
    }?;
    match list(&answer, "CacheClusters") {
        [] => Err(AwsError::because(format!(
            "describe_cache_cluster failed: there is no cache cluster {id}"
        ))),
        _ => Ok(answer),
    }
}

/// A member of that cache cluster.
async fn of_cluster(context: &Context, id: &str, member: &str) -> Result<Option<Value>, AwsError> {
    let answer = existing(context, id, false).await?;
    let cluster = list(&answer, "CacheClusters").first();
    Ok(cluster.and_then(|cluster| cluster.get(member)).cloned())
}

/// Describes a cache cluster, with its nodes if wanted.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeCacheCluster {
    /// Id of the cluster.
    cluster_id: String,
    /// Describe its nodes, too.
    #[serde(default)]
    show_node_info: bool,
}

impl NativeActivity for DescribeCacheCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_cache_cluster";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of elasticache:DescribeCacheClusters.";
    const IAM: &'static [&'static str] = &["elasticache:DescribeCacheClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        Ok(existing(&context, &self.cluster_id, self.show_node_info).await?)
    }
}

/// How many nodes a cache cluster has.
#[derive(Deserialize, JsonSchema)]
pub struct GetCacheNodeCount {
    /// Id of the cluster.
    cluster_id: String,
}

impl NativeActivity for GetCacheNodeCount {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_cache_node_count";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The number of nodes; 0 where AWS tells none.";
    const IAM: &'static [&'static str] = &["elasticache:DescribeCacheClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let count = of_cluster(&context, &self.cluster_id, "NumCacheNodes").await?;
        Ok(count.unwrap_or(Value::Int(0)))
    }
}

/// The status of a cache cluster. A hypothesis usually wants `available`.
#[derive(Deserialize, JsonSchema)]
pub struct GetCacheNodeStatus {
    /// Id of the cluster.
    cluster_id: String,
}

impl NativeActivity for GetCacheNodeStatus {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_cache_node_status";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The status as text; empty where AWS tells none.";
    const IAM: &'static [&'static str] = &["elasticache:DescribeCacheClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let status = of_cluster(&context, &self.cluster_id, "CacheClusterStatus").await?;
        Ok(status.unwrap_or_else(|| "".into()))
    }
}

/// How many cache clusters a replication group has, its primary included.
#[derive(Deserialize, JsonSchema)]
pub struct CountCacheClustersFromReplicationGroup {
    /// Id of the replication group.
    replication_group_id: String,
}

impl NativeActivity for CountCacheClustersFromReplicationGroup {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "count_cache_clusters_from_replication_group";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The number of member clusters.";
    const IAM: &'static [&'static str] = &["elasticache:DescribeReplicationGroups"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.elasticache();
        let id = &self.replication_group_id;
        let answer = describe_group(&client, id).await?;
        match list(&answer, "ReplicationGroups").first() {
            Some(group) => Ok(count(group, "MemberClusters")),
            None => Err(AwsError::because(format!(
                "count_cache_clusters_from_replication_group: there is no replication group {id}"
            ))
            .into()),
        }
    }
}
