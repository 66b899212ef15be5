//! Handlers that a control's Python code registered in the `event_registry`: they are called by the names that the
//! Chaos Toolkit's `RunEventHandler` has.

use super::activity::Lane;
use super::controls::Level;
use super::dispatch::bridge_lane;
use super::event::Phase;
use super::plan::Schedule;
use super::stop::Cause;
use super::{Halt, Runner};
use crate::provider::bridge::{Argument, Event, Scene};
use crate::value::{Map, Value};

/// Something that handlers are told of.
pub(crate) enum Told<'a> {
    Running,
    HypothesisStarted(Phase),
    HypothesisEnded(Phase, &'a Map),
    ContinuousStarted,
    ContinuousChecked(u32, &'a Map),
    ContinuousEnded,
    MethodStarted,
    MethodEnded(&'a Result<(), Halt>),
    RollbacksStarted,
    RollbacksEnded,
    ActivityStarted(Level),
    ActivityEnded(Level, &'a Map),
    Halted(&'a Halt),
    Finished(&'a Map),
}

impl Told<'_> {
    /// The peer's handlers hear neither of the end of a method that a signal cut short, nor of an abort.
    fn is_kept_back(&self) -> bool {
        match self {
            Self::MethodEnded(Err(Halt::Stop(cause))) => !is_interruption(cause),
            Self::Halted(halt) => matches!(halt, Halt::Fatal(_)),
            _ => false,
        }
    }
}

impl Runner {
    /// Calls the handlers, if there are any. What they raise does not matter.
    pub(crate) async fn inform(&self, told: Told<'_>, lane: &Lane) {
        if !self.ports.bridge.has_listeners() {
            return;
        }
        if told.is_kept_back() {
            return;
        }
        let (experiment, journal, configuration, secrets, settings) = {
            let state = self.state.borrow();
            (
                Value::Map(Map::clone(&state.experiment)),
                Value::Map(state.journal.clone().into_map(&state.experiment)),
                state.scope.configuration.clone(),
                state.scope.secrets.clone(),
                Value::Map(state.settings.clone()),
            )
        };
        let scene = Scene {
            experiment: Some(&experiment),
            configuration: Some(&configuration),
            secrets: Some(&secrets),
            settings: Some(&settings),
            journal: Some(&journal),
            state: None,
        };
        let told = Call::of(&told, &self.plan.schedule);
        let level = told.level.map(Level::context).unwrap_or_default();
        let arguments = told.arguments(&level);
        let event = Event {
            name: told.name,
            arguments: &arguments,
            scene,
        };
        let end = self
            .wait(lane, self.ports.bridge.event(&event, bridge_lane(lane)))
            .await;
        if let Ok(end) = end {
            self.apply(end.changes, &mut None);
        }
    }
}

/// What the peer raises as an `InterruptExecution`; the other stops are signals to it.
fn is_interruption(cause: &Cause) -> bool {
    matches!(cause, Cause::Asked(_) | Cause::Terminate)
}

/// A handler's method, and what it is given: in this order, as far as they are there.
#[derive(Default)]
struct Call {
    name: &'static str,
    experiment: bool,
    level: Option<Level>,
    first: Option<Value>,
    value: Option<Value>,
    records: bool,
    journal: bool,
    running: Option<Schedule>,
    exception: bool,
}

impl Call {
    fn of(told: &Told<'_>, schedule: &Schedule) -> Self {
        let named = |name| Self {
            name,
            experiment: true,
            ..Self::default()
        };
        let with = |name, value: &Map| Self {
            value: Some(value.clone().into()),
            ..named(name)
        };
        match told {
            Told::Running => Self {
                journal: true,
                running: Some(*schedule),
                ..named("running")
            },
            Told::HypothesisStarted(Phase::After) => named("start_hypothesis_after"),
            Told::HypothesisStarted(_) => named("start_hypothesis_before"),
            Told::HypothesisEnded(Phase::After, state) => Self {
                journal: true,
                ..with("hypothesis_after_completed", state)
            },
            Told::HypothesisEnded(_, state) => Self {
                journal: true,
                ..with("hypothesis_before_completed", state)
            },
            Told::ContinuousStarted => Self {
                name: "start_continuous_hypothesis",
                value: Some(schedule.frequency.into()),
                ..Self::default()
            },
            Told::ContinuousChecked(count, state) => Self {
                name: "continuous_hypothesis_iteration",
                first: Some(i64::from(*count).into()),
                value: Some((*state).clone().into()),
                ..Self::default()
            },
            Told::ContinuousEnded => Self {
                journal: true,
                exception: true,
                ..named("continuous_hypothesis_completed")
            },
            Told::MethodStarted => named("start_method"),
            Told::MethodEnded(Ok(())) => Self {
                records: true,
                ..named("method_completed")
            },
            Told::MethodEnded(Err(_)) => Self {
                value: Some(Value::Null),
                ..named("method_completed")
            },
            Told::RollbacksStarted => named("start_rollbacks"),
            Told::RollbacksEnded => Self {
                journal: true,
                ..named("rollbacks_completed")
            },
            Told::ActivityStarted(level) => Self {
                name: "start_activity",
                level: Some(*level),
                ..Self::default()
            },
            Told::ActivityEnded(level, record) => Self {
                name: "activity_completed",
                level: Some(*level),
                value: Some((*record).clone().into()),
                ..Self::default()
            },
            Told::Halted(Halt::Stop(cause)) if is_interruption(cause) => Self {
                journal: true,
                ..named("interrupted")
            },
            Told::Halted(_) => Self {
                name: "signal_exit",
                ..Self::default()
            },
            Told::Finished(journal) => Self {
                name: "finish",
                value: Some((*journal).clone().into()),
                ..Self::default()
            },
        }
    }

    fn arguments<'a>(&'a self, level: &'a [crate::provider::bridge::Step<'static>]) -> Vec<Argument<'a>> {
        const NOTHING: &Value = &Value::Null;
        let mut arguments = Vec::new();
        if self.experiment {
            arguments.push(Argument::Experiment(&[]));
        }
        if self.level.is_some() {
            arguments.push(Argument::Experiment(level));
        }
        arguments.extend(self.first.as_ref().map(Argument::Value));
        if self.records {
            arguments.push(Argument::Journal(&[crate::provider::bridge::Step::Key("run")]));
        }
        arguments.extend(self.value.as_ref().map(Argument::Value));
        if self.journal {
            arguments.push(Argument::Journal(&[]));
        }
        if let Some(Schedule {
            frequency, fail_fast, ..
        }) = self.running
        {
            arguments.extend([
                Argument::Configuration,
                Argument::Secrets,
                Argument::Schedule { frequency, fail_fast },
                Argument::Settings,
            ]);
        }
        if self.exception {
            arguments.push(Argument::Value(NOTHING));
        }
        arguments
    }
}
