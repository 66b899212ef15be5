//! Which tasks of a service are healthy.

use std::collections::HashSet;

use chaos_lab_balancer::{TargetState, TargetView};

use super::super::service::Service;
use super::super::task::Task;
use super::super::{State, World, targets};

/// Ids of the tasks that run and are healthy in all their target groups.
pub struct Healths(HashSet<String>);

impl Healths {
    pub fn is_healthy(&self, task: &str) -> bool {
        self.0.contains(task)
    }
}

/// Judges the running tasks by their targets, and marks those that are to be replaced.
pub fn judge(service: &mut Service, state: &mut State, world: &World<'_>) -> Healths {
    let mut healthy = HashSet::new();
    let mut groups: Vec<(String, Vec<TargetView>)> = Vec::new();
    let grace = world
        .region
        .pace()
        .seconds(f64::from(service.grace.unwrap_or(0)))
        .as_secs_f64();
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    let running = |task: &&mut Task| task.is_of(&cluster, &name) && task.is_running() && task.is_wanted();
    for task in state.tasks.values_mut().filter(running) {
        let views: Vec<Option<TargetView>> = task
            .targets
            .iter()
            .map(|(group, address)| view(&mut groups, world, group, *address))
            .collect();
        let is = |view: &Option<TargetView>, state| view.as_ref().is_some_and(|view| view.state == state);
        // a group that no load balancer uses says nothing of its targets
        if views
            .iter()
            .all(|view| is(view, TargetState::Healthy) || is(view, TargetState::Unused))
        {
            healthy.insert(task.id.clone());
            task.unhealthy = None;
            if task.times.started.is_some_and(|at| at > service.failed_at) {
                service.failures = 0;
            }
        }
        let settled = task.times.started.is_some_and(|at| world.now - at >= grace);
        let sick = views.iter().position(|view| is(view, TargetState::Unhealthy));
        if let Some(index) = sick.filter(|_| settled && task.unhealthy.is_none()) {
            mark(
                service,
                task,
                index,
                views.into_iter().nth(index).flatten(),
                world.now,
            );
        }
    }
    Healths(healthy)
}

fn view(
    groups: &mut Vec<(String, Vec<TargetView>)>,
    world: &World<'_>,
    group: &str,
    address: std::net::SocketAddr,
) -> Option<TargetView> {
    if !groups.iter().any(|(name, _)| name == group) {
        groups.push((group.to_owned(), targets::views(world, group)));
    }
    let (_, views) = groups.iter().find(|(name, _)| name == group)?;
    views.iter().find(|view| view.address == address).cloned()
}

fn mark(service: &mut Service, task: &mut Task, index: usize, view: Option<TargetView>, now: f64) {
    let Some((group, address)) = task.targets.get(index) else {
        return;
    };
    let why = view
        .and_then(|view| view.description)
        .unwrap_or_else(|| "Health checks failed".to_owned());
    let message = format!(
        "(port {}) is unhealthy in (target-group {group}) due to (reason {why}).",
        address.port()
    );
    task.unhealthy = Some(group.clone());
    service.steady = false;
    count(service, task);
    service.say(message, now);
}

/// A task of a deployment failed.
fn count(service: &mut Service, task: &Task) {
    let id = task.service.as_ref().map(|(_, id)| id);
    if let Some(deployment) = service.deployments.iter_mut().find(|one| Some(&one.id) == id) {
        deployment.failed += 1;
    }
}

/// Seconds of AWS's before the next try after so many tasks in a row that did not come up, at most a quarter of an hour:
/// "Amazon ECS service throttle logic" in the developer guide, which gives the longest only.
fn back_off(failures: u32) -> f64 {
    match failures {
        0..3 => 0.0,
        _ => (10.0 * 2_f64.powi(failures.min(12) as i32 - 3)).min(900.0),
    }
}

/// Counts tasks that ended before they ran.
pub fn count_failures(service: &mut Service, state: &mut State, world: &World<'_>) {
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    let failed = |task: &&mut Task| !task.counted && !task.is_wanted() && task.is_of(&cluster, &name);
    for task in state.tasks.values_mut().filter(failed) {
        task.counted = true;
        service.steady = false;
        let code = task.stop.as_ref().map(|stop| stop.code);
        if task.times.started.is_some() || matches!(code, Some("ServiceSchedulerInitiated" | "UserInitiated"))
        {
            // only what never ran holds the next try back
            if code == Some("EssentialContainerExited") {
                count(service, task);
            }
            continue;
        }
        count(service, task);
        service.failures += 1;
        service.failed_at = world.now;
        let pause = back_off(service.failures);
        service.not_before = world.now + world.region.pace().seconds(pause).as_secs_f64();
        if pause > 0.0 {
            service.say_once("is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS documentation.", world.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::back_off;

    #[test]
    fn the_first_tries_come_at_once_and_later_ones_ever_later() {
        assert_eq!([0, 1, 2, 3, 4].map(back_off), [0.0, 0.0, 0.0, 10.0, 20.0]);
        assert_eq!(back_off(50), 900.0);
    }
}
