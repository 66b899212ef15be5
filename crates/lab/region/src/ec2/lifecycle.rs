//! The loop that lets instances boot, stop and end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::instance::{Instance, InstanceState};
use super::{State, volumes};
use crate::pace::Pace;
use crate::{Region, now};

/// From the launch to `running`.
const BOOT: Duration = Duration::from_secs(30);
/// From a stop or termination to its end.
const SHUTDOWN: Duration = Duration::from_secs(30);
/// How long a reboot takes.
pub(super) const REBOOT: Duration = Duration::from_secs(30);
/// From `running`, or from the start of dockerd, to a connected ECS agent: ecs.service waits 10 s between its attempts.
const AGENT: Duration = Duration::from_secs(10);
/// From `running` to an SSM agent that answers.
const ONLINE: Duration = Duration::from_secs(10);
/// docker.service has `Restart=always` and `RestartSec=2`.
pub(super) const DOCKER_RESTART: Duration = Duration::from_secs(2);
/// How long a terminated instance is still listed.
const VISIBLE: Duration = Duration::from_secs(60 * 60);

pub(super) async fn keep(region: Arc<Region>) {
    loop {
        region.tick().await;
        let changed = step(&mut region.state().ec2, region.pace());
        if changed {
            region.changed();
        }
    }
}

/// Lets everything happen whose time has come; whether something has.
fn step(state: &mut State, pace: Pace) -> bool {
    let time = Instant::now();
    let mut ended = Vec::new();
    let mut changed = false;
    for instance in state.instances.values_mut() {
        let was = instance.state;
        changed |= advance(instance, pace, time);
        if was != instance.state && instance.state == InstanceState::Terminated {
            ended.push(instance.id.clone());
        }
    }
    for id in ended {
        clean_up(state, &id);
    }
    let visible = pace.of(VISIBLE);
    state
        .instances
        .retain(|_, one| one.state != InstanceState::Terminated || time - one.since < visible);
    changed
}

fn advance(instance: &mut Instance, pace: Pace, time: Instant) -> bool {
    let passed = time.saturating_duration_since(instance.since);
    match instance.state {
        InstanceState::Pending if passed >= pace.of(BOOT) => instance.enter(InstanceState::Running),
        InstanceState::ShuttingDown if passed >= pace.of(SHUTDOWN) => {
            instance.enter(InstanceState::Terminated)
        }
        InstanceState::Stopping if passed >= pace.of(SHUTDOWN) => instance.enter(InstanceState::Stopped),
        InstanceState::Running => return services(instance, pace, time),
        _ => return false,
    }
    true
}

/// dockerd and the agents of a running instance.
fn services(instance: &mut Instance, pace: Pace, time: Instant) -> bool {
    let mut changed = false;
    if instance.docker_back.is_some_and(|back| back <= time) {
        instance.docker_back = None;
        instance.docker = true;
        instance.up_since = time;
        changed = true;
    }
    let up = time.saturating_duration_since(instance.up_since);
    if instance.docker && !instance.agent_connected && up >= pace.of(AGENT) {
        instance.agent_connected = true;
        changed = true;
    }
    let is_rebooting = !instance.docker && instance.docker_back.is_some();
    if !instance.online && !is_rebooting && up >= pace.of(ONLINE) {
        instance.online = true;
        instance.registered.get_or_insert_with(now);
        changed = true;
    }
    changed
}

fn clean_up(state: &mut State, id: &str) {
    let Some(address) = state.instances.get(id).map(|instance| instance.address) else {
        return;
    };
    state.release(address);
    volumes::instance_ended(state, id);
}
