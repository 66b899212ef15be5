//! What happens in a run, told to whoever listens: log, progress, write-ahead file.

use std::io;
use std::pin::Pin;

use super::plan::Dry;
use super::stop::Cause;
use crate::activity::Failure;
use crate::journal::Journal;
use crate::scope::Scope;
use crate::value::{Map, Value};

/// Which check of the hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the method.
    Before,
    /// While it runs.
    During,
    /// After it.
    After,
}

impl Phase {
    /// Its key in the journal's `steady_states`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::After => "after",
        }
    }
}

/// Where an activity is declared and recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// A probe of the hypothesis, in this check of it.
    Hypothesis(Phase),
    /// The method.
    Method,
    /// The rollbacks.
    Rollbacks,
}

/// An activity as listeners see it.
#[derive(Clone, Copy, Debug)]
pub struct Activity<'a> {
    /// Unique in the run, in the order of starting.
    pub id: u64,
    /// Where it stands.
    pub section: Section,
    /// Its position in that section's list, as declared.
    pub index: usize,
    /// `probe` or `action`.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Does the method go on while it runs?
    pub background: bool,
    /// True when it is announced but not executed.
    pub dry: bool,
}

/// One thing that happens. Records and states are as the journal has them at that moment.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// The run begins; the experiment is about to be touched for the first time.
    Running {
        title: &'a str,
        journal: &'a Journal,
        experiment: &'a Map,
        scope: &'a Scope,
        seed: &'a Value,
    },
    /// A hook or an activity changed the experiment or the configuration, which stand so now, or set an environment
    /// variable, here with its text.
    Changed {
        experiment: Option<&'a Map>,
        configuration: Option<&'a Map>,
        variable: Option<(&'a str, &'a str)>,
    },
    /// A native activity is about to make random choices, which follow from this number.
    SeedTaken { seed: &'a Value },
    /// A dry mode is on.
    DryMode(Dry),
    /// Names of the strategies in force.
    Strategies { hypothesis: &'a str, rollbacks: &'a str },
    /// The probe of a dynamic configuration entry failed.
    ConfigurationFailed { name: &'a str, reason: &'a str },
    /// Dynamic configuration entries whose probe failed, by name.
    ConfigurationIncomplete(&'a [String]),
    /// There is no hypothesis to check.
    NoHypothesis,
    /// The hypothesis is not checked, as asked.
    HypothesisSkipped,
    /// A check begins.
    HypothesisStarted { phase: Phase, title: &'a str },
    /// All probes of a check were within their tolerance.
    HypothesisMet { phase: Phase },
    /// A probe of a check failed, so that nothing can be said of its tolerance.
    ToleranceUnknown { probe: &'a str },
    /// A tolerance could not be checked: it counts as not met.
    ToleranceBroken { probe: &'a str, reason: &'a str },
    /// A check ended, with its state for the journal.
    HypothesisEnded { phase: Phase, state: &'a Map },
    /// A probe of a check was not within its tolerance, or failed.
    NotMet { phase: Phase, probe: &'a str },
    /// Checks while the method runs begin.
    ContinuousStarted { frequency: f64 },
    /// Enough of them deviated for the experiment to end.
    FailFast { percent: f64 },
    /// The last of them ended.
    ContinuousEnded,
    /// The method begins: from here on a dead run owes its rollbacks.
    MethodStarted,
    /// The method is empty.
    NoActivities,
    /// The method ended.
    MethodEnded,
    /// A pause before or after an activity, whose length is text when it is no number.
    Pausing { before: bool, seconds: &'a Value },
    /// An activity begins. Listeners that record must have done so before they return.
    ActivityStarted { activity: Activity<'a>, record: &'a Map },
    /// An activity ended, was interrupted or could not run.
    ActivityEnded {
        activity: Activity<'a>,
        record: &'a Map,
        failure: Option<&'a Failure>,
    },
    /// A call worked but what it returned may not be what was hoped for.
    Suspicious { activity: Activity<'a>, what: Suspicion },
    /// The method cannot go on.
    Aborted(&'a Failure),
    /// A hook of a control is about to run.
    HookStarted { control: &'a str, hook: &'a str },
    /// It ended, with what it raised.
    HookEnded {
        control: &'a str,
        hook: &'a str,
        raised: Option<&'a str>,
    },
    /// A stop was taken.
    Stopped(&'a Cause),
    /// Rollbacks are, or are not, to be played under that strategy.
    RollbacksDecided { strategy: &'a str, play: bool },
    /// Rollbacks begin.
    RollbacksStarted,
    /// There are none.
    NoRollbacks,
    /// The next rollback; its name is `None` for a reference.
    Rollback { name: Option<&'a str> },
    /// A rollback could not even be tried; the others are played nonetheless.
    RollbackBroken { index: usize, failure: &'a Failure },
    /// A stop came during the rollbacks: those that remain are not played.
    RollbacksCut(&'a Cause),
    /// A dead run is being recovered; are rollbacks owed?
    Recovering { owed: bool },
    /// The run ended.
    Ended { status: &'a str, deviated: bool },
}

/// Why the output of a call that worked deserves a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// A process ended with a code above 0 and nothing says that this is expected.
    ExitCode(i64),
    /// A response had a status above 399 and nothing says that this is expected.
    HttpStatus(i64),
}

/// Hears every event, in order, at the moment it happens.
pub trait Observer {
    /// Told before the effect that the event announces.
    ///
    /// # Errors
    /// Only a recorder has any: what could not be recorded is not done.
    fn notice(&self, event: &Event<'_>) -> io::Result<()>;

    /// Awaited twice: after the first event, before anything is touched, and after the last, when it must not take
    /// long. What has to leave the machine before the run may go on, leaves it here.
    ///
    /// # Errors
    /// After the first event: why the run must not go on. After the last they mean nothing.
    fn settle(&self) -> Settling<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What [`Observer::settle`] returns.
pub type Settling<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + 'a>>;
