//! Amazon ECS: clusters, services, and tasks that are processes.
//!
//! A loop looks at container instances, services and tasks at each tick: `host` follows the EC2 instances, `scheduler`
//! compares what services want with the tasks there are, `task` moves each task through its states.

mod capacity;
mod cluster;
mod definition;
mod host;
mod image;
mod metrics;
mod names;
mod network;
mod scheduler;
mod service;
mod tags;
mod targets;
mod task;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::wire::{Answer, ApiError};
use crate::{Region, now};
pub use service::scale;

/// What the service knows.
#[derive(Default)]
pub struct State {
    clusters: IndexMap<String, cluster::Cluster>,
    definitions: definition::Definitions,
    /// By `cluster/service`.
    services: IndexMap<String, service::Service>,
    tasks: IndexMap<String, task::Task>,
    hosts: IndexMap<String, host::Host>,
    /// Instances that were deregistered, and do not join again.
    dismissed: HashSet<String>,
    providers: IndexMap<String, capacity::Provider>,
    tags: tags::Tags,
    secrets: IndexMap<String, String>,
    measured: f64,
}

impl State {
    /// Makes the value of a parameter known that task definitions name in `secrets`.
    pub fn set_secret(&mut self, parameter: &str, value: &str) {
        self.secrets.insert(parameter.to_owned(), value.to_owned());
    }

    /// The value of a parameter, by its name or ARN.
    fn secret(&self, from: &str) -> Option<&str> {
        let name = from.split_once(":parameter").map_or(from, |(_, name)| name);
        let found = self
            .secrets
            .get(name)
            .or_else(|| self.secrets.get(name.trim_start_matches('/')));
        found.map(String::as_str)
    }

    fn has_provider(&self, name: &str) -> bool {
        capacity::is_fargate(name) || self.providers.contains_key(name)
    }

    /// The target groups of a task.
    fn balancers(&self, task: &task::Task) -> &[service::Balancer] {
        let of = || {
            let (name, id) = task.service.as_ref()?;
            let service = self.services.get(&service::key(&task.cluster, name))?;
            service.deployments.iter().find(|one| one.id == *id)
        };
        of().map(|deployment| deployment.balancers.as_slice())
            .unwrap_or_default()
    }
}

/// What is around ECS in one look: the region, and the state of the other services.
pub(crate) struct World<'a> {
    region: &'a Region,
    /// Without the state of ECS, which is taken out meanwhile.
    others: &'a mut crate::State,
    now: f64,
    /// What is to be told as events of services.
    notes: Vec<(String, String)>,
}

/// Works with ECS and all else at once.
fn with<T>(region: &Region, work: impl FnOnce(&mut State, &mut World<'_>) -> T) -> T {
    let mut state = region.state();
    let mut ecs = std::mem::take(&mut state.ecs);
    let mut world = World {
        region,
        others: &mut state,
        now: now(),
        notes: Vec::new(),
    };
    let result = work(&mut ecs, &mut world);
    state.ecs = ecs;
    result
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    let of = Arc::clone(region);
    region.keep(async move {
        loop {
            of.tick().await;
            turn(&of).await;
        }
    });
}

async fn turn(region: &Region) {
    for start in with(region, look) {
        let launch = task::launch(&region.state().ecs, region, &start);
        if let Some(launch) = launch {
            let result = region.spawner.spawn(launch).await;
            task::started(&mut region.state().ecs, &start, result, now());
        }
    }
}

/// Looks at everything once; tells which processes are to be started.
fn look(state: &mut State, world: &mut World<'_>) -> Vec<task::Start> {
    host::follow(state, world);
    scheduler::look(state, world);
    let mut starts = Vec::new();
    let mut tasks = std::mem::take(&mut state.tasks);
    for task in tasks.values_mut() {
        task::step(task, state, world, &mut starts);
    }
    state.tasks = tasks;
    for (service, message) in std::mem::take(&mut world.notes) {
        if let Some(service) = state.services.get_mut(&service) {
            service.say(message, world.now);
        }
    }
    metrics::measure(state, world);
    starts
}

/// Ends what the service runs.
pub async fn stop(region: &Arc<Region>) {
    let tasks = std::mem::take(&mut region.state().ecs.tasks);
    let children: Vec<_> = tasks
        .values()
        .flat_map(|task| &task.containers)
        .filter_map(|one| one.child())
        .cloned()
        .collect();
    for child in &children {
        child.terminate();
    }
    let patience = tokio::time::sleep(Duration::from_secs(2));
    let ended = async {
        for child in &children {
            child.exited().await;
        }
    };
    tokio::select! {
        () = patience => {}
        () = ended => return,
    }
    for child in &children {
        child.kill();
        child.exited().await;
    }
}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    if matches!(operation, "CreateService" | "UpdateService") {
        targets::check(region, input).await?;
    }
    let answer = with(region, |state, world| answer(state, world, operation, input));
    region.changed();
    answer
}

fn answer(state: &mut State, world: &mut World<'_>, operation: &str, input: &Value) -> Answer {
    let region = world.region;
    match operation {
        "CreateCapacityProvider" => capacity::create(state, region, input),
        "CreateCluster" => cluster::create(state, region, input),
        "CreateService" => service::create(state, world, input),
        "DeleteCapacityProvider" => capacity::delete(state, input),
        "DeleteCluster" => cluster::delete(state, input),
        "DeleteService" => service::delete(state, world, input),
        "DeleteTaskDefinitions" => definition::delete(state, input),
        "DeregisterContainerInstance" => host::deregister(state, input, world.now),
        "DeregisterTaskDefinition" => definition::deregister(state, input),
        "DescribeCapacityProviders" => capacity::describe(state, input),
        "DescribeClusters" => cluster::describe(state, region, input),
        "DescribeContainerInstances" => host::describe(state, input),
        "DescribeServices" => service::describe(state, region, input),
        "DescribeTaskDefinition" => definition::describe(state, input),
        "DescribeTasks" => task::describe(state, region, input),
        "ListClusters" => cluster::list(state, input),
        "ListContainerInstances" => host::list(state, input),
        "ListServices" => service::list(state, input),
        "ListTagsForResource" => tags::list_for(state, input),
        "ListTaskDefinitionFamilies" => definition::families(state, input),
        "ListTaskDefinitions" => definition::list(state, input),
        "ListTasks" => task::list(state, input),
        "PutClusterCapacityProviders" => cluster::put_capacity_providers(state, input),
        "RegisterTaskDefinition" => definition::register(state, region, input),
        "RunTask" => task::run(state, world, input),
        "StopTask" => task::stop(state, region, input),
        "TagResource" => tags::tag(state, input),
        "UntagResource" => tags::untag(state, input),
        "UpdateCluster" | "UpdateClusterSettings" => cluster::update(state, input),
        "UpdateContainerInstancesState" => host::update(state, input),
        "UpdateService" => service::update(state, world, input),
        _ => Err(ApiError::not_here("ecs", operation)),
    }
}

/// A process of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskProcess {
    /// The task.
    pub task_arn: String,
    /// The process id.
    pub pid: u32,
}

/// The processes of the tasks on an EC2 instance.
pub fn tasks_on(state: &crate::State, instance: &str) -> Vec<TaskProcess> {
    let ecs = &state.ecs;
    let on = ecs.tasks.values().filter(|task| ecs.is_on(task, instance));
    let process = |task: &task::Task, one: &task::Container| {
        Some(TaskProcess {
            task_arn: task.arn.clone(),
            pid: one.child()?.pid(),
        })
    };
    on.flat_map(|task| task.containers.iter().filter_map(|one| process(task, one)))
        .collect()
}

/// Ends the tasks on an EC2 instance at once, as the death of its container runtime does.
pub fn kill_tasks_on(state: &mut crate::State, instance: &str, reason: &str) {
    let mut tasks = std::mem::take(&mut state.ecs.tasks);
    for task in tasks.values_mut().filter(|task| state.ecs.is_on(task, instance)) {
        task::kill(task, "EssentialContainerExited", reason, now());
    }
    state.ecs.tasks = tasks;
}

impl State {
    fn is_on(&self, task: &task::Task, instance: &str) -> bool {
        let host = task.host.as_ref().and_then(|id| self.hosts.get(id));
        host.is_some_and(|host| host.instance == instance)
    }

    /// How many tasks of a service run, and whether it is being deployed; nothing for one that is not active.
    pub(crate) fn running(&self, cluster: &str, service: &str) -> Option<Running> {
        let found = self.services.get(&service::key(cluster, service))?;
        if found.status != service::ServiceStatus::Active {
            return None;
        }
        let tasks = self.tasks.values().filter(|task| task.is_of(cluster, service));
        Some(Running {
            desired: found.desired,
            running: tasks.filter(|task| task.is_running()).count(),
            deploying: found.deployments.len() > 1,
        })
    }
}

/// How a service stands, for service auto scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub desired: usize,
    pub running: usize,
    pub deploying: bool,
}
