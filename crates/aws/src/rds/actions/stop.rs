//! Stopping databases.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};
use crate::during::during;
use crate::given::filled;

/// Stops a DB instance, after a snapshot if one is named. It stays down until somebody starts it, or for the seven
/// days after which AWS does.
#[derive(Deserialize, JsonSchema)]
pub struct StopDbInstance {
    /// Identifier of the instance.
    db_instance_identifier: String,
    /// Name of a snapshot to take before the stop; none when absent.
    #[serde(default)]
    db_snapshot_identifier: Option<String>,
}

impl NativeActivity for StopDbInstance {
    const MODULE: &'static str = super::MODULE;
    const FUNCTION: &'static str = "stop_db_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:StopDBInstance: the instance that stops.";
    const IAM: &'static [&'static str] = &["rds:StopDBInstance"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let rds = Aws::of(&context).await?.rds();
        let instance = self.db_instance_identifier;
        let request = rds
            .stop_db_instance()
            .db_instance_identifier(&instance)
            .set_db_snapshot_identifier(filled(self.db_snapshot_identifier));
        let stopped = answer(request.send()).await;
        Ok(stopped.map_err(during(format!("stop of DB instance {instance}")))?)
    }
}

/// Stops an Aurora cluster with all its instances, until somebody starts it, or for the seven days after which AWS
/// does.
#[derive(Deserialize, JsonSchema)]
pub struct StopDbCluster {
    /// Identifier of the cluster.
    db_cluster_identifier: String,
}

impl NativeActivity for StopDbCluster {
    const MODULE: &'static str = super::MODULE;
    const FUNCTION: &'static str = "stop_db_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:StopDBCluster: the cluster that stops.";
    const IAM: &'static [&'static str] = &["rds:StopDBCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let rds = Aws::of(&context).await?.rds();
        let cluster = self.db_cluster_identifier;
        let stopped = answer(rds.stop_db_cluster().db_cluster_identifier(&cluster).send()).await;
        Ok(stopped.map_err(during(format!("stop of DB cluster {cluster}")))?)
    }
}
