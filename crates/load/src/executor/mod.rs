//! What has users run iterations, and when: one file for each of k6's executors.

mod arrivals;
mod iterations;
mod looping;
mod pace;
mod ramping;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

pub use pace::{Arrival, Gate, Pace, Seats, Start};

use crate::options::{Executor, schedule};
use crate::run::{Pool, Scenario, Test};
use crate::vu::{Activation, Command};

/// Runs one scenario from its start time to its end.
pub async fn run(test: &Arc<Test>, scenario: &Arc<Scenario>, pool: &Pool) {
    tokio::select! {
        () = tokio::time::sleep(scenario.plan.start_time) => {}
        () = test.load.cancelled() => return,
    }
    let start = Instant::now();
    let _ = scenario.started.set(start);
    let end = start + scenario.plan.executor.duration();
    match &scenario.plan.executor {
        Executor::ConstantVus { vus, .. } => looping::run(scenario, pool, *vus, end).await,
        Executor::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } => {
            let steps = schedule::ramping_steps(*start_vus, stages);
            ramping::run(test, scenario, pool, &steps, *graceful_ramp_down, end).await;
        }
        Executor::SharedIterations { vus, iterations, .. } => {
            iterations::shared(test, scenario, pool, *vus, *iterations, end).await;
        }
        Executor::PerVuIterations { vus, iterations, .. } => {
            iterations::per_user(test, scenario, pool, *vus, *iterations, end).await;
        }
        Executor::ConstantArrivalRate { .. } | Executor::RampingArrivalRate { .. } => {
            arrivals::run(test, scenario, pool, start).await;
        }
    }
    scenario.over.cancel();
}

/// Users at work: ready when all are free again.
struct Crew {
    sender: mpsc::UnboundedSender<()>,
    receiver: mpsc::UnboundedReceiver<()>,
}

impl Crew {
    fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, receiver }
    }

    /// Gives a user the scenario.
    fn send(&self, user: &mpsc::UnboundedSender<Command>, scenario: &Arc<Scenario>, pace: Pace) {
        let _ = user.send(Command::Run(Activation {
            scenario: Arc::clone(scenario),
            pace,
            done: self.sender.clone(),
        }));
    }

    /// Has so many users of the pool work at their pace, until all have ended.
    async fn work(
        scenario: &Arc<Scenario>,
        pool: &Pool,
        vus: u64,
        end: Instant,
        mut pace: impl FnMut() -> Pace,
    ) {
        let users = pool.take(vus).await;
        let crew = Self::new();
        for user in &users {
            crew.send(user, scenario, pace());
        }
        crew.finish(scenario, end).await;
        pool.give_back(users);
    }

    /// Waits for the users. From `end` on they have the scenario's graceful stop for what they are at, then it is cut off.
    async fn finish(self, scenario: &Scenario, end: Instant) {
        let Self { sender, mut receiver } = self;
        drop(sender);
        let cut = end + scenario.plan.graceful_stop;
        tokio::select! {
            _ = receiver.recv() => return,
            () = tokio::time::sleep_until(cut.into()) => {}
        }
        scenario.interrupt.cancel();
        receiver.recv().await;
    }
}
