//! Cache clusters and replication groups by their names.

use aws_sdk_elasticache::Client;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::list;
use crate::client::answer;

/// AWS's answer about one cache cluster, with its nodes if wanted.
pub(super) async fn describe_cluster(client: &Client, id: &str, nodes: bool) -> Result<Value, AwsError> {
    let request = client
        .describe_cache_clusters()
        .cache_cluster_id(id)
        .show_cache_node_info(nodes);
    answer(request.send()).await
}

/// AWS's answer about one replication group.
pub(super) async fn describe_group(client: &Client, id: &str) -> Result<Value, AwsError> {
    let request = client.describe_replication_groups().replication_group_id(id);
    answer(request.send()).await
}

/// All of the cache clusters, with their nodes, in the order of their ids.
///
/// # Errors
/// When one is not there, so that nothing happens to the others.
pub(super) async fn clusters(client: &Client, ids: &[String]) -> Result<Vec<Value>, AwsError> {
    let mut found = Vec::new();
    for id in ids {
        match list(&describe_cluster(client, id, true).await?, "CacheClusters") {
            [] => return Err(AwsError::because(format!("cache cluster {id} was not found"))),
            clusters => found.extend_from_slice(clusters),
        }
    }
    Ok(found)
}

/// All of the replication groups, in the order of their ids.
///
/// # Errors
/// When one is not there, so that nothing happens to the others.
pub(super) async fn groups(client: &Client, ids: &[String]) -> Result<Vec<Value>, AwsError> {
    let mut found = Vec::new();
    for id in ids {
        match list(&describe_group(client, id).await?, "ReplicationGroups") {
            [] => return Err(AwsError::because(format!("replication group {id} was not found"))),
            groups => found.extend_from_slice(groups),
        }
    }
    Ok(found)
}
