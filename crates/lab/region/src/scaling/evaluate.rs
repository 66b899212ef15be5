//! The loop: measures what policies follow, a minute of AWS's at a time, and scales.

use std::time::Duration;

use super::activity::Activity;
use super::policy::{Metric, Policy};
use super::resource;
use super::target::{Scaled, Target};
use super::tracking::{IN_POINTS, Wish, together, wish};
use crate::{Region, ecs, now};

/// Looks at all targets once; tells whether something was scaled.
pub fn look(region: &Region) -> bool {
    let mut state = region.state();
    if state.scaling.targets.is_empty() {
        return false;
    }
    let now = now();
    let mut targets = std::mem::take(&mut state.scaling.targets);
    let mut activities = Vec::new();
    // policies of services that are gone go with them, as in AWS
    targets.retain(|id, _| {
        resource(id).is_ok_and(|(cluster, service)| state.ecs.running(cluster, service).is_some())
    });
    for target in targets.values_mut() {
        if measure(target, region, now) {
            activities.extend(scale(target, &mut state.ecs, region, now));
        }
    }
    state.scaling.targets = targets;
    let scaled = !activities.is_empty();
    for activity in activities {
        state.scaling.note(activity);
    }
    scaled
}

/// Takes the measurements that are due; tells whether there were any.
fn measure(target: &mut Target, region: &Region, now: f64) -> bool {
    let minute = region.pace().seconds(60.0);
    let mut due = false;
    for policy in target.policies.values_mut() {
        if now - policy.measured < minute.as_secs_f64() {
            continue;
        }
        policy.measured = now;
        policy.points.push_back(value(&target.id, policy, region, minute));
        while policy.points.len() > IN_POINTS {
            policy.points.pop_front();
        }
        due = true;
    }
    due
}

/// What a policy's metric was in the last minute of AWS's.
fn value(id: &str, policy: &Policy, region: &Region, minute: Duration) -> Option<f64> {
    // values come every second, and the present one is not over
    let stretch = Duration::from_secs_f64(minute.as_secs_f64().ceil().max(2.0));
    let (cluster, service) = resource(id).ok()?;
    let of_service = [("ClusterName", cluster), ("ServiceName", service)];
    let average = |name| {
        let window = region.metrics.last("AWS/ECS", name, &of_service, stretch);
        (window.count > 0).then(|| window.sum / window.count as f64)
    };
    match &policy.metric {
        Metric::Cpu => average("CPUUtilization"),
        Metric::Memory => average("MemoryUtilization"),
        Metric::Requests { group } => {
            let dimensions = [("TargetGroup", group.as_str())];
            let window = region.metrics.last(
                "AWS/ApplicationELB",
                "RequestCountPerTarget",
                &dimensions,
                stretch,
            );
            // requests come in real time: the target stays one of requests a real minute
            Some(window.sum * 60.0 / stretch.as_secs_f64())
        }
    }
}

fn scale(target: &mut Target, services: &mut ecs::State, region: &Region, now: f64) -> Option<Activity> {
    let (cluster, service) = resource(&target.id).ok()?;
    let running = services.running(cluster, service)?;
    let passed = |since: Option<Scaled>, cooldown: f64| {
        since.is_none_or(|scaled| now - scaled.at >= region.pace().seconds(cooldown).as_secs_f64())
    };
    let present = running.desired;
    let wishes = target.policies.values().map(|policy| {
        let cooling = !passed(target.out, policy.out_cooldown);
        // what was just added counts as if it were at work already
        let base = target
            .out
            .filter(|_| cooling)
            .map_or(present, |scaled| scaled.from);
        match wish(&policy.points, policy.target, base) {
            Wish::Out(count) if cooling && count <= present => Wish::Stay,
            Wish::In(_)
                if !policy.scales_in || running.deploying || !passed(target.inwards, policy.in_cooldown) =>
            {
                Wish::Stay
            }
            Wish::In(_) if cooling => Wish::Stay,
            other => other,
        }
    });
    let wishes: Vec<Wish> = wishes.collect();
    let wanted = within(target, present, together(&wishes, present)?)?;
    ecs::scale(services, cluster, service, wanted)?;
    let scaled = Some(Scaled {
        at: now,
        from: present,
    });
    let index = usize::from(wanted < present);
    if index == 0 {
        target.out = scaled
    } else {
        target.inwards = scaled
    }
    let policy = target
        .policies
        .values()
        .find(|policy| decides(policy, wanted > present, present));
    let (alarm, policy) = policy
        .map(|policy| (policy.alarms[index].as_str(), policy.name.as_str()))
        .unwrap_or_default();
    let cause = format!("monitor alarm {alarm} in state ALARM triggered policy {policy}");
    Some(Activity::new(&target.id, wanted, cause, now))
}

fn decides(policy: &Policy, out: bool, base: usize) -> bool {
    match wish(&policy.points, policy.target, base) {
        Wish::Out(_) => out,
        Wish::In(_) => !out,
        Wish::Stay => false,
    }
}

/// The wanted number within the bounds; nothing where that is no change, or one in the other direction.
fn within(target: &Target, present: usize, wanted: usize) -> Option<usize> {
    let out = wanted > present;
    let direction = if out {
        "DynamicScalingOutSuspended"
    } else {
        "DynamicScalingInSuspended"
    };
    if target.is_suspended(direction) {
        return None;
    }
    let bounded = wanted.clamp(target.minimum, target.maximum);
    let same_way = if out { bounded > present } else { bounded < present };
    same_way.then_some(bounded)
}
