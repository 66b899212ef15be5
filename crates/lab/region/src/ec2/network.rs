//! VPCs, subnets and their addresses.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::filters::Filters;
use super::tags::{self, Tags};
use super::zones;
use super::{State, done, needed, security};
use crate::ec2::pages::page;
use crate::input::{flag, text, texts};
use crate::wire::{Answer, ApiError};
use crate::{Region, name};

/// The first and the last host of a subnet that are given away; AWS keeps the first four and the last.
const HOSTS: (u8, u8) = (4, 254);
/// Balancers and the database have the lower hosts of subnet 0.
const FIRST_OF_ZERO: u8 = 128;

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

/// A /24 of the lab's network.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// The VPC's id.
    pub vpc: String,
    /// The availability zone's name.
    pub zone: String,
    /// Its block of addresses.
    pub cidr: String,
    /// The third number of its addresses.
    pub index: u8,
    /// Its tags.
    pub tags: Tags,
    public: bool,
    /// Addresses are tried from here on, so that a freed one is used again as late as possible.
    next: u8,
}

impl Subnet {
    fn hosts(&self) -> (u8, u8) {
        (if self.index == 0 { FIRST_OF_ZERO } else { HOSTS.0 }, HOSTS.1)
    }
}

impl State {
    /// Takes an address of a subnet that is not in use.
    ///
    /// # Errors
    /// When there is no such subnet, and when all its addresses are in use.
    pub fn allocate(&mut self, subnet: &str) -> Result<Ipv4Addr, ApiError> {
        let subnet = self.subnets.get_mut(subnet).ok_or_else(|| no_subnet(subnet))?;
        let (first, last) = subnet.hosts();
        let [a, b, c, _] = cidr_octets(&subnet.cidr).unwrap_or_default();
        for _ in first..=last {
            let host = subnet.next.clamp(first, last);
            subnet.next = if host == last { first } else { host + 1 };
            let address = Ipv4Addr::new(a, b, c, host);
            if self.addresses.insert(address) {
                return Ok(address);
            }
        }
        let message = format!(
            "There are not enough free addresses in subnet '{}' to satisfy the request.",
            subnet.id
        );
        Err(ApiError::new("InsufficientFreeAddressesInSubnet", message))
    }

    /// Gives an address back.
    pub fn release(&mut self, address: Ipv4Addr) {
        self.addresses.remove(&address);
    }

    fn free_addresses(&self, subnet: &Subnet) -> usize {
        let (first, last) = subnet.hosts();
        let [a, b, c, _] = cidr_octets(&subnet.cidr).unwrap_or_default();
        let is_free = |host: &u8| !self.addresses.contains(&Ipv4Addr::new(a, b, c, *host));
        (first..=last).filter(is_free).count()
    }
}

/// `InvalidSubnetID.NotFound`
pub fn no_subnet(id: &str) -> ApiError {
    ApiError::new(
        "InvalidSubnetID.NotFound",
        format!("The subnet ID '{id}' does not exist"),
    )
}

fn no_vpc(id: &str) -> ApiError {
    ApiError::new(
        "InvalidVpcID.NotFound",
        format!("The vpc ID '{id}' does not exist"),
    )
}

fn cidr_octets(cidr: &str) -> Option<[u8; 4]> {
    let address: Ipv4Addr = cidr.split_once('/')?.0.parse().ok()?;
    Some(address.octets())
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

/// `CreateSubnet`
pub fn create_subnet(state: &mut State, region: &Region, input: &Value) -> Answer {
    let vpc = needed(input, "VpcId")?;
    if !state.vpcs.contains_key(vpc) {
        return Err(no_vpc(vpc));
    }
    let cidr = needed(input, "CidrBlock")?;
    let index = index_of(region, cidr)?;
    if state.subnets.values().any(|subnet| subnet.index == index) {
        let message = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(ApiError::new("InvalidSubnet.Conflict", message));
    }
    let mut subnet = Subnet {
        id: name::resource("subnet"),
        vpc: vpc.to_owned(),
        zone: zone_of(region, input)?,
        cidr: cidr.to_owned(),
        index,
        tags: tags::specified(input, "subnet"),
        public: false,
        next: 0,
    };
    subnet.next = subnet.hosts().0;
    let view = subnet_view(state, &subnet, region);
    state.subnets.insert(subnet.id.clone(), subnet);
    Ok(json!({ "subnet": view }))
}

fn index_of(region: &Region, cidr: &str) -> Result<u8, ApiError> {
    let network = region.settings().network;
    let index = cidr_octets(cidr)
        .map(|[_, _, index, _]| index)
        .filter(|index| network.subnet_cidr(*index) == cidr);
    index.ok_or_else(|| {
        let message = format!(
            "The CIDR '{cidr}' is invalid: subnets of this lab are blocks of 256 addresses inside {}, such as {}.",
            network.cidr(),
            network.subnet_cidr(1)
        );
        ApiError::new("InvalidSubnet.Range", message)
    })
}

fn zone_of(region: &Region, input: &Value) -> Result<String, ApiError> {
    let zones = zones::names(region);
    let by_id =
        text(input, "AvailabilityZoneId").and_then(|id| zones.iter().find(|zone| zones::id_of(zone) == id));
    let zone = text(input, "AvailabilityZone")
        .or(by_id.map(String::as_str))
        .unwrap_or(&zones[0]);
    if zones.iter().any(|known| known == zone) {
        return Ok(zone.to_owned());
    }
    let message = format!(
        "Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {}.",
        zones.join(", ")
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

fn subnet_view(state: &State, subnet: &Subnet, region: &Region) -> Value {
    json!({
        "subnetId": subnet.id,
        "subnetArn": region.arn("ec2", &format!("subnet/{}", subnet.id)),
        "state": "available",
        "vpcId": subnet.vpc,
        "ownerId": region.settings().account,
        "cidrBlock": subnet.cidr,
        "availableIpAddressCount": state.free_addresses(subnet),
        "availabilityZone": subnet.zone,
        "availabilityZoneId": zones::id_of(&subnet.zone),
        "defaultForAz": false,
        "mapPublicIpOnLaunch": subnet.public,
        "assignIpv6AddressOnCreation": false,
        "ipv6CidrBlockAssociationSet": [],
        "tagSet": tags::set(&subnet.tags),
    })
}

const SUBNET_FILTERS: &[&str] = &[
    "availability-zone",
    "availabilityZone",
    "availability-zone-id",
    "availabilityZoneId",
    "cidr",
    "cidr-block",
    "cidrBlock",
    "default-for-az",
    "defaultForAz",
    "map-public-ip-on-launch",
    "owner-id",
    "state",
    "subnet-arn",
    "subnet-id",
    "vpc-id",
];

/// `DescribeSubnets`
pub fn describe_subnets(state: &State, region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, SUBNET_FILTERS)?;
    let ids = texts(input, "SubnetId");
    if let Some(unknown) = ids.iter().find(|id| !state.subnets.contains_key(*id)) {
        return Err(no_subnet(unknown));
    }
    let values = |subnet: &Subnet, name: &str| match name {
        "availability-zone" | "availabilityZone" => vec![subnet.zone.clone()],
        "availability-zone-id" | "availabilityZoneId" => vec![zones::id_of(&subnet.zone)],
        "cidr" | "cidr-block" | "cidrBlock" => vec![subnet.cidr.clone()],
        "map-public-ip-on-launch" => vec![subnet.public.to_string()],
        "owner-id" => vec![region.settings().account.clone()],
        "state" => vec!["available".to_owned()],
        "subnet-arn" => vec![region.arn("ec2", &format!("subnet/{}", subnet.id))],
        "subnet-id" => vec![subnet.id.clone()],
        "vpc-id" => vec![subnet.vpc.clone()],
        _ => vec!["false".to_owned()],
    };
    let meant = |subnet: &&Subnet| {
        (ids.is_empty() || ids.contains(&subnet.id)) && filters.fit(&subnet.tags, |name| values(subnet, name))
    };
    let found = state
        .subnets
        .values()
        .filter(meant)
        .map(|subnet| subnet_view(state, subnet, region))
        .collect();
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "subnetSet": found, "nextToken": next }))
}

/// `DeleteSubnet`
pub fn delete_subnet(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "SubnetId")?;
    let subnet = state.subnets.get(id).ok_or_else(|| no_subnet(id))?;
    let (first, last) = subnet.hosts();
    if state.free_addresses(subnet) < usize::from(last - first) + 1 {
        let message = format!("The subnet '{id}' has dependencies and cannot be deleted.");
        return Err(ApiError::new("DependencyViolation", message));
    }
    state.subnets.shift_remove(id);
    done()
}

/// `ModifySubnetAttribute`
pub fn modify_subnet_attribute(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "SubnetId")?;
    let subnet = state.subnets.get_mut(id).ok_or_else(|| no_subnet(id))?;
    if let Some(value) = input
        .get("MapPublicIpOnLaunch")
        .and_then(|value| flag(value, "Value"))
    {
        subnet.public = value;
    }
    done()
}
