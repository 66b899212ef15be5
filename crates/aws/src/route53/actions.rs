//! What can be done to Route 53 (`chaosaws.route53.actions`).

use aws_sdk_route53::types::{Vpc, VpcRegion};
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::{Aws, answer};
use crate::during::during;
use crate::given::filled;

const MODULE: &str = "chaosaws.route53.actions";

/// Route 53 looks at the VPC with the caller's permissions: `ec2:DescribeVpcs` is the dependent action of both
/// operations in the service authorization reference.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html>
const SEE_THE_VPC: &str = "ec2:DescribeVpcs";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<AssociateVpcWithZone>()
        .with::<DisassociateVpcFromZone>()
}

fn vpc(id: &str, region: &str) -> Vpc {
    let region = VpcRegion::from(region);
    Vpc::builder().vpc_id(id).vpc_region(region).build()
}

/// Lets a VPC see a private hosted zone: the zone's names resolve in it from then on.
#[derive(Deserialize, JsonSchema)]
pub struct AssociateVpcWithZone {
    /// Id of the zone.
    zone_id: String,
    /// Id of the VPC.
    vpc_id: String,
    /// Region of the VPC.
    vpc_region: String,
    /// A note for the change's record.
    #[serde(default)]
    comment: Option<String>,
}

impl NativeActivity for AssociateVpcWithZone {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "associate_vpc_with_zone";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of route53:AssociateVPCWithHostedZone.";
    const IAM: &'static [&'static str] = &["route53:AssociateVPCWithHostedZone", SEE_THE_VPC];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.route53();
        let request = client
            .associate_vpc_with_hosted_zone()
            .hosted_zone_id(&self.zone_id)
            .vpc(vpc(&self.vpc_id, &self.vpc_region))
            .set_comment(filled(self.comment));
        let what = format!("association of {} with zone {}", self.vpc_id, self.zone_id);
        Ok(answer(request.send()).await.map_err(during(what))?)
    }
}

/// Hides a private hosted zone from a VPC: the zone's names no longer resolve in it.
#[derive(Deserialize, JsonSchema)]
pub struct DisassociateVpcFromZone {
    /// Id of the zone.
    zone_id: String,
    /// Id of the VPC.
    vpc_id: String,
    /// Region of the VPC.
    vpc_region: String,
    /// A note for the change's record.
    #[serde(default)]
    comment: Option<String>,
}

impl NativeActivity for DisassociateVpcFromZone {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "disassociate_vpc_from_zone";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of route53:DisassociateVPCFromHostedZone.";
    const IAM: &'static [&'static str] = &["route53:DisassociateVPCFromHostedZone", SEE_THE_VPC];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.route53();
        let request = client
            .disassociate_vpc_from_hosted_zone()
            .hosted_zone_id(&self.zone_id)
            .vpc(vpc(&self.vpc_id, &self.vpc_region))
            .set_comment(filled(self.comment));
        let what = format!("disassociation of {} from zone {}", self.vpc_id, self.zone_id);
        Ok(answer(request.send()).await.map_err(during(what))?)
    }
}
