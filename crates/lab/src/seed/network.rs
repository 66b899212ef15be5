//! VPC and subnets.

use serde_json::json;

use super::aws::{Aws, text};
use super::names;
use crate::error::Error;

/// The zones that are used.
const ZONES: [&str; 3] = ["us-east-1a", "us-east-1b", "us-east-1c"];
/// The third number of the first public subnet's block; the private ones begin at 1.
const PUBLIC: u8 = 11;

/// What the deployment stands in.
pub struct Network {
    pub vpc: String,
    pub private: Vec<String>,
    pub public: Vec<String>,
    pub security_group: String,
}

/// Makes the network.
pub async fn make(aws: &Aws) -> Result<Network, Error> {
    let block = aws.region.settings().network;
    let made = aws
        .call("ec2", "CreateVpc", &json!({ "CidrBlock": block.cidr() }))
        .await?;
    let vpc = text(&made, "/vpc/vpcId")?;
    let private = subnets(aws, &vpc, "private", 1).await?;
    let public = subnets(aws, &vpc, "public", PUBLIC).await?;
    let group = json!({ "GroupName": format!("{}-alb-sg", names::PREFIX), "GroupDescription": "Load balancers", "VpcId": vpc });
    let security_group = text(&aws.call("ec2", "CreateSecurityGroup", &group).await?, "/groupId")?;
    Ok(Network {
        vpc,
        private,
        public,
        security_group,
    })
}

async fn subnets(aws: &Aws, vpc: &str, kind: &str, first: u8) -> Result<Vec<String>, Error> {
    let block = aws.region.settings().network;
    let mut ids = Vec::new();
    for (index, zone) in (first..).zip(ZONES) {
        let subnet = json!({ "VpcId": vpc, "CidrBlock": block.subnet_cidr(index), "AvailabilityZone": zone });
        let id = text(
            &aws.call("ec2", "CreateSubnet", &subnet).await?,
            "/subnet/subnetId",
        )?;
        let name = format!("{}-{kind}-{zone}", names::PREFIX);
        let tags =
            json!([{ "Key": "Name", "Value": name }, { "Key": "Environment", "Value": names::ENVIRONMENT }]);
        aws.call("ec2", "CreateTags", &json!({ "ResourceId": [id], "Tag": tags }))
            .await?;
        ids.push(id);
    }
    Ok(ids)
}
