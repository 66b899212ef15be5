//! What can be done to DocumentDB (`chaosaws.docdb.actions`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};
use crate::during::during;
use crate::given::given;
use crate::rds::databases::{fail_over, reboot};

const MODULE: &str = "chaosaws.docdb.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<FailoverDocdbCluster>()
        .with::<RebootDocdbInstance>()
        .with::<DeleteDocdbInstance>()
}

/// Makes a replica of a DocumentDB cluster its primary. Connections to the primary break, and writes fail until the
/// new one has taken over, usually within a minute.
#[derive(Deserialize, JsonSchema)]
pub struct FailoverDocdbCluster {
    /// Identifier of the cluster.
    docdb_cluster_identifier: String,
    /// The replica that becomes the primary; AWS's choice when absent.
    #[serde(default)]
    target_docdb_instance_identifier: Option<String>,
}

impl NativeActivity for FailoverDocdbCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "failover_docdb_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "The answer of rds:FailoverDBCluster: the cluster as it was when the failover began.";
    const IAM: &'static [&'static str] = &["rds:FailoverDBCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let cluster = &self.docdb_cluster_identifier;
        given("docdb_cluster_identifier", "docdb cluster identifier", cluster)?;
        let rds = Aws::of(&context).await?.rds();
        Ok(fail_over(&rds, cluster, self.target_docdb_instance_identifier).await?)
    }
}

/// Restarts an instance of a DocumentDB cluster. It is away for the time of the restart; a primary that restarts can
/// hand over to a replica.
#[derive(Deserialize, JsonSchema)]
pub struct RebootDocdbInstance {
    /// Identifier of the instance.
    docdb_instance_identifier: String,
    /// Fail over to a replica in another zone; AWS refuses where there is none.
    #[serde(default)]
    force_failover: bool,
}

impl NativeActivity for RebootDocdbInstance {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "reboot_docdb_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:RebootDBInstance: the instance that restarts.";
    const IAM: &'static [&'static str] = &["rds:RebootDBInstance"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let instance = &self.docdb_instance_identifier;
        given("docdb_instance_identifier", "docdb instance identifier", instance)?;
        let rds = Aws::of(&context).await?.rds();
        Ok(reboot(&rds, instance, self.force_failover).await?)
    }
}

/// Deletes an instance of a DocumentDB cluster. The cluster's data stays; a primary hands over to a replica first.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDocdbInstance {
    /// Identifier of the instance.
    docdb_instance_identifier: String,
}

impl NativeActivity for DeleteDocdbInstance {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_docdb_instance";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of rds:DeleteDBInstance: the instance that goes.";
    const IAM: &'static [&'static str] = &["rds:DeleteDBInstance"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let instance = &self.docdb_instance_identifier;
        given("docdb_instance_identifier", "docdb instance identifier", instance)?;
        let rds = Aws::of(&context).await?.rds();
        let deleted = answer(rds.delete_db_instance().db_instance_identifier(instance).send()).await;
        Ok(deleted.map_err(during(format!("deletion of DocumentDB instance {instance}")))?)
    }
}
