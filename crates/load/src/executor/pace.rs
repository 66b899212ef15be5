//! When a user begins its next iteration; asked by the user itself, so that looping needs no messages.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::run::Scenario;
use crate::vu::Vu;

/// An iteration that begins.
pub struct Start {
    /// Its number in the scenario, from 0.
    pub number: u64,
    /// How long after its planned start.
    pub late: Duration,
    /// Cuts it off.
    pub interrupt: CancellationToken,
}

/// An iteration that is due.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When it was to begin.
    pub due: Instant,
    /// Its number in the scenario, from 0.
    pub number: u64,
}

/// Whether a user of a ramp may run.
#[derive(Clone, Debug)]
pub enum Gate {
    /// It may; the token cuts its iteration off.
    Open(CancellationToken),
    /// It waits.
    Closed,
    /// The scenario is over.
    Ended,
}

/// Users that wait for an arrival; the one that waits for the shortest time gets the next, because its data is still in the cache.
pub type Seats = Arc<Mutex<Vec<mpsc::UnboundedSender<Arrival>>>>;

enum Kind {
    Until(Instant),
    Shared(Arc<AtomicU64>, Instant),
    Gated(watch::Receiver<Gate>),
    Arrivals {
        seats: Seats,
        sender: mpsc::UnboundedSender<Arrival>,
        receiver: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Arrival>>>,
    },
}

/// See the module.
pub struct Pace {
    scenario: Arc<Scenario>,
    kind: Kind,
}

impl Pace {
    /// Iterations begin until then.
    pub fn until(scenario: &Arc<Scenario>, end: Instant) -> Self {
        Self::new(scenario, Kind::Until(end))
    }

    /// Iterations begin until then, or until none are left.
    pub fn shared(scenario: &Arc<Scenario>, left: &Arc<AtomicU64>, end: Instant) -> Self {
        Self::new(scenario, Kind::Shared(Arc::clone(left), end))
    }

    /// Iterations begin while the gate is open.
    pub fn gated(scenario: &Arc<Scenario>, gate: watch::Receiver<Gate>) -> Self {
        Self::new(scenario, Kind::Gated(gate))
    }

    /// Iterations begin when they arrive.
    pub fn arrivals(scenario: &Arc<Scenario>, seats: &Seats) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let seats = Arc::clone(seats);
        Self::new(
            scenario,
            Kind::Arrivals {
                seats,
                sender,
                receiver: Arc::new(tokio::sync::Mutex::new(receiver)),
            },
        )
    }

    fn new(scenario: &Arc<Scenario>, kind: Kind) -> Self {
        Self {
            scenario: Arc::clone(scenario),
            kind,
        }
    }

    /// The next iteration; none when the user is free again. Called inside the user's coroutine.
    pub fn next(&mut self, vu: &Rc<Vu>) -> Option<Start> {
        let scenario = &self.scenario;
        if scenario.interrupt.is_cancelled() || scenario.over.is_cancelled() {
            return None;
        }
        match &mut self.kind {
            Kind::Until(end) => (Instant::now() < *end).then(|| now(scenario)),
            Kind::Shared(left, end) => {
                let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
                (taken.is_ok() && Instant::now() < *end).then(|| now(scenario))
            }
            Kind::Gated(gate) => through(gate, vu).map(|interrupt| Start {
                interrupt,
                ..now(scenario)
            }),
            Kind::Arrivals { .. } => self.arrival(vu),
        }
    }

    fn arrival(&mut self, vu: &Rc<Vu>) -> Option<Start> {
        let Kind::Arrivals {
            seats,
            sender,
            receiver,
        } = &mut self.kind
        else {
            return None;
        };
        seats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sender.clone());
        let (queue, over) = (Arc::clone(receiver), self.scenario.over.clone());
        let arrival = vu.waiter.wait(async move {
            tokio::select! {
                biased;
                arrival = async { queue.lock().await.recv().await } => arrival,
                () = over.cancelled() => None,
            }
        });
        let arrival = arrival.flatten()?;
        Some(Start {
            number: arrival.number,
            late: arrival.due.elapsed(),
            interrupt: self.scenario.interrupt.clone(),
        })
    }
}

fn now(scenario: &Scenario) -> Start {
    Start {
        number: scenario.count(),
        late: Duration::ZERO,
        interrupt: scenario.interrupt.clone(),
    }
}

/// Waits until the gate is open. While it waits, the user is not active.
fn through(gate: &mut watch::Receiver<Gate>, vu: &Rc<Vu>) -> Option<CancellationToken> {
    let mut resting = false;
    let passed = loop {
        let state = gate.borrow_and_update().clone();
        match state {
            Gate::Open(token) => break Some(token),
            Gate::Ended => break None,
            Gate::Closed => {}
        }
        if !std::mem::replace(&mut resting, true) {
            vu.test.active.fetch_sub(1, Ordering::Relaxed);
        }
        let mut lent = gate.clone();
        let changed = vu.waiter.wait(async move { lent.changed().await.is_ok() });
        if changed != Some(true) {
            break None;
        }
    };
    if resting {
        vu.test.active.fetch_add(1, Ordering::Relaxed);
    }
    passed
}
