//! The hypothesis while the method runs: a check, a wait, a check, …

use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::activity::Lane;
use super::event::{Event, Phase};
use super::hypothesis::is_met;
use super::listeners::Told;
use super::{Halt, Runner};
use crate::journal::Status;

/// The task that checks, and how to end it.
pub(crate) struct Continuous {
    task: JoinHandle<()>,
    /// No further check is to begin.
    enough: CancellationToken,
    /// The check under way is to be dropped.
    cut: CancellationToken,
}

impl Continuous {
    /// Ends the checks: the one under way is finished, or dropped when the method was cut short.
    pub(crate) async fn end(self, cut_short: bool) {
        self.enough.cancel();
        if cut_short {
            self.cut.cancel();
        }
        // the task neither panics nor is aborted
        let _ = self.task.await;
    }
}

impl Runner {
    /// Starts checking the hypothesis beside the method. The first check is under way when this returns, so that
    /// there is one however short the method is.
    pub(crate) async fn start_continuous(self: &Rc<Self>) -> Continuous {
        let enough = CancellationToken::new();
        let cut = self.ports.stop.background().child_token();
        let (runner, until, lane) = (Rc::clone(self), enough.clone(), Lane::Background(cut.clone()));
        let task = tokio::task::spawn_local(async move { runner.check_continuously(&until, &lane).await });
        tokio::task::yield_now().await;
        Continuous { task, enough, cut }
    }

    async fn check_continuously(self: Rc<Self>, enough: &CancellationToken, lane: &Lane) {
        let frequency = self.plan.schedule.frequency;
        self.say(&Event::ContinuousStarted { frequency });
        self.inform(Told::ContinuousStarted, lane).await;
        let pause = Duration::try_from_secs_f64(frequency).unwrap_or(Duration::ZERO);
        let (mut checks, mut deviated) = (0_u32, 0_u32);
        // a method that ends at once is no reason not to have looked
        while checks == 0 || (!enough.is_cancelled() && self.status().is_none()) {
            checks += 1;
            self.checks.set(u64::from(checks));
            match self.check(Phase::During, lane).await {
                Ok(state) => {
                    deviated += u32::from(!is_met(&state));
                    let failing = !is_met(&state);
                    self.inform(Told::ContinuousChecked(checks, &state), lane).await;
                    self.conclude(Phase::During, state);
                    if failing && self.fails_fast(deviated, checks) {
                        break;
                    }
                }
                Err(halt) => {
                    self.continuous_halted(halt, lane);
                    break;
                }
            }
            tokio::select! {
                () = enough.cancelled() => {}
                _ = self.wait(lane, tokio::time::sleep(pause)) => {}
            }
        }
        self.inform(Told::ContinuousEnded, lane).await;
        self.say(&Event::ContinuousEnded);
    }

    fn fails_fast(&self, deviated: u32, checks: u32) -> bool {
        let schedule = &self.plan.schedule;
        let percent = f64::from(deviated) * 100.0 / f64::from(checks);
        if !schedule.fail_fast || percent < schedule.fail_fast_ratio {
            return false;
        }
        self.say(&Event::FailFast { percent });
        self.set_status(Status::Failed);
        self.failed_fast.cancel();
        true
    }

    fn continuous_halted(&self, halt: Halt, lane: &Lane) {
        let Lane::Background(cut) = lane else { return };
        if cut.is_cancelled() {
            return;
        }
        match halt {
            Halt::Stop(cause) => {
                self.set_status(Status::Interrupted);
                self.say(&Event::Stopped(&cause));
            }
            Halt::Fatal(failure) => {
                self.set_status(Status::Aborted);
                self.say(&Event::Aborted(&failure));
            }
        }
    }
}
