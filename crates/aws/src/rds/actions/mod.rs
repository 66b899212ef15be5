//! What can be done to RDS (`chaosaws.rds.actions`).

mod delete;
mod stop;

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::databases::{fail_over, reboot};
use crate::client::Aws;
use crate::given::given;

const MODULE: &str = "chaosaws.rds.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<FailoverDbCluster>()
        .with::<RebootDbInstance>()
        .with::<stop::StopDbInstance>()
        .with::<stop::StopDbCluster>()
        .with::<delete::DeleteDbInstance>()
        .with::<delete::DeleteDbCluster>()
        .with::<delete::DeleteDbClusterEndpoint>()
}

/// Makes a reader of a DB cluster its writer. Connections to the cluster break, and writes fail until the new writer
/// has taken over, usually within a minute.
#[derive(Deserialize, JsonSchema)]
pub struct FailoverDbCluster {
    /// Identifier of the cluster.
    db_cluster_identifier: String,
    /// The reader that becomes the writer; AWS's choice when absent.
    #[serde(default)]
    target_db_instance_identifier: Option<String>,
}

impl NativeActivity for FailoverDbCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "failover_db_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answer of rds:FailoverDBCluster: the cluster as it was when the failover began.";
    const IAM: &'static [&'static str] = &["rds:FailoverDBCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let cluster = &self.db_cluster_identifier;
        given("db_cluster_identifier", "db cluster identifier", cluster)?;
        let rds = Aws::of(&context).await?.rds();
        Ok(fail_over(&rds, cluster, self.target_db_instance_identifier).await?)
    }
}

/// Restarts a DB instance. It is away for the time of the restart, or of the failover to its standby.
#[derive(Deserialize, JsonSchema)]
pub struct RebootDbInstance {
    /// Identifier of the instance.
    db_instance_identifier: String,
    /// Fail over to the standby of a Multi-AZ instance.
    #[serde(default)]
    force_failover: bool,
}

impl NativeActivity for RebootDbInstance {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "reboot_db_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:RebootDBInstance: the instance that restarts.";
    const IAM: &'static [&'static str] = &["rds:RebootDBInstance"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let instance = &self.db_instance_identifier;
        given("db_instance_identifier", "db instance identifier", instance)?;
        let rds = Aws::of(&context).await?.rds();
        Ok(reboot(&rds, instance, self.force_failover).await?)
    }
}
