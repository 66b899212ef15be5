//! How far a deployment is.

use super::super::service::{RolloutState, Service};
use super::super::task::Status;
use super::super::{State, World};
use super::View;

/// Ends deployments without tasks, completes the primary one, or gives it up.
pub fn advance(service: &mut Service, state: &State, world: &World<'_>, view: &View) {
    let now = world.now;
    drop_old(service, state);
    break_off(service, now);
    let complete =
        service.deployments.len() == 1 && view.leave.is_empty() && view.kept_healthy == service.desired;
    if !complete || view.keep.len() != service.desired {
        return;
    }
    let Some(primary) = service.deployments.first_mut() else {
        return;
    };
    if primary.rollout == RolloutState::InProgress {
        let id = primary.id.clone();
        primary.enter(
            RolloutState::Completed,
            format!("ECS deployment {id} completed."),
            now,
        );
        service.proven = service.deployments.first().cloned();
        service.say(format!("(deployment {id}) deployment completed."), now);
    }
    if !service.steady {
        service.steady = true;
        service.say("has reached a steady state.", now);
    }
}

/// An older deployment stays until its tasks have left their target groups.
fn drop_old(service: &mut Service, state: &State) {
    let primary = service.deployments.first().map(|one| one.id.clone());
    let (cluster, name) = (&service.cluster, &service.name);
    let has_tasks = |id: &str| {
        let of = |task: &&super::super::task::Task| {
            task.is_of(cluster, name) && task.service.as_ref().is_some_and(|(_, of)| of == id)
        };
        state
            .tasks
            .values()
            .filter(of)
            .any(|task| task.status < Status::Stopping)
    };
    service
        .deployments
        .retain(|one| Some(&one.id) == primary.as_ref() || has_tasks(&one.id));
}

/// The circuit breaker gives a deployment up after failed tasks: half of the desired ones, at least 3 and at most 200 ("How the
/// Amazon ECS deployment circuit breaker detects failures" in the developer guide).
fn break_off(service: &mut Service, now: f64) {
    let threshold = service.desired.div_ceil(2).clamp(3, 200);
    let (breaker, rollback) = (service.rollout.breaker, service.rollout.rollback);
    let Some(primary) = service.deployments.first_mut() else {
        return;
    };
    if !breaker || primary.rollout != RolloutState::InProgress || (primary.failed as usize) < threshold {
        return;
    }
    let id = primary.id.clone();
    let reason = "ECS deployment circuit breaker: tasks failed to start.";
    primary.enter(RolloutState::Failed, reason.to_owned(), now);
    service.say(
        format!("(deployment {id}) deployment failed: tasks failed to start."),
        now,
    );
    if let Some(proven) = service.proven.clone().filter(|_| rollback) {
        service.deploy(proven, now);
        if let Some(primary) = service.deployments.first_mut() {
            let to = primary.id.clone();
            primary.reason = format!("ECS deployment circuit breaker: rolling back to deploymentId {to}.");
            service.say(format!("rolling back to (deployment {to})."), now);
        }
    }
}
