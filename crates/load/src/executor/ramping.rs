//! ramping-vus: the number of looping users follows stages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Crew, Gate, Pace};
use crate::run::{Pool, Scenario, Test};

struct Lane {
    gate: watch::Sender<Gate>,
    token: CancellationToken,
    open: bool,
}

pub async fn run(
    test: &Arc<Test>,
    scenario: &Arc<Scenario>,
    pool: &Pool,
    steps: &[(Duration, u64)],
    graceful_ramp_down: Duration,
    end: Instant,
) {
    let most = steps.iter().map(|(_, vus)| *vus).max().unwrap_or(0);
    let users = pool.take(most).await;
    let crew = Crew::new();
    let mut lanes: Vec<Lane> = Vec::new();
    let start = scenario.started.get().copied().unwrap_or(end);
    for (offset, target) in steps {
        let at = start + *offset;
        tokio::select! {
            () = tokio::time::sleep_until(at.into()) => {}
            () = test.load.cancelled() => break,
        }
        let target = usize::try_from(*target).unwrap_or(usize::MAX).min(users.len());
        while lanes.len() < target {
            let (gate, receiver) = watch::channel(Gate::Closed);
            crew.send(&users[lanes.len()], scenario, Pace::gated(scenario, receiver));
            lanes.push(Lane {
                gate,
                token: scenario.interrupt.child_token(),
                open: false,
            });
        }
        for (number, lane) in lanes.iter_mut().enumerate() {
            lane.set(number < target, scenario, graceful_ramp_down);
        }
    }
    tokio::select! {
        () = tokio::time::sleep_until(end.into()) => {}
        () = test.load.cancelled() => {}
    }
    for lane in &lanes {
        lane.gate.send_replace(Gate::Ended);
    }
    crew.finish(scenario, end).await;
    pool.give_back(users);
}

impl Lane {
    fn set(&mut self, open: bool, scenario: &Scenario, graceful_ramp_down: Duration) {
        if open == self.open {
            return;
        }
        self.open = open;
        if open {
            if self.token.is_cancelled() {
                self.token = scenario.interrupt.child_token();
            }
            self.gate.send_replace(Gate::Open(self.token.clone()));
            return;
        }
        self.gate.send_replace(Gate::Closed);
        // A user that is let in again meanwhile gets a token of its own, and keeps its iteration.
        let token = std::mem::replace(&mut self.token, scenario.interrupt.child_token());
        tokio::task::spawn_local(async move {
            tokio::time::sleep(graceful_ramp_down).await;
            token.cancel();
        });
    }
}
