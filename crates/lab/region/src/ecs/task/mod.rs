//! Tasks: what they are, and how answers show them.

mod container;
mod describe;
mod process;
mod run;
mod step;
mod stop;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::Value;

pub use container::{Container, Process};
pub use describe::{describe, list, shown};
pub use process::{Start, launch, log, started};
pub use run::run;
pub use step::{kill, step};
pub use stop::stop;

use super::capacity::LaunchType;
use super::definition::Spec;
use super::scheduler::Place;
use crate::name;

/// What a task is doing: "Amazon ECS task lifecycle" in the developer guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Provisioning => "PROVISIONING",
            Status::Pending => "PENDING",
            Status::Activating => "ACTIVATING",
            Status::Running => "RUNNING",
            Status::Deactivating => "DEACTIVATING",
            Status::Stopping => "STOPPING",
            Status::Deprovisioning => "DEPROVISIONING",
            Status::Stopped => "STOPPED",
        }
    }
}

/// Why a task is to stop.
#[derive(Clone, Debug)]
pub struct Stop {
    /// One of AWS's stop codes.
    pub code: &'static str,
    pub reason: String,
    /// When it was asked for.
    pub at: f64,
    /// Whether its targets drain before its processes hear of it.
    pub drain: bool,
}

/// When things happened, in seconds since 1970.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub created: f64,
    pub pull_started: Option<f64>,
    pub pull_stopped: Option<f64>,
    pub started: Option<f64>,
    pub execution_stopped: Option<f64>,
    pub stopped: Option<f64>,
}

#[derive(Debug)]
pub struct Task {
    pub id: String,
    pub arn: String,
    pub cluster: String,
    /// Name of the service, and id of its deployment.
    pub service: Option<(String, String)>,
    pub group: String,
    pub started_by: Option<String>,
    pub spec: Arc<Spec>,
    /// As RunTask was given them.
    pub overrides: Value,
    pub launch: LaunchType,
    pub provider: Option<String>,
    /// The container instance.
    pub host: Option<String>,
    pub zone: String,
    pub subnet: Option<String>,
    pub address: Ipv4Addr,
    /// Whether the address is its own, to be released.
    pub own_address: bool,
    pub attachment: String,
    pub interface: String,
    pub status: Status,
    /// When it came into this status.
    pub since: f64,
    pub times: Times,
    pub stop: Option<Stop>,
    pub containers: Vec<Container>,
    /// Target groups that it is registered with, and as what.
    pub targets: Vec<(String, SocketAddr)>,
    /// Whether its target has been found unhealthy and it is to be replaced, and in which group.
    pub unhealthy: Option<String>,
    pub version: u64,
    /// Whether the scheduler has taken note of its end.
    pub counted: bool,
}

/// What a new task is made of.
pub struct Order {
    pub cluster: String,
    pub arn: String,
    pub id: String,
    pub service: Option<(String, String)>,
    pub group: String,
    pub started_by: Option<String>,
    pub spec: Arc<Spec>,
    pub overrides: Value,
}

impl Task {
    pub fn new(order: Order, place: Place, now: f64) -> Task {
        let containers = order
            .spec
            .containers
            .iter()
            .map(|one| Container::new(one, &place))
            .collect();
        Task {
            containers,
            arn: order.arn,
            id: order.id,
            cluster: order.cluster,
            service: order.service,
            group: order.group,
            started_by: order.started_by,
            spec: order.spec,
            overrides: order.overrides,
            launch: place.launch,
            provider: place.provider,
            host: place.host,
            zone: place.zone,
            subnet: place.subnet,
            address: place.address,
            own_address: place.own_address,
            attachment: name::uuid(),
            interface: name::resource("eni"),
            status: Status::Provisioning,
            since: now,
            times: Times {
                created: now,
                ..Times::default()
            },
            stop: None,
            targets: Vec::new(),
            unhealthy: None,
            version: 1,
            counted: false,
        }
    }

    pub fn enter(&mut self, status: Status, now: f64) {
        self.status = status;
        self.since = now;
        self.version += 1;
    }

    /// Asks it to stop. The first reason stays.
    pub fn request_stop(&mut self, code: &'static str, reason: impl Into<String>, drain: bool, now: f64) {
        if self.stop.is_none() && !self.is_stopped() {
            self.stop = Some(Stop {
                code,
                reason: reason.into(),
                at: now,
                drain,
            });
        }
    }

    pub fn is_of(&self, cluster: &str, service: &str) -> bool {
        self.cluster == cluster && self.service.as_ref().is_some_and(|(name, _)| name == service)
    }

    /// Whether it is wanted: its desired status is RUNNING.
    pub fn is_wanted(&self) -> bool {
        self.stop.is_none() && !self.is_stopped()
    }

    pub fn is_running(&self) -> bool {
        self.status == Status::Running
    }

    pub fn is_pending(&self) -> bool {
        self.status < Status::Running
    }

    pub fn is_stopped(&self) -> bool {
        self.status == Status::Stopped
    }

    /// Where a container's port is reached.
    pub fn target(&self, container: &str, port: u16) -> Option<SocketAddr> {
        let found = self.containers.iter().find(|one| one.name == container)?;
        let bound = found.ports.iter().find(|(inside, _)| *inside == port)?;
        Some((self.address, bound.1).into())
    }
}
