//! What can be done to MSK (`chaosaws.msk.actions`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::clusters::about;
use crate::client::{Aws, answer};
use crate::given::given;

const MODULE: &str = "chaosaws.msk.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<RebootMskBroker>().with::<DeleteCluster>()
}

/// Restarts brokers of an MSK cluster. Partitions that they lead move to other replicas meanwhile.
#[derive(Deserialize, JsonSchema)]
pub struct RebootMskBroker {
    /// ARN of the cluster.
    cluster_arn: String,
    /// Ids of the brokers, for example `1`. AWS takes one at a time.
    broker_ids: Vec<String>,
}

impl NativeActivity for RebootMskBroker {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "reboot_msk_broker";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of kafka:RebootBroker: the ARN of the operation.";
    const IAM: &'static [&'static str] = &["kafka:RebootBroker"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let arn = &self.cluster_arn;
        given("cluster_arn", "ARN of the cluster", arn)?;
        let client = Aws::of(&context).await?.kafka();
        let request = client
            .reboot_broker()
            .cluster_arn(arn)
            .set_broker_ids(Some(self.broker_ids));
        Ok(answer(request.send()).await.map_err(about(arn))?)
    }
}

/// Deletes an MSK cluster for good, with all its topics.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteCluster {
    /// ARN of the cluster.
    cluster_arn: String,
}

impl NativeActivity for DeleteCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of kafka:DeleteCluster: ARN and state of the cluster.";
    const IAM: &'static [&'static str] = &["kafka:DeleteCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let arn = &self.cluster_arn;
        given("cluster_arn", "ARN of the cluster", arn)?;
        let client = Aws::of(&context).await?.kafka();
        let deleted = answer(client.delete_cluster().cluster_arn(arn).send()).await;
        Ok(deleted.map_err(about(arn))?)
    }
}
