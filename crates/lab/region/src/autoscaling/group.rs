//! Groups: what they are made of, and their creation, change and end.

use std::time::Instant;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::tags::{self, Tag};
use super::{configurations, done};
use crate::ec2::templates;
use crate::input::{flag, integer, required, text, texts};
use crate::wire::{Answer, ApiError};
use crate::{Region, State, name, now};

/// Where an instance is in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// It boots.
    Pending,
    /// It counts.
    InService,
    /// It shuts down, and counts no more.
    Terminating,
}

impl Lifecycle {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Terminating => "Terminating",
        }
    }
}

/// An instance of a group.
#[derive(Clone, Debug)]
pub struct Member {
    /// The instance's id.
    pub id: String,
    /// Where it is in the group.
    pub lifecycle: Lifecycle,
    /// What the health check, or a caller, says.
    pub healthy: bool,
    /// Whether it is spared when the group shrinks.
    pub protected: bool,
    /// The subnet's id.
    pub subnet: String,
    /// The availability zone's name.
    pub zone: String,
    /// The instance type.
    pub kind: String,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The smallest number of instances.
    pub min: i64,
    /// The largest number of instances.
    pub max: i64,
    /// The wanted number of instances.
    pub desired: i64,
    /// Its subnets, in the order of `VPCZoneIdentifier`.
    pub subnets: IndexSet<String>,
    /// Its instances by their ids.
    pub members: IndexMap<String, Member>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Names of suspended processes, and why.
    pub suspended: IndexMap<String, String>,
    pub(super) zones: Vec<String>,
    pub(super) template: Option<Value>,
    pub(super) configuration: Option<String>,
    pub(super) spot: bool,
    pub(super) cooldown: i64,
    pub(super) grace: i64,
    pub(super) health_check: String,
    pub(super) protects_new: bool,
    pub(super) policies: Vec<String>,
    pub(super) target_groups: Vec<String>,
    pub(super) created: f64,
    pub(super) deleting: bool,
    pub(super) checked: Option<Instant>,
    pub(super) retry: Option<Instant>,
}

impl Group {
    /// Whether a process runs.
    pub fn runs(&self, process: &str) -> bool {
        !self.suspended.contains_key(process)
    }

    /// Its instances of a lifecycle.
    pub fn count(&self, lifecycle: Lifecycle) -> usize {
        self.members
            .values()
            .filter(|member| member.lifecycle == lifecycle)
            .count()
    }
}

/// Finds the group that a request names.
pub(super) fn named<'a>(state: &'a mut super::State, input: &Value) -> Result<&'a mut Group, ApiError> {
    let name = required(input, "AutoScalingGroupName")?;
    state.groups.get_mut(name).ok_or_else(|| no_group(name))
}

pub(super) fn no_group(name: &str) -> ApiError {
    ApiError::validation(format!(
        "AutoScalingGroup name not found - there is no group {name}"
    ))
}

/// Seconds that AWS takes where nothing is said.
const COOLDOWN: i64 = 300;

/// `CreateAutoScalingGroup`
pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let name = required(input, "AutoScalingGroupName")?;
    if state.autoscaling.groups.contains_key(name) {
        let message = format!(
            "AutoScalingGroup by this name already exists - A group with the name {name} already exists"
        );
        return Err(ApiError::new("AlreadyExists", message));
    }
    let number = |member: &str| {
        integer(input, member)?
            .ok_or_else(|| ApiError::validation(format!("The request must contain the parameter {member}.")))
    };
    let (min, max) = (number("MinSize")?, number("MaxSize")?);
    let arn = format!("autoScalingGroup:{}:autoScalingGroupName/{name}", name::uuid());
    let mut group = Group {
        name: name.to_owned(),
        arn: region.arn("autoscaling", &arn),
        min,
        max,
        desired: integer(input, "DesiredCapacity")?.unwrap_or(min),
        tags: tags::read(input, Some(name)),
        cooldown: COOLDOWN,
        health_check: "EC2".to_owned(),
        policies: vec!["Default".to_owned()],
        created: now(),
        ..Group::default()
    };
    assign(&mut group, state, input)?;
    if group.template.is_none() && group.configuration.is_none() {
        let message = "Valid requests must contain either LaunchTemplate, LaunchConfigurationName or MixedInstancesPolicy parameter.";
        return Err(ApiError::validation(message));
    }
    if group.subnets.is_empty() {
        return Err(ApiError::validation(
            "At least one Availability Zone or VPC Subnet is required.",
        ));
    }
    check(&group)?;
    state.autoscaling.groups.insert(name.to_owned(), group);
    done()
}

/// The members that both `CreateAutoScalingGroup` and `UpdateAutoScalingGroup` may give.
fn assign(group: &mut Group, state: &State, input: &Value) -> Result<(), ApiError> {
    assign_subnets(group, state, input)?;
    assign_launch(group, state, input)?;
    if let Some(cooldown) = integer(input, "DefaultCooldown")? {
        group.cooldown = cooldown;
    }
    if let Some(grace) = integer(input, "HealthCheckGracePeriod")? {
        group.grace = grace;
    }
    if let Some(kind) = text(input, "HealthCheckType") {
        group.health_check = kind.to_owned();
    }
    if let Some(protects) = flag(input, "NewInstancesProtectedFromScaleIn") {
        group.protects_new = protects;
    }
    for (member, own) in [
        ("TerminationPolicies", &mut group.policies),
        ("TargetGroupARNs", &mut group.target_groups),
    ] {
        let given = texts(input, member);
        if !given.is_empty() {
            *own = given;
        }
    }
    Ok(())
}

fn assign_subnets(group: &mut Group, state: &State, input: &Value) -> Result<(), ApiError> {
    let zones = texts(input, "AvailabilityZones");
    let mut subnets: IndexSet<String> = match text(input, "VPCZoneIdentifier") {
        Some(written) => written
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        None => IndexSet::new(),
    };
    if subnets.is_empty() && zones.is_empty() {
        return Ok(());
    }
    if subnets.is_empty() {
        subnets = zones
            .iter()
            .filter_map(|zone| state.ec2.first_subnet_in(zone))
            .collect();
    }
    let mut found = Vec::new();
    for id in &subnets {
        let subnet = state.ec2.subnet(id);
        let subnet =
            subnet.ok_or_else(|| ApiError::validation(format!("The subnet ID '{id}' does not exist")))?;
        found.push(subnet.zone.clone());
    }
    if let Some(zone) = zones.iter().find(|zone| !found.contains(zone)) {
        let message = format!(
            "The availability zones of the specified subnets and the Auto Scaling group do not match: there is no subnet in {zone}"
        );
        return Err(ApiError::validation(message));
    }
    found.sort();
    found.dedup();
    (group.subnets, group.zones) = (subnets, found);
    Ok(())
}

/// From where the group's instances are launched: a template, perhaps within a policy of mixed instances, or a configuration.
fn assign_launch(group: &mut Group, state: &State, input: &Value) -> Result<(), ApiError> {
    let mixed = input.get("MixedInstancesPolicy");
    let within = mixed.and_then(|mixed| mixed.get("LaunchTemplate")?.get("LaunchTemplateSpecification"));
    if let Some(by) = input.get("LaunchTemplate").or(within) {
        templates::data(&state.ec2.templates, by).map_err(|error| ApiError::validation(error.message))?;
        group.template = Some(by.clone());
        group.configuration = None;
        let distribution = mixed
            .and_then(|mixed| mixed.get("InstancesDistribution"))
            .cloned()
            .unwrap_or_default();
        group.spot = integer(&distribution, "OnDemandPercentageAboveBaseCapacity")? == Some(0);
    }
    if let Some(name) = text(input, "LaunchConfigurationName") {
        configurations::named(&state.autoscaling, name)?;
        group.configuration = Some(name.to_owned());
        group.template = None;
    }
    Ok(())
}

fn check(group: &Group) -> Result<(), ApiError> {
    let Group {
        min, max, desired, ..
    } = *group;
    if min < 0 || min > max {
        return Err(ApiError::validation(format!(
            "Max bound, {max}, must be greater than or equal to min bound, {min}"
        )));
    }
    check_desired(desired, min, max)
}

fn check_desired(desired: i64, min: i64, max: i64) -> Result<(), ApiError> {
    if desired < min {
        let message = format!("Desired capacity:{desired} must be greater than or equal to min size:{min}");
        return Err(ApiError::validation(message));
    }
    if desired > max {
        let message = format!("Desired capacity:{desired} must be less than or equal to max size:{max}");
        return Err(ApiError::validation(message));
    }
    Ok(())
}

/// `UpdateAutoScalingGroup`
pub fn update(state: &mut State, input: &Value) -> Answer {
    let mut group = named(&mut state.autoscaling, input)?.clone();
    group.min = integer(input, "MinSize")?.unwrap_or(group.min);
    group.max = integer(input, "MaxSize")?.unwrap_or(group.max);
    // new bounds move the desired capacity with them
    let within = group.desired.min(group.max).max(group.min);
    group.desired = integer(input, "DesiredCapacity")?.unwrap_or(within);
    assign(&mut group, state, input)?;
    check(&group)?;
    group.retry = None;
    state.autoscaling.groups.insert(group.name.clone(), group);
    done()
}

/// `SetDesiredCapacity`
pub fn set_desired(state: &mut State, input: &Value) -> Answer {
    let group = named(&mut state.autoscaling, input)?;
    let desired = integer(input, "DesiredCapacity")?;
    let desired = desired
        .ok_or_else(|| ApiError::validation("The request must contain the parameter DesiredCapacity."))?;
    let bounds = |error: ApiError| {
        let message = format!(
            "New SetDesiredCapacity value {desired} is out of the group's bounds: {}",
            error.message
        );
        ApiError::validation(message)
    };
    check_desired(desired, group.min, group.max).map_err(bounds)?;
    group.desired = desired;
    done()
}

/// `DeleteAutoScalingGroup`; with `ForceDelete` its instances are terminated first.
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let group = named(&mut state.autoscaling, input)?;
    let force = flag(input, "ForceDelete").unwrap_or_default();
    if group.members.is_empty() {
        let name = group.name.clone();
        state.autoscaling.groups.shift_remove(&name);
        return done();
    }
    if !force {
        let message = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.";
        return Err(ApiError::new("ResourceInUse", message));
    }
    (group.min, group.desired, group.deleting) = (0, 0, true);
    done()
}
