//! What services use, every second: AWS/ECS utilization, and the counts of Container Insights.
//!
//! Source: "Amazon ECS CloudWatch metrics" and "Amazon ECS Container Insights metrics" in the developer guide.

use std::time::Duration;

use super::capacity::LaunchType;
use super::service::Service;
use super::task::Task;
use super::{State, World};

/// Seconds of real time between two measurements.
const EVERY: f64 = 1.0;

pub fn measure(state: &mut State, world: &World<'_>) {
    let passed = world.now - state.measured;
    if passed < EVERY {
        return;
    }
    // after a long sleep of the machine, or at first, there is nothing to compare with
    let passed = passed.min(10.0 * EVERY);
    state.measured = world.now;
    for task in state.tasks.values_mut().filter(|task| task.is_running()) {
        utilization(task, passed, world);
    }
    for service in state.services.values().filter(|service| !service.is_inactive()) {
        counts(state, service, world);
    }
    for cluster in state.clusters.values().filter(|cluster| cluster.active) {
        of_cluster(state, &cluster.name, world);
    }
    prune(state, world);
}

/// One value per task, so that a service's average is over its tasks.
fn utilization(task: &mut Task, passed: f64, world: &World<'_>) {
    let (mut cpu, mut memory) = (Duration::ZERO, 0);
    for container in &mut task.containers {
        if let Some(usage) = container.child().and_then(|child| child.usage()) {
            cpu += usage.cpu.saturating_sub(container.cpu);
            memory += usage.resident;
            container.cpu = usage.cpu;
        }
    }
    let Some((service, _)) = &task.service else {
        return;
    };
    let dimensions = [
        ("ClusterName", task.cluster.as_str()),
        ("ServiceName", service.as_str()),
    ];
    let put = |name, share: f64| {
        // a task on Fargate has its units and no more
        let share = if task.launch == LaunchType::Fargate {
            share.min(1.0)
        } else {
            share
        };
        world
            .region
            .metrics
            .put("AWS/ECS", name, &dimensions, share * 100.0, "Percent");
    };
    put(
        "CPUUtilization",
        cpu.as_secs_f64() / passed * 1024.0 / f64::from(task.spec.cpu.max(1)),
    );
    put(
        "MemoryUtilization",
        memory as f64 / 1_048_576.0 / f64::from(task.spec.memory.max(1)),
    );
}

fn counts(state: &State, service: &Service, world: &World<'_>) {
    let dimensions = [
        ("ClusterName", service.cluster.as_str()),
        ("ServiceName", service.name.as_str()),
    ];
    let tasks = || {
        state
            .tasks
            .values()
            .filter(|task| task.is_of(&service.cluster, &service.name))
    };
    let put = |name, value: usize| {
        world
            .region
            .metrics
            .put("ECS/ContainerInsights", name, &dimensions, value as f64, "Count");
    };
    put("DesiredTaskCount", service.desired);
    put(
        "RunningTaskCount",
        tasks().filter(|task| task.is_running()).count(),
    );
    put(
        "PendingTaskCount",
        tasks().filter(|task| task.is_pending()).count(),
    );
    put("DeploymentCount", service.deployments.len());
}

fn of_cluster(state: &State, cluster: &str, world: &World<'_>) {
    let put = |name, value: usize| {
        let dimensions = [("ClusterName", cluster)];
        world
            .region
            .metrics
            .put("ECS/ContainerInsights", name, &dimensions, value as f64, "Count");
    };
    let running = |task: &&Task| task.cluster == cluster && task.is_running();
    put("TaskCount", state.tasks.values().filter(running).count());
    put(
        "ServiceCount",
        state
            .services
            .values()
            .filter(|one| one.cluster == cluster && !one.is_inactive())
            .count(),
    );
    put(
        "ContainerInstanceCount",
        state
            .hosts
            .values()
            .filter(|host| host.cluster == cluster)
            .count(),
    );
}

/// Stopped tasks stay visible for an hour of AWS's.
const VISIBLE: f64 = 3600.0;
/// And no more than so many do.
const MOST: usize = 500;

fn prune(state: &mut State, world: &World<'_>) {
    let visible = world.region.pace().seconds(VISIBLE).as_secs_f64();
    let old = |task: &Task| task.times.stopped.is_some_and(|at| world.now - at > visible);
    let mut over = state
        .tasks
        .values()
        .filter(|task| task.is_stopped())
        .count()
        .saturating_sub(MOST);
    let mut gone = Vec::new();
    state.tasks.retain(|_, task| {
        let stays = !task.is_stopped() || !(old(task) || over > 0);
        if !stays {
            over = over.saturating_sub(1);
            gone.extend(
                task.containers
                    .iter()
                    .map(|one| super::task::log(world.region, task, &one.name)),
            );
            state.tags.shift_remove(&task.arn);
        }
        stays
    });
    for log in gone {
        // a log that is gone already is as well
        let _ = std::fs::remove_file(log);
    }
    let (services, tasks) = (&state.services, &state.tasks);
    state.definitions.prune(|arn| {
        tasks
            .values()
            .any(|task| task.spec.arn == arn && !task.is_stopped())
            || services
                .values()
                .any(|one| one.deployments.iter().any(|one| one.spec.arn == arn))
    });
}
