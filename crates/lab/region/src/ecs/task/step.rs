//! The state machine of tasks: one look at a task, and what follows from it.

use std::net::SocketAddr;

use super::process::{Start, obstacle};
use super::{Container, Process, Status, Task};
use crate::ecs;
use crate::ecs::World;
use crate::ecs::capacity::LaunchType;

/// How long things take on AWS, in seconds. Not published; as seen with small images.
struct Durations {
    provisioning: f64,
    pending: f64,
    activating: f64,
    deprovisioning: f64,
}

const FARGATE: Durations = Durations {
    provisioning: 10.0,
    pending: 16.0,
    activating: 4.0,
    deprovisioning: 10.0,
};
const EC2: Durations = Durations {
    provisioning: 1.0,
    pending: 3.0,
    activating: 1.0,
    deprovisioning: 1.0,
};
/// A target that never leaves its group does not hold a task for ever: AWS's longest deregistration delay.
const LONGEST_DRAIN: f64 = 3600.0;

impl Task {
    fn durations(&self) -> Durations {
        match self.launch {
            LaunchType::Fargate => FARGATE,
            LaunchType::Ec2 => EC2,
        }
    }

    /// Whether it has been in its status for that long.
    fn has_been(&self, seconds: f64, world: &World<'_>) -> bool {
        world.now - self.since >= world.region.pace().seconds(seconds).as_secs_f64()
    }

    /// An essential container's end stops the task: ContainerDefinition `essential` in the API reference.
    fn look(&mut self, now: f64) {
        for container in &mut self.containers {
            container.look();
        }
        let ended = self.containers.iter().any(|one| one.essential && one.has_ended());
        if ended && self.status >= Status::Activating {
            self.request_stop(
                "EssentialContainerExited",
                "Essential container in task exited",
                false,
                now,
            );
        }
    }
}

/// Looks at a task once. Processes to be started are added to `starts`.
pub fn step(task: &mut Task, ecs: &ecs::State, world: &mut World<'_>, starts: &mut Vec<Start>) {
    let durations = task.durations();
    task.look(world.now);
    let stopping = task.stop.is_some();
    match task.status {
        Status::Provisioning | Status::Pending if stopping => end_early(task, world.now),
        Status::Provisioning if task.has_been(durations.provisioning, world) => {
            task.enter(Status::Pending, world.now);
            task.times.pull_started = Some(world.now);
        }
        Status::Pending if task.has_been(durations.pending, world) => activate(task, ecs, world, starts),
        Status::Activating if stopping => terminate(task, world.now),
        Status::Activating if task.has_been(durations.activating, world) && is_up(task) => {
            run(task, ecs, world)
        }
        Status::Running if stopping => {
            task.enter(Status::Deactivating, world.now);
            leave_groups(task, world);
        }
        Status::Deactivating => deactivate(task, world),
        Status::Stopping => kill_late(task, world),
        Status::Deprovisioning if task.has_been(durations.deprovisioning, world) => {
            if task.own_address {
                world.others.ec2.release(task.address);
            }
            task.times.stopped = Some(world.now);
            task.enter(Status::Stopped, world.now);
        }
        _ => {}
    }
}

fn end_early(task: &mut Task, now: f64) {
    for container in &mut task.containers {
        container.process = Process::Ended;
    }
    task.times.execution_stopped = Some(now);
    task.enter(Status::Deprovisioning, now);
}

/// The images are there; the processes start.
fn activate(task: &mut Task, ecs: &ecs::State, world: &World<'_>, starts: &mut Vec<Start>) {
    task.times.pull_stopped = Some(world.now);
    if let Some((index, reason)) = obstacle(task, ecs) {
        if let Some(container) = task.containers.get_mut(index) {
            container.reason = Some(reason.clone());
        }
        task.request_stop("TaskFailedToStart", reason, false, world.now);
        return end_early(task, world.now);
    }
    task.enter(Status::Activating, world.now);
    for (index, container) in task.containers.iter_mut().enumerate() {
        container.process = Process::Starting;
        starts.push(Start {
            task: task.id.clone(),
            container: index,
        });
    }
}

fn is_up(task: &Task) -> bool {
    task.containers
        .iter()
        .all(|one| matches!(one.process, Process::Running(_) | Process::Ended))
}

fn run(task: &mut Task, ecs: &ecs::State, world: &mut World<'_>) {
    task.enter(Status::Running, world.now);
    task.times.started = Some(world.now);
    for balancer in ecs.balancers(task) {
        let Some(address) = task.target(&balancer.container, balancer.port) else {
            continue;
        };
        let group = &balancer.group;
        match ecs::targets::register(world, group, address, &task.zone) {
            Ok(()) => {
                task.targets.push((group.clone(), address));
                ecs::scheduler::registered(world, task, group);
            }
            Err(error) => {
                let reason = format!("Unable to register the task with {group}: {}", error.message);
                task.request_stop("TaskFailedToStart", reason, false, world.now);
            }
        }
    }
}

fn leave_groups(task: &Task, world: &mut World<'_>) {
    for (group, address) in &task.targets {
        ecs::targets::deregister(world, group, *address);
    }
}

/// Waits until its targets are out of their groups where that was asked for, as the scheduler does: "Optimize load balancer
/// connection draining parameters for Amazon ECS" in the developer guide.
fn deactivate(task: &mut Task, world: &World<'_>) {
    let drain = task.stop.as_ref().is_some_and(|stop| stop.drain);
    let in_use = |(group, address): &(String, SocketAddr)| ecs::targets::is_draining(world, group, *address);
    let alive = task.containers.iter().any(|one| one.child().is_some());
    if drain && alive && task.targets.iter().any(in_use) && !task.has_been(LONGEST_DRAIN, world) {
        return;
    }
    terminate(task, world.now);
}

fn terminate(task: &mut Task, now: f64) {
    for child in task.containers.iter().filter_map(|one| one.child()) {
        child.terminate();
    }
    task.enter(Status::Stopping, now);
}

fn kill_late(task: &mut Task, world: &World<'_>) {
    let late = |seconds| task.has_been(seconds, world);
    for container in task.containers.iter().filter(|one| late(one.stop_timeout)) {
        if let Some(child) = container.child() {
            child.kill();
        }
    }
    if task.containers.iter().all(Container::has_ended) {
        task.times.execution_stopped = Some(world.now);
        task.targets.clear();
        task.enter(Status::Deprovisioning, world.now);
    }
}

/// Ends a task's processes at once, as the end of its host does.
pub fn kill(task: &mut Task, code: &'static str, reason: &str, now: f64) {
    for child in task.containers.iter().filter_map(|one| one.child()) {
        child.kill();
    }
    task.request_stop(code, reason, false, now);
}
