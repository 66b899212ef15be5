//! What can be done to EKS (`chaosaws.eks.actions`).

use aws_sdk_eks::types::VpcConfigRequest;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::client::{Aws, answer};

const MODULE: &str = "chaosaws.eks.actions";

/// Where a cluster's nodes and its endpoint are, with the names that the API of EKS has.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VpcConfig {
    /// Subnets of the cluster, in at least two availability zones.
    #[serde(default)]
    subnet_ids: Option<Vec<String>>,
    /// Security groups of the cluster's network interfaces.
    #[serde(default)]
    security_group_ids: Option<Vec<String>>,
    /// Whether the endpoint can be reached from the Internet.
    #[serde(default)]
    endpoint_public_access: Option<bool>,
    /// Whether the endpoint can be reached from the VPC.
    #[serde(default)]
    endpoint_private_access: Option<bool>,
    /// CIDR blocks that may reach the public endpoint.
    #[serde(default)]
    public_access_cidrs: Option<Vec<String>>,
}

impl From<VpcConfig> for VpcConfigRequest {
    fn from(config: VpcConfig) -> Self {
        Self::builder()
            .set_subnet_ids(config.subnet_ids)
            .set_security_group_ids(config.security_group_ids)
            .set_endpoint_public_access(config.endpoint_public_access)
            .set_endpoint_private_access(config.endpoint_private_access)
            .set_public_access_cidrs(config.public_access_cidrs)
            .build()
    }
}

/// Begins the creation of a cluster; it takes AWS some minutes.
#[derive(Deserialize, JsonSchema)]
pub struct CreateCluster {
    /// Name of the cluster.
    name: String,
    /// ARN of the role by which the control plane acts.
    role_arn: String,
    /// Its network, as `resourcesVpcConfig` of the API.
    vpc_config: VpcConfig,
    /// Version of Kubernetes, for example `1.33`; AWS's default when absent.
    #[serde(default)]
    version: Option<String>,
}

impl NativeActivity for CreateCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "create_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of eks:CreateCluster.";
    // AWS checks iam:PassRole for the role that the request names
    const IAM: &'static [&'static str] = &["eks:CreateCluster", "iam:PassRole"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let eks = Aws::of(&context).await?.eks();
        let request = eks
            .create_cluster()
            .name(self.name)
            .set_version(self.version)
            .role_arn(self.role_arn)
            .resources_vpc_config(self.vpc_config.into());
        Ok(answer(request.send()).await?)
    }
}

/// Begins the deletion of a cluster. There is no way back.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteCluster {
    /// Name of the cluster. Without it the action fails.
    #[serde(default)]
    name: Option<String>,
}

impl NativeActivity for DeleteCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_cluster";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of eks:DeleteCluster.";
    const IAM: &'static [&'static str] = &["eks:DeleteCluster"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let Some(name) = self.name.filter(|name| !name.is_empty()) else {
            return Err(AwsError::because("say which EKS cluster to delete: name").into());
        };
        let eks = Aws::of(&context).await?.eks();
        Ok(answer(eks.delete_cluster().name(name).send()).await?)
    }
}
