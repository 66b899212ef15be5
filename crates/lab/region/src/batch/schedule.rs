//! Takes jobs from their submission to their start.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::job::{Part, Status};
use super::resources::bare;
use super::{State, attempt, environments};
use crate::pace::Pace;
use crate::{Region, input};

/// How long jobs are in a status at the least, as seen with small jobs on Fargate.
const SUBMITTED: Duration = Duration::from_secs(2);
const RUNNABLE: Duration = Duration::from_secs(5);
const STARTING: Duration = Duration::from_secs(20);

/// Looks after jobs that have not ended, until dropped.
pub async fn schedule(region: Arc<Region>) {
    loop {
        let due = step(&mut region.state().batch, region.pace());
        for id in due {
            region.keep(attempt::run(region.clone(), id));
        }
        region.tick().await;
    }
}

/// Moves jobs on; answers those whose process is to be started now.
pub fn step(state: &mut State, pace: Pace) -> Vec<String> {
    if state.unfinished.is_empty() {
        return Vec::new();
    }
    let ids = state.unfinished.clone();
    let mut due = Vec::new();
    for id in &ids {
        move_on(state, id, pace, &mut due);
    }
    start(state, &ids, pace);
    state
        .unfinished
        .retain(|id| state.jobs.get(id).is_some_and(|job| !job.status.is_final()));
    due
}

fn move_on(state: &mut State, id: &str, pace: Pace, due: &mut Vec<String>) {
    let Some(job) = state.jobs.get(id) else { return };
    let waited = |least: Duration| job.since.elapsed() >= pace.of(least);
    let next = match (job.status, &job.part) {
        (Status::Submitted, _) if !waited(SUBMITTED) => None,
        (Status::Submitted, Part::Parent { .. }) => Some(Status::Pending),
        (Status::Submitted, _) if job.needs.is_empty() => Some(Status::Runnable),
        (Status::Submitted, _) => Some(Status::Pending),
        (Status::Pending, Part::Parent { size }) => of_children(state, id, *size),
        (Status::Pending, _) => of_needs(state, &job.needs),
        (Status::Starting, _) if waited(STARTING) && job.running.is_none() => {
            due.push(id.to_owned());
            None
        }
        _ => None,
    };
    let Some(job) = state.jobs.get_mut(id) else { return };
    match next {
        Some(Status::Failed) if matches!(job.part, Part::Parent { .. }) => job.fail("Array Child Job failed"),
        Some(Status::Failed) => job.fail("Dependent Job failed"),
        Some(status) => {
            job.become_status(status);
            job.stopped = status.is_final().then(super::milliseconds);
        }
        None => {}
    }
}

/// An array job ends when all of its children have.
fn of_children(state: &State, id: &str, size: usize) -> Option<Status> {
    let mut worst = Status::Succeeded;
    for index in 0..size {
        match state.jobs.get(&format!("{id}:{index}")) {
            Some(child) if !child.status.is_final() => return None,
            Some(child) => worst = worst.max(child.status),
            // ended long ago
            None => {}
        }
    }
    Some(worst)
}

/// A job can run when all that it needs has succeeded, and fails as soon as something of it failed.
fn of_needs(state: &State, needs: &[String]) -> Option<Status> {
    let statuses = || {
        needs
            .iter()
            .filter_map(|id| state.jobs.get(id))
            .map(|job| job.status)
    };
    if statuses().any(|status| status == Status::Failed) {
        return Some(Status::Failed);
    }
    statuses()
        .all(|status| status == Status::Succeeded)
        .then_some(Status::Runnable)
}

/// Starts runnable jobs where there is room: by the priority of the queue, then of the job, then in the order of submission.
fn start(state: &mut State, ids: &[String], pace: Pace) {
    let mut runnable: Vec<(i64, i64, &String)> = Vec::new();
    for id in ids {
        if let Some(job) = state.jobs.get(id)
            && job.status == Status::Runnable
            && job.since.elapsed() >= pace.of(RUNNABLE)
        {
            let queue = state.queues.get(bare(&job.queue));
            let priority = queue
                .and_then(|queue| queue.0.get("priority")?.as_i64())
                .unwrap_or_default();
            runnable.push((priority, job.priority, id));
        }
    }
    if runnable.is_empty() {
        return;
    }
    runnable.sort_by_key(|(queue, job, _)| std::cmp::Reverse((*queue, *job)));
    let mut used = used(state);
    for (_, _, id) in runnable {
        place(state, id, &mut used);
    }
}

/// vCPUs in use, by environment.
fn used(state: &State) -> BTreeMap<String, f64> {
    let mut used = BTreeMap::new();
    let placed = state.unfinished.iter().filter_map(|id| state.jobs.get(id));
    for job in placed.filter(|job| matches!(job.status, Status::Starting | Status::Running)) {
        if let Some(environment) = &job.environment {
            *used.entry(environment.clone()).or_default() += job.spec.vcpus;
        }
    }
    used
}

/// Gives a job to the first environment of its queue that has room.
fn place(state: &mut State, id: &str, used: &mut BTreeMap<String, f64>) {
    let Some(job) = state.jobs.get_mut(id) else { return };
    let Some(queue) = state
        .queues
        .get(bare(&job.queue))
        .filter(|queue| queue.is_enabled())
    else {
        return;
    };
    let order = input::list(&queue.0, "computeEnvironmentOrder").iter();
    for arn in order.filter_map(|entry| entry.get("computeEnvironment").and_then(Value::as_str)) {
        let Some(environment) = state.environments.get(bare(arn)).filter(|one| one.is_enabled()) else {
            continue;
        };
        let taken = used.entry(arn.to_owned()).or_default();
        if *taken + job.spec.vcpus <= environments::capacity(environment) {
            *taken += job.spec.vcpus;
            job.environment = Some(arn.to_owned());
            job.become_status(Status::Starting);
            return;
        }
    }
}
