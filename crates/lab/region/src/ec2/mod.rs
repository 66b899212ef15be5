//! Amazon EC2: networks, instances and their volumes.
//!
//! An instance is state, not a machine: what runs on it are processes of ECS (tasks) and of SSM (burned CPU), which follow its state.
//! Security groups are kept and answered, but no traffic is filtered by them.

mod describe;
mod filters;
mod instance;
mod kinds;
mod lifecycle;
mod operations;
pub mod pages;
mod rules;
mod run;
mod security;
mod spot;
mod subnets;
pub mod tags;
pub mod templates;
mod usage;
mod volumes;
mod vpcs;
mod zones;

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
pub use instance::{Instance, InstanceState, Launch, Restart, launch, start_docker, stop_docker, terminate};
pub use run::{cluster_of, launch_of};
pub use security::SecurityGroup;
pub use subnets::Subnet;
pub use volumes::Volume;
pub use vpcs::Vpc;

/// What the service knows.
#[derive(Default)]
pub struct State {
    instances: IndexMap<String, Instance>,
    vpcs: IndexMap<String, Vpc>,
    subnets: IndexMap<String, Subnet>,
    addresses: HashSet<Ipv4Addr>,
    security: IndexMap<String, SecurityGroup>,
    volumes: IndexMap<String, Volume>,
    spot: IndexMap<String, spot::Request>,
    pub(crate) templates: IndexMap<String, templates::Template>,
}

impl State {
    /// An instance, also one that has been terminated a short while ago.
    pub fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.get(id)
    }

    /// All instances in the order of their launches, with those terminated a short while ago.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.values()
    }

    /// A subnet.
    pub fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.get(id)
    }

    /// The VPC of a subnet.
    pub fn vpc_of(&self, subnet: &str) -> Option<&Vpc> {
        self.vpcs.get(&self.subnet(subnet)?.vpc)
    }

    /// The first subnet of a zone.
    pub fn first_subnet_in(&self, zone: &str) -> Option<String> {
        self.subnets
            .values()
            .find(|subnet| subnet.zone == zone)
            .map(|subnet| subnet.id.clone())
    }

    /// Makes an instance a member of an Auto Scaling group, by the tag that marks members and the group's name, or of none.
    pub fn set_group(&mut self, instance: &str, group: Option<(&str, &str)>) {
        let Some(instance) = self.instances.get_mut(instance) else {
            return;
        };
        instance.group = group.map(|(_, name)| name.to_owned());
        instance
            .tags
            .retain(|key, _| !key.starts_with("aws:autoscaling:"));
        instance
            .tags
            .extend(group.map(|(tag, name)| (tag.to_owned(), name.to_owned())));
    }

    /// A security group.
    pub fn security_group(&self, id: &str) -> Option<&SecurityGroup> {
        self.security.get(id)
    }
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(lifecycle::keep(Arc::clone(region)));
    region.keep(usage::keep(Arc::clone(region)));
}

/// Ends what the service runs.
pub async fn stop(_region: &Arc<Region>) {}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    let mut state = region.state();
    let answer = match operation {
        "CreateVpc" => vpcs::create_vpc(&mut state.ec2, region, input),
        "DescribeVpcs" => vpcs::describe_vpcs(&state.ec2, region, input),
        "DeleteVpc" => vpcs::delete_vpc(&mut state.ec2, input),
        "DescribeVpcAttribute" => vpcs::describe_vpc_attribute(&state.ec2, input),
        "ModifyVpcAttribute" => vpcs::modify_vpc_attribute(&mut state.ec2, input),
        "CreateSubnet" => subnets::create_subnet(&mut state.ec2, region, input),
        "DescribeSubnets" => subnets::describe_subnets(&state.ec2, region, input),
        "DeleteSubnet" => subnets::delete_subnet(&mut state.ec2, input),
        "ModifySubnetAttribute" => subnets::modify_subnet_attribute(&mut state.ec2, input),
        "DescribeAvailabilityZones" => zones::describe(region, input),
        "DescribeRegions" => zones::regions(region, input),
        "CreateSecurityGroup" => security::create(&mut state.ec2, region, input),
        "DescribeSecurityGroups" => security::describe(&state.ec2, region, input),
        "DeleteSecurityGroup" => security::delete(&mut state.ec2, input),
        "DescribeSecurityGroupRules" => security::describe_rules(&state.ec2, region, input),
        "AuthorizeSecurityGroupIngress" => {
            security::authorize(&mut state.ec2, region, input, rules::Side::In)
        }
        "AuthorizeSecurityGroupEgress" => {
            security::authorize(&mut state.ec2, region, input, rules::Side::Out)
        }
        "RevokeSecurityGroupIngress" => security::revoke(&mut state.ec2, input, rules::Side::In),
        "RevokeSecurityGroupEgress" => security::revoke(&mut state.ec2, input, rules::Side::Out),
        "CreateTags" => tags::create(&mut state.ec2, input),
        "DeleteTags" => tags::delete(&mut state.ec2, input),
        "DescribeTags" => tags::describe(&state.ec2, input),
        "RunInstances" => run::run_instances(&mut state, region, input),
        "DescribeInstances" => describe::instances(&state.ec2, region, input),
        "DescribeInstanceStatus" => describe::statuses(&state.ec2, input),
        "DescribeInstanceAttribute" => operations::attribute(&state.ec2, input),
        "ModifyInstanceAttribute" => operations::modify_attribute(&mut state.ec2, input),
        "StartInstances" => operations::start(&mut state.ec2, input),
        "StopInstances" => operations::stop(&mut state.ec2, input),
        "RebootInstances" => operations::reboot(&mut state, region, input),
        "TerminateInstances" => operations::terminate(&mut state, input),
        "DescribeInstanceTypes" => kinds::describe(input),
        "CreateVolume" => volumes::create(&mut state.ec2, region, input),
        "DescribeVolumes" => volumes::describe(&state.ec2, input),
        "DeleteVolume" => volumes::delete(&mut state.ec2, input),
        "AttachVolume" => volumes::attach(&mut state.ec2, input),
        "DetachVolume" => volumes::detach(&mut state.ec2, input),
        "DescribeSpotInstanceRequests" => spot::describe(&state.ec2, input),
        "CancelSpotInstanceRequests" => spot::cancel(&mut state.ec2, input),
        "CreateLaunchTemplate" => templates::create(&mut state.ec2, region, input),
        "CreateLaunchTemplateVersion" => templates::create_version(&mut state.ec2, region, input),
        "DescribeLaunchTemplates" => templates::describe(&state.ec2, region, input),
        "DescribeLaunchTemplateVersions" => templates::describe_versions(&state.ec2, region, input),
        "DeleteLaunchTemplate" => templates::delete(&mut state.ec2, region, input),
        _ => return Err(ApiError::not_here("ec2", operation)),
    };
    if answer.is_ok() && !operation.starts_with("Describe") {
        region.changed();
    }
    answer
}

/// `MissingParameter`, as EC2 has it where others have `ValidationError`.
pub(crate) fn needed<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    let missing = || {
        ApiError::new(
            "MissingParameter",
            format!("The request must contain the parameter {name}"),
        )
    };
    crate::input::text(input, name).ok_or_else(missing)
}

/// `{"return": true}`, the answer of what only succeeds.
fn done() -> Answer {
    Ok(serde_json::json!({ "return": true }))
}
