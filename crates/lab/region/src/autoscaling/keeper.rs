//! The loop that keeps groups at their desired capacity.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::activities::Begun;
use super::group::{Lifecycle, Member};
use super::placement::{self, Zones};
use super::{configurations, members};
use crate::ec2::{InstanceState, Launch, launch};
use crate::{Region, State};

/// How often a group looks at the health of its instances.
const CHECK: Duration = Duration::from_secs(30);
/// How long a group waits after a launch that failed.
const RETRY: Duration = Duration::from_secs(60);

pub(super) async fn keep(region: Arc<Region>) {
    loop {
        region.tick().await;
        let changed = step(&mut region.state(), &region);
        if changed {
            region.changed();
        }
    }
}

fn step(state: &mut State, region: &Region) -> bool {
    let names: Vec<String> = state.autoscaling.groups.keys().cloned().collect();
    let mut changed = false;
    for name in names {
        changed |= settle(state, &name);
        check_health(state, region, &name);
        changed |= replace(state, &name);
        changed |= shrink(state, &name);
        changed |= grow(state, region, &name);
        if state
            .autoscaling
            .group(&name)
            .is_some_and(|group| group.deleting && group.members.is_empty())
        {
            state.autoscaling.groups.shift_remove(&name);
        }
    }
    changed
}

/// What has booted is in service; what has ended is gone.
fn settle(state: &mut State, name: &str) -> bool {
    let Some(group) = state.autoscaling.groups.get_mut(name) else {
        return false;
    };
    let mut settled = Vec::new();
    for member in group.members.values_mut() {
        let now = state.ec2.instance(&member.id).map(|instance| instance.state);
        match (member.lifecycle, now) {
            (Lifecycle::Pending, Some(InstanceState::Running)) => member.lifecycle = Lifecycle::InService,
            (Lifecycle::Terminating, None | Some(InstanceState::Terminated)) => {}
            _ => continue,
        }
        settled.push(member.id.clone());
    }
    for id in &settled {
        if group
            .members
            .get(id)
            .is_some_and(|member| member.lifecycle == Lifecycle::Terminating)
        {
            group.members.shift_remove(id);
        }
    }
    for id in &settled {
        state.autoscaling.finish(id);
    }
    !settled.is_empty()
}

/// The EC2 health check: what neither boots nor runs is unhealthy.
fn check_health(state: &mut State, region: &Region, name: &str) {
    let Some(group) = state
        .autoscaling
        .groups
        .get_mut(name)
        .filter(|group| group.runs("HealthCheck"))
    else {
        return;
    };
    let time = Instant::now();
    if group
        .checked
        .is_some_and(|checked| time - checked < region.pace().of(CHECK))
    {
        return;
    }
    group.checked = Some(time);
    for member in group.members.values_mut() {
        let now = state.ec2.instance(&member.id).map(|instance| instance.state);
        if !matches!(now, Some(InstanceState::Pending | InstanceState::Running)) {
            member.healthy = false;
        }
    }
}

/// Ends unhealthy members; [`grow`] launches others.
fn replace(state: &mut State, name: &str) -> bool {
    let Some(group) = state.autoscaling.group(name) else {
        return false;
    };
    if !group.runs("ReplaceUnhealthy") || !group.runs("Terminate") {
        return false;
    }
    let is_sick = |member: &&Member| !member.healthy && member.lifecycle != Lifecycle::Terminating;
    let sick: Vec<String> = group
        .members
        .values()
        .filter(is_sick)
        .map(|member| member.id.clone())
        .collect();
    for id in &sick {
        let stands = state
            .ec2
            .instance(id)
            .is_some_and(|instance| instance.state == InstanceState::Running);
        let why = if stands {
            "an instance was taken out of service in response to a user health-check."
        } else {
            "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped."
        };
        members::end(state, name, id, why);
    }
    !sick.is_empty()
}

fn zones_of(state: &State, name: &str) -> Zones {
    let subnets = state
        .autoscaling
        .group(name)
        .into_iter()
        .flat_map(|group| &group.subnets);
    subnets
        .filter_map(|id| Some((id.clone(), state.ec2.subnet(id)?.zone.clone())))
        .collect()
}

fn shrink(state: &mut State, name: &str) -> bool {
    let zones = zones_of(state, name);
    let Some(group) = state.autoscaling.group(name) else {
        return false;
    };
    let victims = match group.deleting {
        true => active_ids(group),
        false if group.runs("Terminate") => placement::victims(group, &zones),
        false => Vec::new(),
    };
    let why = format!(
        "an instance was taken out of service because the group has more than its desired capacity of {}, or in response to a rebalancing of its zones.",
        group.desired
    );
    for id in &victims {
        members::end(state, name, id, &why);
    }
    !victims.is_empty()
}

fn active_ids(group: &super::Group) -> Vec<String> {
    let active = group
        .members
        .values()
        .filter(|member| member.lifecycle != Lifecycle::Terminating);
    active.map(|member| member.id.clone()).collect()
}

fn grow(state: &mut State, region: &Region, name: &str) -> bool {
    let zones = zones_of(state, name);
    let Some(group) = state
        .autoscaling
        .group(name)
        .filter(|group| group.runs("Launch") && !group.deleting)
    else {
        return false;
    };
    if group.retry.is_some_and(|retry| Instant::now() < retry) {
        return false;
    }
    let subnets = placement::launches(group, &zones);
    for subnet in &subnets {
        if let Err(error) = add(state, region, name, subnet) {
            state.autoscaling.fail(name, &error.message);
            if let Some(group) = state.autoscaling.groups.get_mut(name) {
                group.retry = Some(Instant::now() + region.pace().of(RETRY));
            }
            break;
        }
    }
    !subnets.is_empty()
}

fn add(state: &mut State, region: &Region, name: &str, subnet: &str) -> Result<(), crate::wire::ApiError> {
    let Some(group) = state.autoscaling.group(name) else {
        return Ok(());
    };
    let (desired, active) = (group.desired, active_ids(group).len());
    let what = Launch {
        subnet: subnet.to_owned(),
        ..configurations::launch_for(state, group)?
    };
    let id = launch(state, region, what)?;
    let (Some(instance), Some(group)) = (state.ec2.instance(&id), state.autoscaling.groups.get_mut(name))
    else {
        return Ok(());
    };
    let member = Member::of(instance, Lifecycle::Pending, group.protects_new);
    let zone = member.zone.clone();
    group.members.insert(id.clone(), member);
    let why = format!(
        "an instance was started in response to a difference between desired and actual capacity, or to a rebalancing of zones: {desired} desired, {active} active."
    );
    state.autoscaling.begin(&Begun {
        group: name,
        instance: &id,
        what: "Launching a new EC2 instance",
        why: &why,
        subnet,
        zone: &zone,
    });
    Ok(())
}
