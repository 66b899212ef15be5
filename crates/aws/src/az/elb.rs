//! Load balancers: the zone's subnets are taken from them.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    AvailabilityZone, LoadBalancer, LoadBalancerTypeEnum, SubnetMapping,
};
use serde::{Deserialize, Serialize};

use super::resource::has_tags;
use super::zones::Cut;
use super::{FailAz, Tag};
use crate::AwsError;
use crate::client::output;
use crate::fan_out::fan_out;

/// Balancers need subnets in two zones.
pub(super) const MINIMUM: usize = 2;

/// How many balancers `DescribeTags` takes.
const BALANCERS: usize = 20;

/// What a balancer had, as it is saved.
#[derive(Serialize, Deserialize)]
pub(super) struct BalancerState {
    /// Name or ARN.
    #[serde(rename = "lbName")]
    name: String,
    subnets: Vec<String>,
    /// The same subnets with the fixed addresses in them, if there are any. aws-fail-az does not know of this member.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mappings: Vec<Mapping>,
}

/// A subnet, and the addresses of a network load balancer in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mapping {
    subnet_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allocation_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private_ipv4_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ipv6_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_nat_ipv6_prefix: Option<String>,
}

impl Mapping {
    fn of(zone: &AvailabilityZone) -> Option<Self> {
        let addresses = zone.load_balancer_addresses();
        Some(Self {
            subnet_id: zone.subnet_id()?.to_owned(),
            allocation_id: addresses.iter().find_map(|address| address.allocation_id.clone()),
            private_ipv4_address: addresses
                .iter()
                .find_map(|address| address.private_ipv4_address.clone()),
            ipv6_address: addresses.iter().find_map(|address| address.ipv6_address.clone()),
            source_nat_ipv6_prefix: zone.source_nat_ipv6_prefixes().first().cloned(),
        })
    }

    fn is_plain(&self) -> bool {
        let plain = Self {
            subnet_id: self.subnet_id.clone(),
            ..Self::default()
        };
        *self == plain
    }

    fn to_sdk(&self) -> SubnetMapping {
        SubnetMapping::builder()
            .subnet_id(&self.subnet_id)
            .set_allocation_id(self.allocation_id.clone())
            .set_private_ipv4_address(self.private_ipv4_address.clone())
            .set_ipv6_address(self.ipv6_address.clone())
            .set_source_nat_ipv6_prefix(self.source_nat_ipv6_prefix.clone())
            .build()
    }
}

/// A balancer as it was described.
pub(super) struct Balancer {
    arn: String,
    name: String,
    kind: Option<LoadBalancerTypeEnum>,
    mappings: Vec<Mapping>,
}

impl Balancer {
    fn of(described: &LoadBalancer) -> Option<Self> {
        let zones = described.availability_zones().iter();
        Some(Self {
            arn: described.load_balancer_arn()?.to_owned(),
            name: described.load_balancer_name()?.to_owned(),
            kind: described.r#type.clone(),
            mappings: zones.filter_map(Mapping::of).collect(),
        })
    }

    pub fn key(&self) -> String {
        self.arn.clone()
    }

    pub fn name(&self) -> String {
        self.name.clone()
    }

    pub fn subnets(&self) -> Vec<String> {
        self.mappings
            .iter()
            .map(|mapping| mapping.subnet_id.clone())
            .collect()
    }

    pub fn unfit(&self) -> Option<String> {
        let gateway = self.kind == Some(LoadBalancerTypeEnum::Gateway);
        gateway.then(|| "it is a gateway load balancer, from which AWS lets nobody take subnets".to_owned())
    }

    pub fn state(&self) -> BalancerState {
        BalancerState {
            name: self.arn.clone(),
            subnets: self.subnets(),
            mappings: self.addressed(),
        }
    }

    /// The mappings, if there is an address in any of them.
    fn addressed(&self) -> Vec<Mapping> {
        let plain = self.mappings.iter().all(Mapping::is_plain);
        if plain { Vec::new() } else { self.mappings.clone() }
    }

    pub fn is_of(&self, state: &BalancerState) -> bool {
        state.name == self.arn || state.name == self.name
    }

    pub async fn fail(&self, cut: &Cut, az: &FailAz) -> Result<(), AwsError> {
        let mut mappings = self.addressed();
        mappings.retain(|mapping| cut.kept.contains(&mapping.subnet_id));
        set_subnets(&az.aws.elbv2(), &self.arn, &cut.kept, &mappings).await
    }
}

/// The balancer of that name or ARN.
///
/// # Errors
/// Also when there is none.
pub(super) async fn named(elb: &Client, name: &str) -> Result<Balancer, AwsError> {
    let request = elb.describe_load_balancers();
    let request = if is_arn(name) {
        request.load_balancer_arns(name)
    } else {
        request.names(name)
    };
    let answer = output(request.send()).await?;
    let balancer = answer.load_balancers().first().and_then(Balancer::of);
    balancer.ok_or_else(|| AwsError::because(format!("there is no load balancer {name}")))
}

fn is_arn(name: &str) -> bool {
    name.starts_with("arn:")
}

/// All balancers that have the tags.
pub(super) async fn tagged(elb: &Client, tags: &[Tag]) -> Result<Vec<Balancer>, AwsError> {
    let listing = elb.describe_load_balancers().into_paginator().items();
    let balancers: Vec<LoadBalancer> = output(listing.send().collect::<Result<_, _>>()).await?;
    let arns: Vec<String> = balancers
        .iter()
        .filter_map(|balancer| balancer.load_balancer_arn.clone())
        .collect();
    let described = fan_out(arns.chunks(BALANCERS), |some| {
        let request = elb.describe_tags().set_resource_arns(Some(some.to_vec()));
        output(request.send())
    });
    let described = described.await?;
    let descriptions = described.iter().flat_map(|answer| answer.tag_descriptions());
    let selected: Vec<&str> = descriptions
        .filter(|description| {
            let has = description.tags().iter().map(|tag| (tag.key(), tag.value()));
            has_tags(tags, has)
        })
        .filter_map(|description| description.resource_arn())
        .collect();
    let is_selected = |balancer: &&LoadBalancer| {
        let arn = balancer.load_balancer_arn();
        arn.is_some_and(|arn| selected.contains(&arn))
    };
    Ok(balancers
        .iter()
        .filter(is_selected)
        .filter_map(Balancer::of)
        .collect())
}

async fn set_subnets(
    elb: &Client,
    arn: &str,
    subnets: &[String],
    mappings: &[Mapping],
) -> Result<(), AwsError> {
    let request = elb.set_subnets().load_balancer_arn(arn);
    let request = if mappings.is_empty() {
        request.set_subnets(Some(subnets.to_vec()))
    } else {
        request.set_subnet_mappings(Some(mappings.iter().map(Mapping::to_sdk).collect()))
    };
    output(request.send()).await.map(drop)
}

/// Gives a balancer its subnets back, with the addresses that it had in them.
pub(super) async fn restore(elb: &Client, state: BalancerState) -> Result<(), AwsError> {
    let arn = if is_arn(&state.name) {
        state.name
    } else {
        named(elb, &state.name).await?.arn
    };
    set_subnets(elb, &arn, &state.subnets, &state.mappings).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_addresses_are_kept_and_given_back() {
        let json = r#"{"lbName":"arn:x","subnets":["s1"],"mappings":[{"subnetId":"s1","allocationId":"eipalloc-1"}]}"#;
        let state: BalancerState = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&state).unwrap(), json);
        assert_eq!(state.mappings[0].to_sdk().allocation_id(), Some("eipalloc-1"));
    }

    #[test]
    fn a_state_without_addresses_is_as_aws_fail_az_writes_it() {
        let json = r#"{"lbName":"front","subnets":["s1","s2"]}"#;
        let state: BalancerState = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&state).unwrap(), json);
    }
}
