//! Deleting databases: nothing brings them back but a snapshot.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::text;
use crate::client::{Aws, answer};
use crate::during::during;
use crate::given::filled;
use crate::rds::databases::cluster;

fn yes() -> bool {
    true
}

/// The name of the last snapshot, if one is to be taken.
fn final_snapshot(skip: bool, identifier: Option<String>) -> Result<Option<String>, AwsError> {
    match (skip, filled(identifier)) {
        (true, _) => Ok(None),
        (false, Some(identifier)) => Ok(Some(identifier)),
        (false, None) => Err(AwsError::because(
            "a final snapshot needs a snapshot identifier: give `db_snapshot_identifier`, or leave \
             `skip_final_snapshot` true",
        )),
    }
}

/// Deletes a DB instance for good. With the defaults neither a last snapshot nor its automated backups remain.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDbInstance {
    /// Identifier of the instance.
    db_instance_identifier: String,
    /// Take no last snapshot.
    #[serde(default = "yes")]
    skip_final_snapshot: bool,
    /// Name of the last snapshot, where one is taken.
    #[serde(default)]
    db_snapshot_identifier: Option<String>,
    /// Delete the automated backups at once, too.
    #[serde(default = "yes")]
    delete_automated_backups: bool,
}

impl NativeActivity for DeleteDbInstance {
    const MODULE: &'static str = super::MODULE;
    const FUNCTION: &'static str = "delete_db_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:DeleteDBInstance: the instance that goes.";
    const IAM: &'static [&'static str] = &["rds:DeleteDBInstance"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let snapshot = final_snapshot(self.skip_final_snapshot, self.db_snapshot_identifier)?;
        let rds = Aws::of(&context).await?.rds();
        let instance = self.db_instance_identifier;
        let request = rds
            .delete_db_instance()
            .db_instance_identifier(&instance)
            .delete_automated_backups(self.delete_automated_backups)
            .skip_final_snapshot(self.skip_final_snapshot)
            .set_final_db_snapshot_identifier(snapshot);
        let deleted = answer(request.send()).await;
        Ok(deleted.map_err(during(format!("deletion of DB instance {instance}")))?)
    }
}

/// Deletes an Aurora cluster for good; AWS wants its instances deleted before. With the defaults no last snapshot
/// remains.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDbCluster {
    /// Identifier of the cluster.
    db_cluster_identifier: String,
    /// Take no last snapshot.
    #[serde(default = "yes")]
    skip_final_snapshot: bool,
    /// Name of the last snapshot, where one is taken.
    #[serde(default)]
    db_snapshot_identifier: Option<String>,
}

impl NativeActivity for DeleteDbCluster {
    const MODULE: &'static str = super::MODULE;
    const FUNCTION: &'static str = "delete_db_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:DeleteDBCluster: the cluster that goes.";
    const IAM: &'static [&'static str] = &["rds:DeleteDBCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let snapshot = final_snapshot(self.skip_final_snapshot, self.db_snapshot_identifier)?;
        let rds = Aws::of(&context).await?.rds();
        let cluster = self.db_cluster_identifier;
        let request = rds
            .delete_db_cluster()
            .db_cluster_identifier(&cluster)
            .skip_final_snapshot(self.skip_final_snapshot)
            .set_final_db_snapshot_identifier(snapshot);
        let deleted = answer(request.send()).await;
        Ok(deleted.map_err(during(format!("deletion of DB cluster {cluster}")))?)
    }
}

/// Deletes the endpoint of an Aurora cluster, found by the cluster's identifier: what connects by that name no longer
/// can.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDbClusterEndpoint {
    /// Identifier of the cluster.
    db_cluster_identifier: String,
}

impl NativeActivity for DeleteDbClusterEndpoint {
    const MODULE: &'static str = super::MODULE;
    const FUNCTION: &'static str = "delete_db_cluster_endpoint";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:DeleteDBClusterEndpoint: the endpoint that goes.";
    const IAM: &'static [&'static str] = &["rds:DescribeDBClusters", "rds:DeleteDBClusterEndpoint"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let rds = Aws::of(&context).await?.rds();
        let identifier = &self.db_cluster_identifier;
        let what = || during(format!("deletion of the endpoint of DB cluster {identifier}"));
        let described = cluster(&rds, identifier).await.map_err(what())?;
        let Some(endpoint) = text(&described, &["Endpoint"]) else {
            return Err(AwsError::because(format!("DB cluster {identifier} has no endpoint")).into());
        };
        let request = rds
            .delete_db_cluster_endpoint()
            .db_cluster_endpoint_identifier(endpoint);
        Ok(answer(request.send()).await.map_err(what())?)
    }
}
