//! What can be done to ElastiCache (`chaosaws.elasticache.actions`).
//!
//! Each action first looks all its targets up, so that a misspelt one leaves the others alone, and then takes one
//! after the other: the first that AWS refuses spares those that follow.

use aws_sdk_elasticache::Client;
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup;
use crate::AwsError;
use crate::answer::{list, text};
use crate::client::{Aws, answer};
use crate::during::during;
use crate::given::{filled, given};
use crate::members::member;

const MODULE: &str = "chaosaws.elasticache.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<RebootCacheClusters>()
        .with::<DeleteCacheClusters>()
        .with::<DeleteReplicationGroups>()
        .with::<TestFailover>()
}

/// Restarts nodes of cache clusters. What they hold in memory is lost.
#[derive(Deserialize, JsonSchema)]
pub struct RebootCacheClusters {
    /// Ids of the clusters.
    cluster_ids: Vec<String>,
    /// Ids of the nodes to restart in each of them; all of a cluster's nodes when absent or empty.
    #[serde(default)]
    node_ids: Option<Vec<String>>,
}

impl NativeActivity for RebootCacheClusters {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "reboot_cache_clusters";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "A list of the clusters, as elasticache:RebootCacheCluster describes them.";
    const IAM: &'static [&'static str] = &[
        "elasticache:DescribeCacheClusters",
        "elasticache:RebootCacheCluster",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.elasticache();
        let wanted = self.node_ids.unwrap_or_default();
        let mut rebooted = Vec::new();
        for cluster in lookup::clusters(&client, &self.cluster_ids).await? {
            rebooted.push(reboot(&client, &cluster, &wanted).await?);
        }
        Ok(rebooted.into())
    }
}

async fn reboot(client: &Client, cluster: &Value, wanted: &[String]) -> Result<Value, AwsError> {
    let id = text(cluster, &["CacheClusterId"]).unwrap_or_default();
    let request = client
        .reboot_cache_cluster()
        .cache_cluster_id(id)
        .set_cache_node_ids_to_reboot(Some(nodes_of(cluster, wanted)?));
    let answer = answer(request.send()).await;
    let answer = answer.map_err(during(format!("reboot of cache cluster {id}")))?;
    Ok(member(&answer, "CacheCluster"))
}

/// The wanted nodes, which the cluster must have, or all that it has.
fn nodes_of(cluster: &Value, wanted: &[String]) -> Result<Vec<String>, AwsError> {
    let nodes = list(cluster, "CacheNodes").iter();
    let nodes: Vec<&str> = nodes.filter_map(|node| text(node, &["CacheNodeId"])).collect();
    if wanted.is_empty() {
        return Ok(nodes.into_iter().map(str::to_owned).collect());
    }
    let missing = |id: &&String| !nodes.contains(&id.as_str());
    let missing: Vec<&str> = wanted.iter().filter(missing).map(String::as_str).collect();
    if missing.is_empty() {
        return Ok(wanted.to_vec());
    }
    Err(AwsError::because(format!(
        "cache cluster {} does not have node(s) {}; it has {}",
        text(cluster, &["CacheClusterId"]).unwrap_or_default(),
        missing.join(", "),
        nodes.join(", "),
    )))
}

/// Deletes cache clusters for good, after a snapshot if one is named.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteCacheClusters {
    /// Ids of the clusters.
    cluster_ids: Vec<String>,
    /// Name of a last snapshot; none when absent.
    #[serde(default)]
    final_snapshot_id: Option<String>,
}

impl NativeActivity for DeleteCacheClusters {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_cache_clusters";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "A list of the clusters, as elasticache:DeleteCacheCluster describes them.";
    const IAM: &'static [&'static str] = &[
        "elasticache:DescribeCacheClusters",
        "elasticache:DeleteCacheCluster",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.elasticache();
        let snapshot = filled(self.final_snapshot_id);
        let mut deleted = Vec::new();
        for cluster in lookup::clusters(&client, &self.cluster_ids).await? {
            let id = text(&cluster, &["CacheClusterId"]).unwrap_or_default();
            let request = client
                .delete_cache_cluster()
                .cache_cluster_id(id)
                .set_final_snapshot_identifier(snapshot.clone());
            let answer = answer(request.send()).await;
            let answer = answer.map_err(during(format!("deletion of cache cluster {id}")))?;
            deleted.push(member(&answer, "CacheCluster"));
        }
        Ok(deleted.into())
    }
}

fn yes() -> bool {
    true
}

/// Deletes replication groups: their read replicas, and their primaries too unless these are retained; after a
/// snapshot if one is named.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteReplicationGroups {
    /// Ids of the replication groups.
    group_ids: Vec<String>,
    /// Name of a last snapshot; none when absent.
    #[serde(default)]
    final_snapshot_id: Option<String>,
    /// Keep the primary as a cache cluster of its own.
    #[serde(default = "yes")]
    retain_primary_cluster: bool,
}

impl NativeActivity for DeleteReplicationGroups {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_replication_groups";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "A list of the groups, as elasticache:DeleteReplicationGroup describes them.";
    const IAM: &'static [&'static str] = &[
        "elasticache:DescribeReplicationGroups",
        "elasticache:DeleteReplicationGroup",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.elasticache();
        let snapshot = filled(self.final_snapshot_id);
        let mut deleted = Vec::new();
        for group in lookup::groups(&client, &self.group_ids).await? {
            let id = text(&group, &["ReplicationGroupId"]).unwrap_or_default();
            let request = client
                .delete_replication_group()
                .replication_group_id(id)
                .retain_primary_cluster(self.retain_primary_cluster)
                .set_final_snapshot_identifier(snapshot.clone());
            let answer = answer(request.send()).await;
            let answer = answer.map_err(during(format!("deletion of replication group {id}")))?;
            deleted.push(member(&answer, "ReplicationGroup"));
        }
        Ok(deleted.into())
    }
}

/// Fails one shard of a replication group over to a replica. AWS allows this for a few shards a day only.
#[derive(Deserialize, JsonSchema)]
pub struct TestFailover {
    /// Id of the replication group.
    replication_group_id: String,
    /// Id of the node group, which is the shard, for example `0001`.
    node_group_id: String,
}

impl NativeActivity for TestFailover {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "test_failover";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of elasticache:TestFailover.";
    const IAM: &'static [&'static str] = &["elasticache:TestFailover"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let (group, shard) = (&self.replication_group_id, &self.node_group_id);
        given("replication_group_id", "replication group id", group)?;
        given("node_group_id", "node group id", shard)?;
        let client = Aws::of(&context).await?.elasticache();
        let request = client
            .test_failover()
            .replication_group_id(group)
            .node_group_id(shard);
        let what = format!("test failover of replication group {group}, node group {shard}");
        Ok(answer(request.send()).await.map_err(during(what))?)
    }
}
