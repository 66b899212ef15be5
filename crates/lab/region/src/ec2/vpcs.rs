//! VPCs. All have the network of the lab.

use serde_json::{Value, json};

use super::filters::Filters;
use super::tags::{self, Tags};
use super::{State, done, needed, security};
use crate::ec2::pages::page;
use crate::input::{flag, text, texts};
use crate::wire::{Answer, ApiError};
use crate::{Region, name};

/// A virtual private cloud. All have the network of the lab.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its block of addresses.
    pub cidr: String,
    /// Its tags.
    pub tags: Tags,
    dns_names: bool,
}

/// `InvalidVpcID.NotFound`
pub fn no_vpc(id: &str) -> ApiError {
    ApiError::new(
        "InvalidVpcID.NotFound",
        format!("The vpc ID '{id}' does not exist"),
    )
}

/// `CreateVpc`
pub fn create_vpc(state: &mut State, region: &Region, input: &Value) -> Answer {
    let network = region.settings().network.cidr();
    let cidr = text(input, "CidrBlock").unwrap_or(&network);
    if cidr != network {
        let message = format!(
            "The CIDR '{cidr}' is invalid: the addresses of this lab are real ones of the loopback interface, {network}."
        );
        return Err(ApiError::new("InvalidVpc.Range", message));
    }
    let vpc = Vpc {
        id: name::resource("vpc"),
        cidr: cidr.to_owned(),
        tags: tags::specified(input, "vpc"),
        dns_names: true,
    };
    let answer = vpc_view(&vpc, region);
    security::add_default(state, &vpc.id);
    state.vpcs.insert(vpc.id.clone(), vpc);
    Ok(json!({ "vpc": answer }))
}

fn vpc_view(vpc: &Vpc, region: &Region) -> Value {
    json!({
        "vpcId": vpc.id,
        "ownerId": region.settings().account,
        "state": "available",
        "cidrBlock": vpc.cidr,
        "cidrBlockAssociationSet": [{
            "cidrBlock": vpc.cidr,
            "associationId": vpc.id.replace("vpc-", "vpc-cidr-assoc-"),
            "cidrBlockState": { "state": "associated" },
        }],
        "dhcpOptionsId": "dopt-00000000000000000",
        "instanceTenancy": "default",
        "isDefault": false,
        "tagSet": tags::set(&vpc.tags),
    })
}

/// `DescribeVpcs`
pub fn describe_vpcs(state: &State, region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(
        input,
        &[
            "cidr",
            "cidr-block",
            "is-default",
            "isDefault",
            "owner-id",
            "state",
            "vpc-id",
        ],
    )?;
    let ids = texts(input, "VpcId");
    if let Some(unknown) = ids.iter().find(|id| !state.vpcs.contains_key(*id)) {
        return Err(no_vpc(unknown));
    }
    let values = |vpc: &Vpc, name: &str| match name {
        "vpc-id" => vec![vpc.id.clone()],
        "cidr" | "cidr-block" => vec![vpc.cidr.clone()],
        "state" => vec!["available".to_owned()],
        "owner-id" => vec![region.settings().account.clone()],
        _ => vec!["false".to_owned()],
    };
    let meant = |vpc: &&Vpc| {
        (ids.is_empty() || ids.contains(&vpc.id)) && filters.fit(&vpc.tags, |name| values(vpc, name))
    };
    let found = state
        .vpcs
        .values()
        .filter(meant)
        .map(|vpc| vpc_view(vpc, region))
        .collect();
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "vpcSet": found, "nextToken": next }))
}

/// `DeleteVpc`
pub fn delete_vpc(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "VpcId")?;
    if !state.vpcs.contains_key(id) {
        return Err(no_vpc(id));
    }
    let own_groups = state
        .security
        .values()
        .any(|group| group.vpc == id && group.name != "default");
    if own_groups || state.subnets.values().any(|subnet| subnet.vpc == id) {
        let message = format!("The vpc '{id}' has dependencies and cannot be deleted.");
        return Err(ApiError::new("DependencyViolation", message));
    }
    state.security.retain(|_, group| group.vpc != id);
    state.vpcs.shift_remove(id);
    done()
}

/// `DescribeVpcAttribute`
pub fn describe_vpc_attribute(state: &State, input: &Value) -> Answer {
    let id = needed(input, "VpcId")?;
    let vpc = state.vpcs.get(id).ok_or_else(|| no_vpc(id))?;
    let (name, value) = match needed(input, "Attribute")? {
        "enableDnsHostnames" => ("enableDnsHostnames", vpc.dns_names),
        "enableDnsSupport" => ("enableDnsSupport", true),
        other => ("enableNetworkAddressUsageMetrics", other.is_empty()),
    };
    Ok(json!({ "vpcId": id, name: { "value": value } }))
}

/// `ModifyVpcAttribute`
pub fn modify_vpc_attribute(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "VpcId")?;
    let vpc = state.vpcs.get_mut(id).ok_or_else(|| no_vpc(id))?;
    if let Some(value) = input
        .get("EnableDnsHostnames")
        .and_then(|value| flag(value, "Value"))
    {
        vpc.dns_names = value;
    }
    done()
}
