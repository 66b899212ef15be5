//! What controls do beside the experiment: probes that are not part of it, and the wish to end it.

use std::rc::{Rc, Weak};

use super::activity::{DryRun, Lane, exit_cause, find_by_name};
use super::controls::Occasion;
use super::event::{Event, Section};
use super::seed::Place;
use super::stop::Cause;
use super::{Halt, Runner};
use crate::activity::{ActivityError, Failure};
use crate::control::{ControlError, Hook};
use crate::journal::{Status, seconds_between, timestamp};
use crate::value::{Map, Value, map, python};

/// The number of calls that have no record in the journal; a recovery ends what they left running.
pub(crate) const UNNUMBERED: u64 = 0;

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has not begun, or is over, or is being recovered: there is nothing to end.
    #[default]
    Settled,
    /// Controls are configured, hypothesis and method are played: all of it can be ended.
    Playing,
    /// Rollbacks are played: nothing but a signal may end them.
    Unwinding,
}

/// Which time an activity is played beside the experiment, for its random choices.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn {
    /// Its position among those of the control.
    pub index: usize,
    /// How often it was played before.
    pub round: u64,
}

/// A control's way to do something beside the experiment, for as long as it likes: it does not keep the run alive.
#[derive(Clone)]
pub struct Beside {
    runner: Weak<Runner>,
    control: Rc<str>,
}

impl Beside {
    pub(super) fn of(runner: &Rc<Runner>, control: &str) -> Self {
        Self {
            runner: Rc::downgrade(runner),
            control: control.into(),
        }
    }

    /// Plays an activity, whatever provides it, between its controls and its pauses, and returns its record: with
    /// `status`, `output`, and `exception` where it failed. It is in no journal. A `ref` is followed. Once the run
    /// is stopped this never returns: drop it when the experiment is over.
    ///
    /// # Errors
    /// `Failed` when it could not even be tried, `Interrupt` when one of its controls wants the experiment to end.
    pub async fn perform(&self, activity: &Map, turn: Turn) -> Result<Map, ControlError> {
        let runner = self.runner()?;
        let place = self.place(turn);
        match runner.perform_beside(activity, place).await {
            Ok(record) => Ok(record),
            Err(halt) => Err(fault(halt).await),
        }
    }

    /// Is the output of a probe within the probe's `tolerance`? One that cannot be checked is not met.
    ///
    /// # Errors
    /// As for [`Beside::perform`], where the tolerance is a probe.
    pub async fn tolerates(&self, probe: &Map, output: &Value, turn: Turn) -> Result<bool, ControlError> {
        let runner = self.runner()?;
        let tolerance = probe.get("tolerance").cloned().unwrap_or_default();
        let name = probe.get("name").map_or(String::new(), python::text);
        let place = self.place(turn).tolerance();
        let lane = runner.lane_beside();
        match runner.is_within(&name, &tolerance, output, place, &lane).await {
            Ok(met) => Ok(met),
            Err(halt) => Err(fault(halt).await),
        }
    }

    /// Ends the experiment as soon as possible, with status `interrupted`. Rollbacks that are being played go on,
    /// and a run that is over stays as it is.
    pub fn interrupt(&self, reason: impl Into<String>) {
        if let Some(runner) = self.runner.upgrade() {
            runner.interrupt(reason.into());
        }
    }

    /// Is this the recovery of a run that died? Then the hooks before have been called by that run, if at all.
    pub fn is_recovery(&self) -> bool {
        self.runner
            .upgrade()
            .is_some_and(|runner| runner.recovering.get())
    }

    /// In a recovery: had the run that died begun this hook of this control?
    pub fn had_begun(&self, hook: Hook) -> bool {
        self.runner.upgrade().is_some_and(|runner| {
            let state = runner.state.borrow();
            let mut begun = state.hooks_begun.iter();
            begun.any(|(control, function)| **control == *self.control && function == hook.name())
        })
    }

    fn runner(&self) -> Result<Rc<Runner>, ControlError> {
        let over = || ControlError::Failed("the run is over".to_owned());
        self.runner.upgrade().ok_or_else(over)
    }

    fn place(&self, turn: Turn) -> Place {
        Place {
            part: format!("control/{}", self.control),
            index: turn.index as u64,
            round: turn.round,
        }
    }
}

/// Why an activity beside the experiment has no record; never returns when the run itself was stopped.
async fn fault(halt: Halt) -> ControlError {
    match halt {
        Halt::Stop(Cause::Asked(reason)) => ControlError::Interrupt(reason),
        Halt::Stop(Cause::Exit(code)) => {
            ControlError::Interrupt(format!("it asked to exit with code {code}"))
        }
        Halt::Stop(Cause::Leave) => ControlError::Interrupt("it asked to leave".to_owned()),
        Halt::Stop(_) => std::future::pending().await,
        Halt::Fatal(failure) => ControlError::Failed(failure.message),
    }
}

impl Runner {
    fn lane_beside(&self) -> Lane {
        Lane::Background(self.ports.stop.background().clone())
    }

    fn interrupt(&self, reason: String) {
        match self.stage.get() {
            Stage::Playing => self.ports.stop.ask(Cause::Asked(reason)),
            Stage::Unwinding if self.status() != Some(Status::Interrupted) => {
                self.set_status(Status::Interrupted);
                self.say(&Event::Stopped(&Cause::Asked(reason)));
            }
            Stage::Unwinding | Stage::Settled => {}
        }
    }

    async fn perform_beside(self: &Rc<Self>, activity: &Map, place: Place) -> Result<Map, Halt> {
        let lane = self.lane_beside();
        let declared = self.referred(activity)?;
        let mut before = Occasion::aside(Hook::BeforeActivity, &lane, declared, None);
        let called = self.hooks(&mut before).await;
        let declared = before.into_aside();
        let played = match called {
            Ok(()) => self.play_beside(&declared, place, &lane).await,
            Err(halt) => Err(halt),
        };
        let record = played.as_ref().ok().cloned().map(Value::Map);
        let mut after = Occasion::aside(Hook::AfterActivity, &lane, declared, record);
        let called = self.hooks(&mut after).await;
        let played = played?;
        called?;
        Ok(match after.into_state() {
            Some(Value::Map(record)) => record,
            _ => played,
        })
    }

    fn referred(&self, activity: &Map) -> Result<Map, Halt> {
        let Some(Value::Text(name)) = activity.get("ref") else {
            return Ok(activity.clone());
        };
        let state = self.state.borrow();
        let site = find_by_name(&state.experiment, name, Section::Method);
        let found = site.and_then(|site| super::activity::activity_at(&state.experiment, site));
        found.cloned().ok_or_else(|| {
            Halt::Fatal(Failure::new(format!(
                "referenced activity '{name}' does not exist"
            )))
        })
    }

    async fn play_beside(self: &Rc<Self>, declared: &Map, place: Place, lane: &Lane) -> Result<Map, Halt> {
        let pauses = self.substituted(declared.get("pauses"));
        self.pause(pauses.get("before"), true, DryRun::OFF, lane).await?;
        let start = (self.ports.clock)();
        let called = self
            .wait(lane, self.call(UNNUMBERED, &place, declared, lane))
            .await?;
        let (output, status, exception) = match called {
            Ok(outcome) => (outcome.output, "succeeded", None),
            Err(ActivityError::Failed(failure)) => (Value::Null, "failed", Some(failure.trace)),
            Err(ActivityError::FailedWith(failure, output)) => (*output, "failed", Some(failure.trace)),
            Err(ActivityError::Fatal(failure)) => return Err(Halt::Fatal(failure)),
            Err(ActivityError::Exit(code)) => return Err(Halt::Stop(exit_cause(code))),
        };
        let end = (self.ports.clock)();
        let mut record = map([
            ("activity", declared.clone().into()),
            ("output", output),
            ("start", timestamp(start).into()),
            ("status", status.into()),
        ]);
        if let Some(exception) = exception {
            record.insert("exception".to_owned(), exception.into());
        }
        record.insert("end".to_owned(), timestamp(end).into());
        record.insert("duration".to_owned(), seconds_between(start, end).into());
        self.pause(pauses.get("after"), false, DryRun::OFF, lane).await?;
        Ok(record)
    }
}
