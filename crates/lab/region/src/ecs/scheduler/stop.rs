//! Which tasks are stopped.

use super::super::service::Service;
use super::super::{State, World};
use super::{Leaving, View, choose};

/// Stops what is too much, and what can be spared of what is to be replaced.
pub fn stop(service: &mut Service, state: &mut State, world: &World<'_>, view: &View) {
    let mut ids = replaced(service, view);
    let over = view.keep.len().saturating_sub(service.desired);
    ids.extend(choose::surplus(state, &view.keep, over));
    if ids.is_empty() {
        return;
    }
    let (mut targets, mut ended) = (Vec::new(), Vec::new());
    for id in &ids {
        let Some(task) = state.tasks.get_mut(id) else {
            continue;
        };
        let reason = reason(service, task.unhealthy.as_deref(), &task.service);
        task.request_stop("ServiceSchedulerInitiated", reason, true, world.now);
        targets.extend(task.targets.iter().map(|(group, _)| group.clone()));
        ended.push(format!("(task {id})"));
    }
    tell(service, &targets, &ended, world.now);
}

fn reason(service: &Service, unhealthy: Option<&str>, of: &Option<(String, String)>) -> String {
    let id = of.as_ref().map(|(_, id)| id.as_str()).unwrap_or_default();
    match unhealthy {
        Some(group) => format!("Task failed ELB health checks in (target-group {group})"),
        None if service.deployments.first().is_some_and(|one| one.id == id) => {
            format!("Scaling activity initiated by (deployment {id})")
        }
        None => format!(
            "Scaling activity initiated by (deployment {})",
            service
                .deployments
                .first()
                .map(|one| one.id.as_str())
                .unwrap_or_default()
        ),
    }
}

fn tell(service: &mut Service, targets: &[String], ended: &[String], now: f64) {
    let mut groups: Vec<&String> = targets.iter().collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        let count = targets.iter().filter(|one| *one == group).count();
        service.say(
            format!("deregistered {count} targets in (target-group {group})"),
            now,
        );
    }
    if !targets.is_empty() {
        service.say(
            format!("has begun draining connections on {} tasks.", ended.len()),
            now,
        );
    }
    service.say(
        format!("has stopped {} running tasks: {}.", ended.len(), ended.join(" ")),
        now,
    );
    service.steady = false;
}

/// Those to be replaced that can go now: what does not run, at once; what is not healthy when its replacement is, or when there
/// is no room for one beside it; what is healthy as long as enough healthy ones stay.
fn replaced(service: &Service, view: &View) -> Vec<String> {
    let (rollout, desired) = (&service.rollout, service.desired);
    let covered = view.kept_healthy >= desired;
    let mut spare = view.healthy.saturating_sub(rollout.minimum(desired));
    let mut crowded = match rollout.maximum(desired).saturating_sub(view.total()) {
        0 => desired.saturating_sub(view.keep.len()),
        _ => 0,
    };
    let take = |count: &mut usize| {
        let any = *count > 0;
        *count = count.saturating_sub(1);
        any
    };
    let goes = |leaving: &&Leaving| match (leaving.running, leaving.healthy) {
        (false, _) => true,
        (true, true) => take(&mut spare),
        (true, false) => leaving.old || covered || take(&mut crowded),
    };
    view.leave
        .iter()
        .filter(goes)
        .map(|leaving| leaving.id.clone())
        .collect()
}
