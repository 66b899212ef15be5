//! What MSK can be asked (`chaosaws.msk.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::clusters::about;
use crate::AwsError;
use crate::answer::text;
use crate::client::{Aws, answer};
use crate::given::given;

const MODULE: &str = "chaosaws.msk.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<DescribeMskCluster>()
        .with::<GetBootstrapServers>()
}

/// Describes an MSK cluster: its state, version and brokers.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeMskCluster {
    /// ARN of the cluster.
    cluster_arn: String,
}

impl NativeActivity for DescribeMskCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_msk_cluster";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of kafka:DescribeCluster.";
    const IAM: &'static [&'static str] = &["kafka:DescribeCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let arn = &self.cluster_arn;
        given("cluster_arn", "ARN of the cluster", arn)?;
        let client = Aws::of(&context).await?.kafka();
        let described = answer(client.describe_cluster().cluster_arn(arn).send()).await;
        Ok(described.map_err(about(arn))?)
    }
}

/// The addresses by which clients find the brokers of an MSK cluster without TLS.
#[derive(Deserialize, JsonSchema)]
pub struct GetBootstrapServers {
    /// ARN of the cluster.
    cluster_arn: String,
}

impl NativeActivity for GetBootstrapServers {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_bootstrap_servers";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "A list of `host:port`.";
    const IAM: &'static [&'static str] = &["kafka:GetBootstrapBrokers"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let arn = &self.cluster_arn;
        given("cluster_arn", "ARN of the cluster", arn)?;
        let client = Aws::of(&context).await?.kafka();
        let told = answer(client.get_bootstrap_brokers().cluster_arn(arn).send()).await;
        let told = told.map_err(about(arn))?;
        match text(&told, &["BootstrapBrokerString"]) {
            Some(servers) => Ok(servers.split(',').collect::<Vec<_>>().into()),
            None => Err(AwsError::because(format!(
                "MSK cluster {arn} has no plaintext listener: AWS tells no BootstrapBrokerString"
            ))
            .into()),
        }
    }
}
