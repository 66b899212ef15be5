//! Where a task goes: a subnet on Fargate, a container instance on EC2.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::Value;

use super::super::capacity::{Capacity, LaunchType, is_fargate};
use super::super::definition::Spec;
use super::super::host::{Host, remaining};
use super::super::task::Status;
use super::super::{State, World};
use crate::input::text;

/// What is to be placed.
pub struct Wanted<'a> {
    pub cluster: &'a str,
    /// Tasks of the same group are spread.
    pub group: &'a str,
    pub spec: &'a Arc<Spec>,
    pub capacity: &'a Capacity,
    pub subnets: &'a [String],
    pub strategy: &'a Value,
    pub constraints: &'a Value,
}

/// Where a task goes.
#[derive(Debug)]
pub struct Place {
    pub launch: LaunchType,
    pub provider: Option<String>,
    pub host: Option<String>,
    pub zone: String,
    pub subnet: Option<String>,
    pub address: Ipv4Addr,
    pub own_address: bool,
}

/// Why there is no place.
#[derive(Debug, PartialEq)]
pub enum Obstacle {
    /// The cluster has no container instances, or none with a connected agent.
    Hosts,
    /// None has room: what all lack, or `ATTRIBUTE`.
    Room(&'static str),
    /// The subnets have no free address, or are gone.
    Addresses(String),
}

impl Obstacle {
    /// As `failures` of RunTask have it.
    pub fn failure(&self) -> String {
        match self {
            Obstacle::Hosts => "AGENT".to_owned(),
            Obstacle::Room(what) => (*what).to_owned(),
            Obstacle::Addresses(reason) => reason.clone(),
        }
    }

    /// As an event of a service has it.
    pub fn event(&self) -> String {
        let because = match self {
            Obstacle::Hosts => "No Container Instances were found in your cluster.".to_owned(),
            Obstacle::Room(what) => {
                format!("The closest matching container-instance is not enough: {what}.")
            }
            Obstacle::Addresses(reason) => return format!("was unable to place a task. Reason: {reason}"),
        };
        format!(
            "was unable to place a task because no container instance met all of its requirements. Reason: {because}"
        )
    }
}

/// Finds a place and takes an address there.
pub fn place(state: &State, world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<Place, Obstacle> {
    let provider = wanted.capacity.strategy.next(|name| {
        peers(state, wanted)
            .filter(|task| task.provider.as_deref() == Some(name))
            .count()
    });
    let fargate = match provider {
        Some(name) => is_fargate(name),
        None => wanted.capacity.launch == Some(LaunchType::Fargate),
    };
    let provider = provider.map(str::to_owned);
    let mut place = if fargate {
        on_fargate(state, world, wanted)?
    } else {
        on_host(state, world, wanted, provider.as_deref())?
    };
    place.provider = provider;
    Ok(place)
}

fn peers<'a>(state: &'a State, wanted: &Wanted<'a>) -> impl Iterator<Item = &'a super::super::task::Task> {
    let (cluster, group) = (wanted.cluster, wanted.group);
    state
        .tasks
        .values()
        .filter(move |task| task.is_wanted() && task.cluster == cluster && task.group == group)
}

/// The subnet in the zone with the fewest tasks, and there the one with the fewest.
fn on_fargate(state: &State, world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<Place, Obstacle> {
    let subnet = |id: &String| Some((id.clone(), world.others.ec2.subnet(id)?.zone.clone()));
    let mut subnets: Vec<(String, String)> = wanted.subnets.iter().filter_map(subnet).collect();
    let in_zone = |zone: &str| peers(state, wanted).filter(|task| task.zone == zone).count();
    let in_subnet = |id: &str| {
        peers(state, wanted)
            .filter(|task| task.subnet.as_deref() == Some(id))
            .count()
    };
    subnets.sort_by_cached_key(|(id, zone)| (in_zone(zone), in_subnet(id)));
    own_address(world, &subnets).map(|(subnet, zone, address)| Place {
        launch: LaunchType::Fargate,
        provider: None,
        host: None,
        zone,
        subnet: Some(subnet),
        address,
        own_address: true,
    })
}

fn own_address(
    world: &mut World<'_>,
    subnets: &[(String, String)],
) -> Result<(String, String, Ipv4Addr), Obstacle> {
    let mut reason = "none of the subnets exists.".to_owned();
    for (subnet, zone) in subnets {
        match world.others.ec2.allocate(subnet) {
            Ok(address) => return Ok((subnet.clone(), zone.clone(), address)),
            Err(error) => reason = error.message,
        }
    }
    Err(Obstacle::Addresses(reason))
}

fn on_host(
    state: &State,
    world: &mut World<'_>,
    wanted: &Wanted<'_>,
    provider: Option<&str>,
) -> Result<Place, Obstacle> {
    let group = provider
        .and_then(|name| state.providers.get(name))
        .map(|provider| provider.group_name());
    let open = |host: &&Host| {
        host.cluster == wanted.cluster
            && host.is_open()
            && (group.is_none() || group == host.group.as_deref())
    };
    let hosts: Vec<&Host> = state.hosts.values().filter(open).collect();
    if hosts.is_empty() {
        return Err(Obstacle::Hosts);
    }
    let mut lack = "ATTRIBUTE";
    let mut fitting: Vec<&Host> = Vec::new();
    for host in hosts {
        match fits(state, world, wanted, host) {
            Ok(()) => fitting.push(host),
            Err(what) => lack = what,
        }
    }
    fitting.sort_by_cached_key(|host| order(state, wanted, host));
    let host = fitting.first().ok_or(Obstacle::Room(lack))?;
    let of_zone = |id: &String| Some((id.clone(), world.others.ec2.subnet(id)?.zone.clone()));
    let subnets: Vec<(String, String)> = wanted
        .subnets
        .iter()
        .filter_map(of_zone)
        .filter(|(_, zone)| *zone == host.zone)
        .collect();
    let (subnet, address) = match wanted.spec.awsvpc {
        true => own_address(world, &subnets).map(|(subnet, _, address)| (subnet, address))?,
        false => (host.subnet.clone(), host.address),
    };
    Ok(Place {
        launch: LaunchType::Ec2,
        provider: None,
        host: Some(host.id.clone()),
        zone: host.zone.clone(),
        subnet: Some(subnet),
        address,
        own_address: wanted.spec.awsvpc,
    })
}

/// Whether a task fits on a host, or what is missing there.
fn fits(state: &State, world: &World<'_>, wanted: &Wanted<'_>, host: &Host) -> Result<(), &'static str> {
    let in_zone = |id: &String| {
        world
            .others
            .ec2
            .subnet(id)
            .is_some_and(|subnet| subnet.zone == host.zone)
    };
    if wanted.spec.awsvpc && !wanted.subnets.iter().any(in_zone) {
        return Err("ATTRIBUTE");
    }
    let (cpu, memory) = remaining(state, host);
    if cpu < wanted.spec.cpu {
        return Err("RESOURCE:CPU");
    }
    if memory < wanted.spec.memory {
        return Err("RESOURCE:MEMORY");
    }
    let on = || {
        state
            .tasks
            .values()
            .filter(|task| task.host.as_deref() == Some(&host.id) && task.status < Status::Deprovisioning)
    };
    let fixed = wanted
        .spec
        .containers
        .iter()
        .flat_map(|one| &one.ports)
        .filter(|(_, port)| *port != 0);
    let used = |port: u16| {
        on().any(|task| {
            task.containers
                .iter()
                .flat_map(|one| &one.ports)
                .any(|(_, used)| *used == port)
        })
    };
    if !wanted.spec.awsvpc && fixed.into_iter().any(|(_, port)| used(*port)) {
        return Err("RESOURCE:PORTS");
    }
    let distinct = wanted
        .constraints
        .as_array()
        .into_iter()
        .flatten()
        .any(|one| text(one, "type") == Some("distinctInstance"));
    match distinct && on().any(|task| task.group == wanted.group) {
        true => Err("ATTRIBUTE"),
        false => Ok(()),
    }
}

/// Hosts in the order of the placement strategy; without one spread over zones and then over hosts.
fn order(state: &State, wanted: &Wanted<'_>, host: &Host) -> Vec<u64> {
    let in_zone = || peers(state, wanted).filter(|task| task.zone == host.zone).count() as u64;
    let on_host = || {
        peers(state, wanted)
            .filter(|task| task.host.as_deref() == Some(&host.id))
            .count() as u64
    };
    let strategy = wanted.strategy.as_array().map(Vec::as_slice).unwrap_or_default();
    if strategy.is_empty() {
        return vec![in_zone(), on_host()];
    }
    let (cpu, memory) = remaining(state, host);
    let one = |one: &Value| match (
        text(one, "type"),
        text(one, "field").map(str::to_lowercase).as_deref(),
    ) {
        (Some("binpack"), Some("cpu")) => u64::from(cpu),
        (Some("binpack"), _) => u64::from(memory),
        (Some("spread"), Some("instanceid" | "host")) => on_host(),
        (Some("spread"), _) => in_zone(),
        _ => fastrand::u64(..),
    };
    strategy.iter().map(one).collect()
}
