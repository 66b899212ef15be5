//! Availability zones and the subnets in them.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_ec2::Client;

use super::Log;
use crate::AwsError;
use crate::client::{Aws, output};
use crate::fan_out::fan_out;

/// How many subnets are asked for at a time.
const SUBNETS: usize = 100;

/// The zones that fail.
#[derive(Clone, Debug)]
pub(super) struct Zones(BTreeSet<String>);

impl Zones {
    /// Zones by their names in this account, all of which the region must have.
    ///
    /// # Errors
    /// No zone, a zone that the region does not have, or what AWS answers.
    pub async fn of(names: &[String], aws: &Aws, log: &Log) -> Result<Self, AwsError> {
        if names.is_empty() {
            return Err(AwsError::because(
                "no availability zone is named: give at least one in `azs`",
            ));
        }
        let wanted = Self(names.iter().cloned().collect());
        match output(aws.ec2().describe_availability_zones().send()).await {
            Ok(answer) => {
                let zones = answer.availability_zones();
                let known = zones.iter().filter_map(|zone| zone.zone_name());
                wanted.check(aws.region(), &known.collect())?;
            }
            // policies that were made for aws-fail-az lack this one
            Err(error) if error.code() == Some("UnauthorizedOperation") => log.warn(format!(
                "The zones' names are not checked, which needs ec2:DescribeAvailabilityZones: {error}"
            )),
            Err(error) => return Err(error),
        }
        Ok(wanted)
    }

    fn check(&self, region: &str, known: &BTreeSet<&str>) -> Result<(), AwsError> {
        let unknown: Vec<&str> = self
            .0
            .iter()
            .map(String::as_str)
            .filter(|zone| !known.contains(zone))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let known: Vec<&str> = known.iter().copied().collect();
        Err(AwsError::because(format!(
            "{region} has no availability zone {}; it has {} (their names in this account, not their ids)",
            unknown.join(", "),
            known.join(", ")
        )))
    }

    pub fn contains(&self, zone: &str) -> bool {
        self.0.contains(zone)
    }
}

impl std::fmt::Display for Zones {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        f.write_str(&names.join(", "))
    }
}

/// What a resource loses with its zones, and what it keeps.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub zones: Zones,
    /// Subnets outside the zones, in the resource's order.
    pub kept: Vec<String>,
    /// Subnets in the zones.
    pub lost: Vec<String>,
}

impl Cut {
    /// Parts the subnets of a resource. A subnet without a known zone is kept.
    pub fn of(subnets: &[String], zones: &Zones, zone_of: &HashMap<String, String>) -> Self {
        let is_lost = |subnet: &String| zone_of.get(subnet).is_some_and(|zone| zones.contains(zone));
        let (lost, kept) = subnets.iter().cloned().partition(is_lost);
        Self {
            zones: zones.clone(),
            kept,
            lost,
        }
    }
}

/// The zone of each subnet.
///
/// # Errors
/// What AWS answers, also when a subnet does not exist (any more).
pub(super) async fn zone_of(
    ec2: &Client,
    subnets: BTreeSet<String>,
) -> Result<HashMap<String, String>, AwsError> {
    let subnets: Vec<String> = subnets.into_iter().collect();
    let answers = fan_out(subnets.chunks(SUBNETS), |some| {
        let request = ec2.describe_subnets().set_subnet_ids(Some(some.to_vec()));
        output(request.send())
    });
    let answers = answers.await?;
    let found = answers.iter().flat_map(|answer| answer.subnets());
    let zones = found.filter_map(|subnet| {
        let zone = subnet.availability_zone()?;
        Some((subnet.subnet_id()?.to_owned(), zone.to_owned()))
    });
    Ok(zones.collect())
}
