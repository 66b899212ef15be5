//! Groups of EC2 Auto Scaling: the zone's subnets leave the group, and its instances there are terminated.

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{AutoScalingGroup, Instance};
use serde::{Deserialize, Serialize};

use super::resource::has_tags;
use super::zones::Cut;
use super::{FailAz, Tag};
use crate::AwsError;
use crate::client::output;

/// How many instances are terminated with one call.
const INSTANCES: usize = 500;

/// What a group had, as it is saved.
#[derive(Serialize, Deserialize)]
pub(super) struct GroupState {
    #[serde(rename = "asgName")]
    name: String,
    /// The parts of `VPCZoneIdentifier` between its commas.
    subnets: Vec<String>,
}

/// A group as it was described.
pub(super) struct Group {
    name: String,
    described: AutoScalingGroup,
}

impl Group {
    fn of(described: AutoScalingGroup) -> Option<Self> {
        Some(Self {
            name: described.auto_scaling_group_name()?.to_owned(),
            described,
        })
    }

    pub fn key(&self) -> String {
        self.name.clone()
    }

    pub fn name(&self) -> String {
        self.name.clone()
    }

    fn zone_identifier(&self) -> &str {
        self.described.vpc_zone_identifier().unwrap_or_default()
    }

    pub fn subnets(&self) -> Vec<String> {
        let parts = self.zone_identifier().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    pub fn unfit(&self) -> Option<String> {
        let instances = self.described.instances();
        let desired = self.described.desired_capacity().unwrap_or_default();
        if usize::try_from(desired).is_ok_and(|desired| desired > instances.len()) {
            return Some(format!(
                "it has {} of {desired} instances, it must be steady first",
                instances.len()
            ));
        }
        let sick = instances.iter().filter(|instance| !is_healthy(instance));
        let sick: Vec<&str> = sick.filter_map(Instance::instance_id).collect();
        if !sick.is_empty() {
            return Some(format!("not Healthy: {}", sick.join(", ")));
        }
        let none = self.subnets().is_empty();
        none.then(|| "it has no subnets (VPCZoneIdentifier)".to_owned())
    }

    pub fn state(&self) -> GroupState {
        GroupState {
            name: self.name.clone(),
            subnets: self.zone_identifier().split(',').map(str::to_owned).collect(),
        }
    }

    pub fn is_of(&self, state: &GroupState) -> bool {
        state.name == self.name
    }

    pub async fn fail(&self, cut: &Cut, az: &FailAz) -> Result<(), AwsError> {
        let scaling = az.aws.autoscaling();
        set_subnets(&scaling, &self.name, &cut.kept).await?;
        // with those that were launched since the group was looked at
        let now = named(&scaling, &self.name).await?;
        let mut hit: Vec<String> = now
            .described
            .instances()
            .iter()
            .filter(|instance| is_hit(instance, cut))
            .filter_map(|instance| instance.instance_id.clone())
            .collect();
        hit.sort();
        if !hit.is_empty() {
            az.log.say(format!(
                "auto-scaling-group {}: terminating {}",
                self.name,
                hit.join(", ")
            ));
        }
        for some in hit.chunks(INSTANCES) {
            terminate(&az.aws.ec2(), some).await?;
        }
        Ok(())
    }
}

fn is_healthy(instance: &Instance) -> bool {
    let status = instance.health_status().unwrap_or_default();
    status.eq_ignore_ascii_case("healthy")
}

fn is_hit(instance: &Instance, cut: &Cut) -> bool {
    let is_ending = instance
        .lifecycle_state()
        .is_some_and(|state| state.as_str().starts_with("Terminat"));
    !is_ending
        && instance
            .availability_zone()
            .is_some_and(|zone| cut.zones.contains(zone))
}

/// EC2 terminates all of a call or none: where one instance cannot be terminated, the others are all the same.
async fn terminate(ec2: &aws_sdk_ec2::Client, instances: &[String]) -> Result<(), AwsError> {
    let request = ec2
        .terminate_instances()
        .set_instance_ids(Some(instances.to_vec()));
    let together = output(request.send()).await;
    if together.is_ok() || instances.len() == 1 {
        return together.map(drop).or_else(gone);
    }
    let mut last = Ok(());
    for instance in instances {
        let one = output(ec2.terminate_instances().instance_ids(instance).send()).await;
        last = one.map(drop).or_else(gone).and(last);
    }
    last
}

fn gone(error: AwsError) -> Result<(), AwsError> {
    match error.code() {
        Some("InvalidInstanceID.NotFound") => Ok(()),
        _ => Err(error),
    }
}

/// The group of that name.
///
/// # Errors
/// Also when there is none.
pub(super) async fn named(scaling: &Client, name: &str) -> Result<Group, AwsError> {
    let request = scaling
        .describe_auto_scaling_groups()
        .auto_scaling_group_names(name);
    let groups = output(request.send()).await?.auto_scaling_groups;
    let first = groups.and_then(|groups| groups.into_iter().next());
    let group = first.and_then(Group::of);
    group.ok_or_else(|| AwsError::because(format!("there is no auto scaling group {name}")))
}

/// All groups that have the tags.
pub(super) async fn tagged(scaling: &Client, tags: &[Tag]) -> Result<Vec<Group>, AwsError> {
    let listing = scaling
        .describe_auto_scaling_groups()
        .max_records(100)
        .into_paginator()
        .items();
    let groups: Vec<AutoScalingGroup> = output(listing.send().collect::<Result<_, _>>()).await?;
    let selected = groups.into_iter().filter(|group| {
        let has = group.tags().iter().map(|tag| (tag.key(), tag.value()));
        has_tags(tags, has)
    });
    Ok(selected.filter_map(Group::of).collect())
}

async fn set_subnets(scaling: &Client, name: &str, subnets: &[String]) -> Result<(), AwsError> {
    let request = scaling.update_auto_scaling_group().auto_scaling_group_name(name);
    output(request.vpc_zone_identifier(subnets.join(",")).send())
        .await
        .map(drop)
}

/// Gives a group its subnets back; what to do about instances is left to the group.
pub(super) async fn restore(scaling: &Client, state: GroupState) -> Result<(), AwsError> {
    set_subnets(scaling, &state.name, &state.subnets).await
}
