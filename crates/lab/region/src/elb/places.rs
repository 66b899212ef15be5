//! Where targets and load balancers are: subnets and instances of EC2.

use std::net::{IpAddr, Ipv4Addr};

use super::model::Place;
use crate::State;
use crate::ec2::InstanceState;
use crate::wire::ApiError;

/// The zone of targets outside the VPC's subnets, which each load balancer reaches.
pub(super) const EVERYWHERE: &str = "all";

/// A subnet with its zone.
///
/// # Errors
/// `SubnetNotFound`.
pub(super) fn subnet(state: &State, id: &str) -> Result<Place, ApiError> {
    let found = state.ec2.subnet(id);
    let found = found
        .ok_or_else(|| ApiError::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist")))?;
    Ok(Place {
        subnet: id.to_owned(),
        zone: found.zone.clone(),
        vpc: found.vpc.clone(),
    })
}

/// These security groups, or the VPC's default one where none are named.
///
/// # Errors
/// `InvalidSecurityGroup`.
pub(super) fn security_groups(state: &State, vpc: &str, ids: Vec<String>) -> Result<Vec<String>, ApiError> {
    let groups = state.ec2.groups_or_default(vpc, ids);
    groups.map_err(|error| ApiError::new("InvalidSecurityGroup", error.message))
}

/// Address and zone of a running instance.
///
/// # Errors
/// `InvalidTarget` for instances that are not there, or not running.
pub(super) fn instance(state: &State, id: &str) -> Result<(Ipv4Addr, String), ApiError> {
    let refused = |why: String| ApiError::new("InvalidTarget", why);
    let instance = state
        .ec2
        .instance(id)
        .ok_or_else(|| refused(format!("The instance ID '{id}' does not exist")))?;
    if instance.state != InstanceState::Running {
        let why =
            format!("The following targets are not in a running state and cannot be registered: '{id}'");
        return Err(refused(why));
    }
    Ok((instance.address, instance.zone.clone()))
}

/// Address and zone of an IP target. The lab reaches loopback addresses only.
///
/// # Errors
/// `InvalidTarget` for what is no address of the loopback network.
pub(super) fn address(state: &State, id: &str) -> Result<(IpAddr, String), ApiError> {
    let refused = |why: String| ApiError::new("InvalidTarget", why);
    let address: IpAddr = id
        .parse()
        .map_err(|_| refused(format!("The IP address '{id}' is not a valid IPv4 address")))?;
    if !address.is_loopback() {
        return Err(refused(format!(
            "The IP address '{id}' is not within the VPC: chaos-lab reaches 127.0.0.0/8 only"
        )));
    }
    Ok((address, zone_of(state, address)))
}

/// The zone of the instance with that address, or of the load balancers' subnet that holds it.
fn zone_of(state: &State, address: IpAddr) -> String {
    let by_instance = state
        .ec2
        .instances()
        .find(|instance| IpAddr::V4(instance.address) == address);
    if let Some(instance) = by_instance {
        return instance.zone.clone();
    }
    let places = state
        .elb
        .balancers
        .values()
        .flat_map(|balancer| &balancer.subnets);
    let mut subnets = places.filter_map(|place| state.ec2.subnet(&place.subnet));
    let by_subnet = subnets.find(|subnet| holds(&subnet.cidr, address));
    by_subnet.map_or_else(|| EVERYWHERE.to_owned(), |subnet| subnet.zone.clone())
}

/// Subnets of the lab are /24s.
fn holds(cidr: &str, address: IpAddr) -> bool {
    let network = |text: &str| text.rsplit_once('.').map(|(network, _)| network.to_owned());
    network(cidr) == network(&address.to_string())
}
