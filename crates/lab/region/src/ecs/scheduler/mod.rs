//! The service scheduler: compares what a service wants with its tasks, and starts and stops.
//!
//! Rules from "Amazon ECS services", "Deploy Amazon ECS services by replacing tasks" and "Service definition parameters" in
//! the developer guide.

mod choose;
mod health;
mod place;
mod rollout;
mod start;
mod stop;

pub use place::{Obstacle, Place, Wanted, place};
pub use start::registered;

use super::service::{Service, ServiceStatus};
use super::task::Task;
use super::{State, World};

/// Looks at every service once.
pub fn look(state: &mut State, world: &mut World<'_>) {
    // nothing here looks at other services
    let mut services = std::mem::take(&mut state.services);
    for service in services.values_mut().filter(|service| !service.is_inactive()) {
        look_at(service, state, world);
    }
    state.services = services;
}

fn look_at(service: &mut Service, state: &mut State, world: &mut World<'_>) {
    health::count_failures(service, state, world);
    let health = health::judge(service, state, world);
    let view = View::of(service, state, &health);
    stop::stop(service, state, world, &view);
    start::start(service, state, world, &view);
    rollout::advance(service, state, world, &view);
    let left = state
        .tasks
        .values()
        .any(|task| task.is_of(&service.cluster, &service.name) && !task.is_stopped());
    if service.status == ServiceStatus::Draining && !left {
        service.status = ServiceStatus::Inactive;
        service.deployments.truncate(1);
    }
}

/// A service's wanted tasks, by id.
pub(super) struct View {
    /// Of the primary deployment, and nothing wrong with them.
    pub keep: Vec<String>,
    /// To be replaced: of older deployments, on draining hosts, or unhealthy.
    pub leave: Vec<Leaving>,
    /// How many of all are running and healthy.
    pub healthy: usize,
    /// How many of those kept are.
    pub kept_healthy: usize,
}

pub(super) struct Leaving {
    pub id: String,
    pub running: bool,
    /// Whether it does its work.
    pub healthy: bool,
    /// Whether it is of an older deployment.
    pub old: bool,
}

impl View {
    fn of(service: &Service, state: &State, health: &health::Healths) -> View {
        let primary = service.deployments.first().map(|one| one.id.as_str());
        let mut view = View {
            keep: Vec::new(),
            leave: Vec::new(),
            healthy: 0,
            kept_healthy: 0,
        };
        for task in wanted(service, state) {
            let healthy = health.is_healthy(&task.id);
            let old = task.service.as_ref().map(|(_, id)| id.as_str()) != primary;
            view.healthy += usize::from(healthy);
            if old || task.unhealthy.is_some() || on_draining(state, task) {
                let running = task.is_running();
                view.leave.push(Leaving {
                    id: task.id.clone(),
                    running,
                    healthy,
                    old,
                });
            } else {
                view.kept_healthy += usize::from(healthy);
                view.keep.push(task.id.clone());
            }
        }
        view
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.keep.len() + self.leave.len()
    }
}

fn wanted<'a>(service: &Service, state: &'a State) -> impl Iterator<Item = &'a Task> {
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    state
        .tasks
        .values()
        .filter(move |task| task.is_wanted() && task.is_of(&cluster, &name))
}

fn on_draining(state: &State, task: &Task) -> bool {
    task.host
        .as_ref()
        .is_some_and(|id| state.hosts.get(id).is_none_or(|host| host.draining))
}
