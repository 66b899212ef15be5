//! A target group: who is registered, in what health, and who gets the next request.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::health::{self, Failure, Health};
use crate::target::{Target, TargetState};
use crate::{HealthCheck, Observer, Pace, TargetView, lock};

/// AWS's default of `deregistration_delay.timeout_seconds`.
const DEREGISTRATION_DELAY: Duration = Duration::from_secs(300);

/// A target group of HTTP targets. Its methods that start work need a tokio runtime around them.
pub struct TargetGroup {
    name: Arc<str>,
    pace: Pace,
    observer: Arc<dyn Observer>,
    settings: watch::Sender<Settings>,
    entries: Mutex<Vec<Entry>>,
    /// Who gets requests, made anew with each change so that a request takes one look.
    takers: RwLock<Arc<[Arc<Target>]>>,
    turn: AtomicUsize,
}

#[derive(Clone)]
struct Settings {
    check: HealthCheck,
    delay: Duration,
    zones: Option<BTreeSet<String>>,
    used: bool,
}

struct Entry {
    target: Arc<Target>,
    zone: Arc<str>,
    health: Health,
    /// The health checks, or the wait of a draining target; ends with the entry.
    task: AbortOnDropHandle<()>,
}

impl Settings {
    /// Why a target of this zone is unused, if it is.
    fn unused(&self, zone: &str) -> Option<Health> {
        if !self.used {
            return Some(Health::group_not_used());
        }
        let enabled = self.zones.as_ref().is_none_or(|zones| zones.contains(zone));
        (!enabled).then(Health::zone_not_enabled)
    }
}

impl TargetGroup {
    /// A group without targets, in use, with all zones enabled and AWS's deregistration delay of 300 s. Whoever makes
    /// a group that no listener forwards to yet says so with [`TargetGroup::in_use`].
    pub fn new(
        name: &str,
        health_check: HealthCheck,
        pace: Pace,
        observer: Arc<dyn Observer>,
    ) -> Arc<TargetGroup> {
        let settings = Settings {
            check: health_check,
            delay: DEREGISTRATION_DELAY,
            zones: None,
            used: true,
        };
        Arc::new(TargetGroup {
            name: name.into(),
            pace,
            observer,
            settings: watch::Sender::new(settings),
            entries: Mutex::default(),
            takers: RwLock::new(Arc::new([])),
            turn: AtomicUsize::new(0),
        })
    }

    /// The group's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Adds a target and starts its health checks. A target that is registered already stays as it is; one that is
    /// draining starts anew, and what was under way on it may finish.
    pub fn register(self: &Arc<Self>, address: SocketAddr, zone: &str) {
        let mut entries = lock(&self.entries);
        if let Some(at) = entries.iter().position(|entry| entry.target.address == address) {
            if entries[at].health.state != TargetState::Draining {
                return;
            }
            entries.remove(at);
        }
        let target = Arc::new(Target::new(address));
        let zone: Arc<str> = zone.into();
        let health = self
            .settings
            .borrow()
            .unused(&zone)
            .unwrap_or_else(Health::registering);
        let watched = Watched {
            group: Arc::downgrade(self),
            target: Arc::clone(&target),
            zone: Arc::clone(&zone),
        };
        let task = tokio::spawn(watched.run(self.settings.subscribe(), self.pace));
        entries.push(Entry {
            target,
            zone,
            health,
            task: AbortOnDropHandle::new(task),
        });
        self.publish(&entries);
    }

    /// Takes a target out: no new requests, running ones may finish until the deregistration delay has passed. It
    /// shows as draining for all of that delay, as in AWS, then is gone; a request that still runs is cut (502).
    pub fn deregister(self: &Arc<Self>, address: SocketAddr) {
        let delay = self.pace.of(self.settings.borrow().delay);
        let mut entries = lock(&self.entries);
        let found = entries.iter_mut().find(|entry| entry.target.address == address);
        let Some(entry) = found.filter(|entry| entry.health.state != TargetState::Draining) else {
            return;
        };
        entry.health = Health::draining();
        entry.target.drain();
        let (group, target) = (Arc::downgrade(self), Arc::clone(&entry.target));
        let task = tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            target.cut();
            if let Some(group) = group.upgrade() {
                group.remove(&target);
            }
        });
        entry.task = AbortOnDropHandle::new(task);
        self.publish(&entries);
    }

    /// All targets, in the order of their registration.
    pub fn targets(&self) -> Vec<TargetView> {
        let view = |entry: &Entry| TargetView {
            address: entry.target.address,
            zone: entry.zone.to_string(),
            state: entry.health.state,
            reason: entry.health.reason,
            description: entry.health.description.clone(),
        };
        lock(&self.entries).iter().map(view).collect()
    }

    /// Enables these zones, or all of them: targets elsewhere are unused and get nothing.
    pub fn set_zones(&self, zones: Option<BTreeSet<String>>) {
        self.change(|settings| settings.zones = zones);
    }

    /// Another health check, in force at once; what is known of the targets stays.
    pub fn set_health_check(&self, check: HealthCheck) {
        self.change(|settings| settings.check = check);
    }

    /// Another deregistration delay (AWS's own duration), for targets deregistered from now on.
    pub fn set_deregistration_delay(&self, delay: Duration) {
        self.change(|settings| settings.delay = delay);
    }

    /// Whether a listener forwards to this group. If none does, its targets are unused and not checked.
    pub fn in_use(&self, used: bool) {
        self.change(|settings| settings.used = used);
    }

    /// Ends the checks and forgets all targets; what runs is cut.
    pub fn close(&self) {
        let mut entries = lock(&self.entries);
        for entry in entries.drain(..) {
            entry.target.cut();
        }
        self.publish(&entries);
    }

    /// The target of the next request, by round robin; none when nothing is registered that could take it.
    pub(crate) fn next(&self) -> Option<Arc<Target>> {
        let takers = Arc::clone(&self.takers.read().unwrap_or_else(PoisonError::into_inner));
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        takers.get(turn.checked_rem(takers.len())?).cloned()
    }

    /// Applies a change of settings to the targets first, so that whoever asks next sees it.
    fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut entries = lock(&self.entries);
        self.settings.send_modify(change);
        let settings = self.settings.borrow();
        for entry in entries
            .iter_mut()
            .filter(|entry| entry.health.state != TargetState::Draining)
        {
            match settings.unused(&entry.zone) {
                Some(health) => {
                    entry.health = health;
                    entry.target.pool.clear();
                }
                None if entry.health.state == TargetState::Unused => entry.health = Health::registering(),
                None => {}
            }
        }
        self.publish(&entries);
    }

    /// Healthy targets take requests. Without any, all take them that are in use ("fails open"), also those whose
    /// health is not known yet: AWS answers 503 only where no target is registered or all are unused.
    fn publish(&self, entries: &[Entry]) {
        let in_state = |states: &[TargetState]| -> Arc<[Arc<Target>]> {
            let chosen = entries
                .iter()
                .filter(|entry| states.contains(&entry.health.state));
            chosen.map(|entry| Arc::clone(&entry.target)).collect()
        };
        let mut takers = in_state(&[TargetState::Healthy]);
        if takers.is_empty() {
            takers = in_state(&[TargetState::Initial, TargetState::Unhealthy]);
        }
        *self.takers.write().unwrap_or_else(PoisonError::into_inner) = takers;
    }

    fn remove(&self, target: &Arc<Target>) {
        let mut entries = lock(&self.entries);
        entries.retain(|entry| !Arc::ptr_eq(&entry.target, target));
        self.publish(&entries);
    }

    /// Lets a health check know its target's health, unless the target is no longer one to check.
    fn update<T>(&self, target: &Arc<Target>, change: impl FnOnce(&mut Health) -> T) -> Option<T> {
        let checked = |state| !matches!(state, TargetState::Draining | TargetState::Unused);
        let mut entries = lock(&self.entries);
        let entry = entries
            .iter_mut()
            .find(|entry| Arc::ptr_eq(&entry.target, target))?;
        if !checked(entry.health.state) {
            return None;
        }
        let before = entry.health.state;
        let made = change(&mut entry.health);
        if entry.health.state != before {
            self.publish(&entries);
        }
        Some(made)
    }

    fn take(&self, target: &Arc<Target>, result: Result<(), Failure>, check: &HealthCheck) {
        if self.update(target, |health| health.take(result, check)) == Some(true) {
            tracing::debug!(group = %self.name, target = %target.address, ?result, "the target's health changed");
            self.observer
                .health_changed(&self.name, target.address, result.is_ok());
        }
    }
}

/// What the health checks of one target need.
struct Watched {
    group: Weak<TargetGroup>,
    target: Arc<Target>,
    zone: Arc<str>,
}

impl Watched {
    /// Checks at the group's interval, and again at once when the settings changed. Ends with the group; the entry
    /// aborts it.
    async fn run(self, mut settings: watch::Receiver<Settings>, pace: Pace) {
        loop {
            let now = settings.borrow_and_update().clone();
            let next = tokio::time::Instant::now() + pace.of_check(now.check.interval);
            let unused = now.unused(&self.zone).is_some();
            if !unused && !self.check(&now.check, pace).await {
                return;
            }
            self.target.pool.forget_idle();
            tokio::select! {
                () = tokio::time::sleep_until(next), if !unused => {}
                changed = settings.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Makes one check and tells the group; false when there is no group any more.
    async fn check(&self, check: &HealthCheck, pace: Pace) -> bool {
        let Some(group) = self.group.upgrade() else {
            return false;
        };
        group.update(&self.target, Health::checking);
        drop(group);
        let result = health::check(self.target.address, check, pace).await;
        let Some(group) = self.group.upgrade() else {
            return false;
        };
        group.take(&self.target, result, check);
        true
    }
}
