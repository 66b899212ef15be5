//! Services: what they want, and their deployments.

mod create;
mod delete;
mod describe;
mod update;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

pub use create::create;
pub use delete::delete;
pub use describe::{describe, list};
pub use update::{scale, update};

use super::State;
use super::capacity::Capacity;
use super::definition::Spec;
use super::names::invalid;
use crate::input::{list as items, text};
use crate::name;
use crate::wire::ApiError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    Active,
    /// Deleted, with tasks that are still to stop.
    Draining,
    Inactive,
}

impl ServiceStatus {
    pub fn word(self) -> &'static str {
        match self {
            ServiceStatus::Active => "ACTIVE",
            ServiceStatus::Draining => "DRAINING",
            ServiceStatus::Inactive => "INACTIVE",
        }
    }
}

/// A target group that a service's tasks are registered with.
#[derive(Clone, Debug, PartialEq)]
pub struct Balancer {
    pub group: String,
    pub container: String,
    pub port: u16,
}

/// How deployments go.
#[derive(Clone, Debug)]
pub struct Rollout {
    pub minimum_percent: u32,
    pub maximum_percent: u32,
    /// The circuit breaker.
    pub breaker: bool,
    pub rollback: bool,
    /// As it was given.
    pub given: Value,
}

impl Rollout {
    /// Reads `deploymentConfiguration`; what is missing is as it was `before`.
    ///
    /// # Errors
    /// `InvalidParameterException`
    pub fn of(given: &Value, before: Option<&Rollout>) -> Result<Rollout, ApiError> {
        let per_cent =
            |name, default| Ok::<u32, ApiError>(super::names::count(given, name)?.unwrap_or(default));
        let minimum_percent = per_cent(
            "minimumHealthyPercent",
            before.map_or(100, |one| one.minimum_percent),
        )?;
        let maximum_percent = per_cent("maximumPercent", before.map_or(200, |one| one.maximum_percent))?;
        if maximum_percent < minimum_percent || maximum_percent == 0 {
            return Err(invalid(
                "maximumPercent cannot be lower than minimumHealthyPercent, nor 0.",
            ));
        }
        if maximum_percent == 100 && minimum_percent == 100 {
            return Err(invalid(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
            ));
        }
        let breaker = given.get("deploymentCircuitBreaker");
        let on =
            |name, before| breaker.map_or(before, |breaker| crate::input::flag(breaker, name) == Some(true));
        Ok(Rollout {
            minimum_percent,
            maximum_percent,
            breaker: on("enable", before.is_some_and(|one| one.breaker)),
            rollback: on("rollback", before.is_some_and(|one| one.rollback)),
            given: given.clone(),
        })
    }

    pub fn shown(&self) -> Value {
        let mut shown = if self.given.is_object() {
            self.given.clone()
        } else {
            json!({})
        };
        shown["minimumHealthyPercent"] = json!(self.minimum_percent);
        shown["maximumPercent"] = json!(self.maximum_percent);
        shown["deploymentCircuitBreaker"] = json!({ "enable": self.breaker, "rollback": self.rollback });
        shown
    }

    /// How many tasks stay healthy at least, of so many desired: rounded up.
    pub fn minimum(&self, desired: usize) -> usize {
        (desired * self.minimum_percent as usize).div_ceil(100)
    }

    /// How many tasks there are at most, of so many desired: rounded down.
    pub fn maximum(&self, desired: usize) -> usize {
        desired * self.maximum_percent as usize / 100
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

impl RolloutState {
    pub fn word(self) -> &'static str {
        match self {
            RolloutState::InProgress => "IN_PROGRESS",
            RolloutState::Completed => "COMPLETED",
            RolloutState::Failed => "FAILED",
        }
    }
}

/// One version of a service. The first of a service is the PRIMARY one.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub id: String,
    pub spec: Arc<Spec>,
    pub capacity: Capacity,
    pub subnets: Vec<String>,
    /// `networkConfiguration` as it was given.
    pub network: Value,
    pub balancers: Vec<Balancer>,
    pub rollout: RolloutState,
    pub reason: String,
    /// Tasks that did not come up, or were not healthy.
    pub failed: u32,
    pub created: f64,
    pub updated: f64,
}

impl Deployment {
    /// A new version that is about to be rolled out.
    pub fn begin(mut self, now: f64) -> Deployment {
        self.id = format!("ecs-svc/{:019}", fastrand::u64(..10_000_000_000_000_000_000));
        self.reason = format!("ECS deployment {} in progress.", self.id);
        self.rollout = RolloutState::InProgress;
        self.failed = 0;
        self.created = now;
        self.updated = now;
        self
    }

    pub fn enter(&mut self, rollout: RolloutState, reason: String, now: f64) {
        self.rollout = rollout;
        self.reason = reason;
        self.updated = now;
    }
}

/// What happened to a service.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: String,
    pub at: f64,
    pub message: String,
}

/// AWS shows that many.
const EVENTS: usize = 100;

#[derive(Debug)]
pub struct Service {
    pub name: String,
    pub arn: String,
    pub cluster: String,
    pub status: ServiceStatus,
    pub desired: usize,
    pub rollout: Rollout,
    pub deployments: Vec<Deployment>,
    /// What the circuit breaker goes back to.
    pub proven: Option<Deployment>,
    /// Seconds after a task's start in which its health does not count.
    pub grace: Option<u32>,
    pub strategy: Value,
    pub constraints: Value,
    pub created: f64,
    pub events: VecDeque<Event>,
    /// Members that only answers have.
    pub other: Value,
    /// Whether it was said that all is as desired.
    pub steady: bool,
    /// Tasks in a row that did not come up.
    pub failures: u32,
    /// When the last of them ended.
    pub failed_at: f64,
    /// No task is started before.
    pub not_before: f64,
}

impl Service {
    pub fn is_inactive(&self) -> bool {
        self.status == ServiceStatus::Inactive
    }

    /// Tells of something. What was said last is not said again.
    pub fn say(&mut self, message: impl std::fmt::Display, now: f64) {
        let message = format!("(service {}) {message}", self.name);
        self.events.push_front(Event {
            id: name::uuid(),
            at: now,
            message,
        });
        self.events.truncate(EVENTS);
    }

    /// Tells of something that lasts, once while nothing else happens.
    pub fn say_once(&mut self, message: &str, now: f64) {
        if !self
            .events
            .front()
            .is_some_and(|last| last.message.ends_with(message))
        {
            self.say(message, now);
        }
    }

    /// Starts a new version, from what the present one has and `change` makes of it.
    pub fn deploy(&mut self, deployment: Deployment, now: f64) {
        // what only waits behind the present version is not shown as one of its own when it has no tasks
        self.deployments.insert(0, deployment.begin(now));
        self.steady = false;
        self.failures = 0;
        self.not_before = 0.0;
    }
}

/// The key of a service in the state.
pub fn key(cluster: &str, service: &str) -> String {
    format!("{cluster}/{service}")
}

/// A service by its name, whatever its status.
///
/// # Errors
/// `ServiceNotFoundException`
pub fn find<'a>(state: &'a State, cluster: &str, name: &str) -> Result<&'a Service, ApiError> {
    let found = state.services.get(&key(cluster, name));
    found.ok_or_else(|| ApiError::new("ServiceNotFoundException", "Service not found."))
}

/// Reads `loadBalancers` for tasks of a definition.
///
/// # Errors
/// `InvalidParameterException`
fn balancers(input: &Value, spec: &Spec) -> Result<Vec<Balancer>, ApiError> {
    items(input, "loadBalancers")
        .iter()
        .map(|given| balancer(given, spec))
        .collect()
}

fn balancer(given: &Value, spec: &Spec) -> Result<Balancer, ApiError> {
    let (Some(group), Some(container)) = (text(given, "targetGroupArn"), text(given, "containerName")) else {
        return Err(invalid(
            "loadBalancers must have targetGroupArn, containerName and containerPort.",
        ));
    };
    let port = super::names::count(given, "containerPort")?
        .and_then(|port| u16::try_from(port).ok())
        .unwrap_or(0);
    let Some(found) = spec.containers.iter().find(|one| one.name == container) else {
        return Err(invalid(format!(
            "The container {container} does not exist in the task definition."
        )));
    };
    if !found.ports.iter().any(|(inside, _)| *inside == port) {
        return Err(invalid(format!(
            "The container {container} did not have a container port {port} defined."
        )));
    }
    Ok(Balancer {
        group: group.to_owned(),
        container: container.to_owned(),
        port,
    })
}
