//! Runs an experiment: hypothesis, method, rollbacks and the controls around them.
//!
//! What must hold:
//! - Everything here runs on one thread, in one `LocalSet`. The state of a run has one owner, [`Runner`]; no borrow
//!   of it is held across an `await`.
//! - An event is told to every observer before the effect it announces. An activity whose start could not be
//!   recorded is not executed.
//! - Whatever the run waits for is dropped the moment a stop is taken; rollbacks follow as the strategy says.
//! - Nothing here formats text for people, writes a file or knows who listens.

pub(crate) mod activity;
pub(crate) mod beside;
mod continuous;
mod controls;
pub(crate) use controls::all_controls;
pub use controls::is_in_scope;
mod dispatch;
mod ending;
pub mod event;
mod hypothesis;
mod listeners;
mod method;
mod news;
pub mod plan;
mod recover;
mod rollbacks;
pub mod seed;
pub mod stop;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::activity::{Catalogue, Failure, News};
use crate::document::{configuration, secrets};
use crate::host::Host;
use crate::journal::{Ended, Journal, Shown, Status};
use crate::provider::bridge::Bridge;
use crate::scope::Scope;
use crate::value::{Map, Value, python};
use activity::Lane;
use beside::Stage;
use event::{Event, Observer};
use listeners::Told;
use plan::Plan;
use seed::{Seed, SeedError};
use stop::{Cause, StopSwitch};

/// What a run is connected to.
#[derive(Clone)]
pub struct Ports {
    /// Environment and working folder; Python functions and variable files may change it.
    pub host: Rc<RefCell<Host>>,
    /// The native activities.
    pub catalogue: Rc<Catalogue>,
    /// Those who hear of every event, in this order; a recorder comes first.
    pub observers: Vec<Rc<dyn Observer>>,
    /// For a user's own Python modules; started when the first is needed.
    pub bridge: Bridge,
    /// Where a stop is asked for.
    pub stop: Rc<StopSwitch>,
    /// The time.
    pub clock: fn() -> DateTime<Utc>,
}

/// Why a run ends with no journal.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration does not resolve.
    #[error(transparent)]
    Configuration(#[from] configuration::ConfigurationError),
    /// The secrets do not resolve.
    #[error(transparent)]
    Secrets(#[from] secrets::SecretsError),
    /// No seed can be made of `chaos_seed`.
    #[error("configuration.chaos_seed: {0}")]
    Seed(#[from] SeedError),
    /// The very first event could not be recorded, so nothing was touched.
    #[error("the write-ahead file cannot be written: {0}; nothing was run")]
    Unrecorded(std::io::Error),
    /// An observer did not let the run go on after its first event, so nothing was touched.
    #[error("{0}; nothing was run")]
    Unsettled(std::io::Error),
}

/// Why a part of a run did not get to its end.
#[derive(Clone, Debug)]
pub(crate) enum Halt {
    /// A stop was taken.
    Stop(Cause),
    /// Something could not even be tried.
    Fatal(Failure),
}

impl From<Cause> for Halt {
    fn from(cause: Cause) -> Self {
        Self::Stop(cause)
    }
}

/// What controls keep, by their name and module.
type Kept = HashMap<(String, &'static str), Rc<dyn Any>>;

/// One run of one experiment.
pub struct Runner {
    pub(crate) plan: Plan,
    pub(crate) ports: Ports,
    pub(crate) state: RefCell<State>,
    ids: Cell<u64>,
    /// What random choices follow from.
    seed: Seed,
    /// Did anything follow from it?
    seed_taken: Cell<bool>,
    /// How many checks of the hypothesis have begun while the method runs.
    checks: Cell<u64>,
    /// Can events be recorded?
    begun: Cell<bool>,
    /// What activities told before that.
    early_news: RefCell<Vec<News>>,
    /// How far the run is.
    stage: Cell<Stage>,
    /// Does it finish a run that died?
    recovering: Cell<bool>,
    /// How native activities are told to stop.
    endings: RefCell<ending::Endings>,
    /// What native controls keep between their hooks.
    kept_by_controls: RefCell<Kept>,
    /// Cancelled once a hypothesis that is not met ends the method: nobody sits out its pauses then.
    pub(crate) failed_fast: CancellationToken,
}

/// What a run knows and changes as it goes.
pub(crate) struct State {
    /// The experiment as it is now: controls may have changed it.
    pub experiment: Rc<Map>,
    /// Configuration and secrets, resolved.
    pub scope: Rc<Scope>,
    /// The journal so far.
    pub journal: Journal,
    /// The settings as they are now: controls may have changed them.
    pub settings: Map,
    /// Global controls that configured themselves without failing.
    pub global_controls: Vec<Value>,
    /// Hooks that a dead run had begun, as control and function.
    pub hooks_begun: Vec<(String, String)>,
    /// Hooks that a dead run had ended, as control and function: they are not called again.
    pub hooks_done: Vec<(String, String)>,
}

/// The configuration and secrets of a plan, without the dynamic entries' values.
///
/// # Errors
/// When an environment variable that has no default is not set, or does not convert.
pub fn static_scope(plan: &Plan, host: &Host) -> Result<Scope, RunError> {
    let empty = Map::new();
    let declared = |key: &str| plan.experiment.get(key).and_then(Value::as_map).unwrap_or(&empty);
    Ok(Scope {
        configuration: configuration::resolve(declared("configuration"), &plan.configuration, host)?,
        secrets: secrets::resolve(declared("secrets"), &plan.secrets, host)?,
    })
}

impl Runner {
    /// A run that has not begun: configuration and secrets are resolved, dynamic entries are not.
    ///
    /// # Errors
    /// When configuration or secrets do not resolve, or no seed can be made of `chaos_seed`.
    pub fn new(mut plan: Plan, ports: Ports) -> Result<Self, RunError> {
        let scope = static_scope(&plan, &ports.host.borrow())?;
        let seed = Seed::declared(&scope.configuration)?.unwrap_or_else(Seed::fresh);
        let experiment = std::mem::take(&mut plan.experiment);
        let journal = Journal::default();
        Ok(Self::standing_at(plan, ports, experiment, scope, seed, journal))
    }

    /// A runner that has got that far.
    fn standing_at(
        plan: Plan,
        ports: Ports,
        experiment: Map,
        scope: Scope,
        seed: Seed,
        journal: Journal,
    ) -> Self {
        let state = State {
            experiment: Rc::new(experiment),
            scope: Rc::new(scope),
            journal,
            settings: plan.settings.clone(),
            global_controls: plan.global_controls.clone(),
            hooks_begun: Vec::new(),
            hooks_done: Vec::new(),
        };
        Self {
            plan,
            ports,
            state: RefCell::new(state),
            ids: Cell::new(0),
            seed,
            seed_taken: Cell::default(),
            checks: Cell::default(),
            begun: Cell::default(),
            early_news: RefCell::default(),
            stage: Cell::default(),
            recovering: Cell::default(),
            endings: RefCell::default(),
            kept_by_controls: RefCell::default(),
            failed_fast: CancellationToken::new(),
        }
    }

    /// The resolved secrets, for what must never show them.
    pub fn secrets(&self) -> Map {
        self.state.borrow().scope.secrets.clone()
    }

    /// Runs the experiment to its end and returns its journal. Must be called inside a `LocalSet`.
    ///
    /// # Errors
    /// Only when nothing could be recorded and so nothing was run; whatever goes wrong later is in the journal.
    pub async fn run(self: Rc<Self>) -> Result<Ended, RunError> {
        let started = (self.ports.clock)();
        self.resolve_dynamic_configuration().await;
        self.begin(started)?;
        self.settle().await.map_err(RunError::Unsettled)?;
        self.stage.set(Stage::Playing);
        self.configure_controls().await;
        self.inform(Told::Running, &Lane::Foreground).await;
        let outcome = self.play().await;
        self.stage.set(Stage::Unwinding);
        // one that came at the very end would else be taken for a signal against the rollbacks
        let late = self.ports.stop.take_asked().map(Halt::Stop);
        let outcome = late.map_or(outcome, Err);
        if let Err(halt) = &outcome {
            self.halted(halt);
            self.inform(Told::Halted(halt), &Lane::Foreground).await;
        }
        self.play_rollbacks().await;
        self.stage.set(Stage::Settled);
        let whole = self.finish(started).await;
        self.cleanup_controls().await;
        self.settle_at_last().await;
        let ended = self.ended(whole);
        if let Ended::Whole(journal) = &ended {
            self.inform(Told::Finished(journal), &Lane::Foreground).await;
        }
        Ok(ended)
    }

    fn begin(&self, started: DateTime<Utc>) -> Result<(), RunError> {
        let title = {
            let mut state = self.state.borrow_mut();
            let title = state.experiment.get("title").cloned().unwrap_or_default();
            let title = crate::document::substitute::substitute(&title, &state.scope);
            let dry = self.plan.dry.map(|dry| dry.name());
            let experiment = Rc::make_mut(&mut state.experiment);
            experiment.insert("title".to_owned(), title.clone());
            experiment.insert("dry".to_owned(), dry.into());
            state.journal = Journal::begin(Shown::of(&state.experiment), started);
            python::text(&title)
        };
        {
            let state = self.state.borrow();
            let running = Event::Running {
                title: &title,
                journal: &state.journal,
                experiment: &state.experiment,
                scope: &state.scope,
                seed: self.seed.number(),
            };
            self.tell(&running).map_err(RunError::Unrecorded)?;
        }
        self.hear_early_news();
        if let Some(dry) = self.plan.dry {
            self.say(&Event::DryMode(dry));
        }
        Ok(())
    }

    /// Hypothesis, method, hypothesis; the rollbacks are not part of it.
    async fn play(self: &Rc<Self>) -> Result<(), Halt> {
        let strategy = self.plan.hypothesis;
        self.say(&Event::Strategies {
            hypothesis: strategy.shown(),
            rollbacks: self.plan.rollbacks.name(),
        });
        let checked = self.announce_hypothesis();
        self.experiment_hooks_before().await?;
        if checked && strategy.before() && !self.hypothesis_before().await? {
            return Ok(());
        }
        let continuous = match checked && strategy.during() {
            true => Some(self.start_continuous().await),
            false => None,
        };
        let method = self.play_method().await;
        if let Some(continuous) = continuous {
            continuous.end(method.is_err()).await;
        }
        let lost = matches!(self.status(), Some(Status::Interrupted | Status::Aborted));
        method?;
        if checked && strategy.after() && !lost {
            self.hypothesis_after().await?;
        }
        Ok(())
    }

    fn announce_hypothesis(&self) -> bool {
        if self.plan.hypothesis == plan::HypothesisStrategy::Skip {
            self.say(&Event::HypothesisSkipped);
            return false;
        }
        let probes = self.hypothesis_probes();
        if probes == 0 {
            self.say(&Event::NoHypothesis);
        }
        probes > 0
    }

    fn halted(&self, halt: &Halt) {
        match halt {
            Halt::Stop(cause) => {
                if *cause == Cause::Abandon {
                    self.ports.stop.abandon();
                }
                self.set_status(Status::Interrupted);
                self.say(&Event::Stopped(cause));
            }
            Halt::Fatal(failure) => {
                self.set_status(Status::Aborted);
                self.say(&Event::Aborted(failure));
            }
        }
    }

    /// Ends the journal, and returns it whole where there is somebody to show it to.
    async fn finish(self: &Rc<Self>, started: DateTime<Utc>) -> Option<Map> {
        let end = (self.ports.clock)();
        let (status, deviated) = {
            let journal = &mut self.state.borrow_mut().journal;
            journal.finish(end, crate::journal::seconds_between(started, end));
            journal.footer.extend(self.plan.annotations.clone());
            let status = *journal.status.get_or_insert(Status::Completed);
            (status, journal.deviated)
        };
        self.say(&Event::Ended {
            status: status.name(),
            deviated,
        });
        self.note_seed();
        if !self.has_experiment_hooks_after() && !self.ports.bridge.has_listeners() {
            return None;
        }
        let journal = {
            let state = self.state.borrow();
            state.journal.clone().into_map(&state.experiment)
        };
        Some(self.experiment_hooks_after(journal).await)
    }

    /// The journal that is over, with what hooks made of it.
    fn ended(&self, whole: Option<Map>) -> Ended {
        let mut state = self.state.borrow_mut();
        match whole {
            Some(journal) => Ended::Whole(journal),
            None => {
                let journal = std::mem::take(&mut state.journal);
                Ended::Parts(
                    Box::new(journal),
                    Rc::unwrap_or_clone(std::mem::take(&mut state.experiment)),
                )
            }
        }
    }

    pub(crate) fn status(&self) -> Option<Status> {
        self.state.borrow().journal.status
    }

    pub(crate) fn set_status(&self, status: Status) {
        self.state.borrow_mut().journal.status = Some(status);
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.ids.set(self.ids.get() + 1);
        self.ids.get()
    }

    /// Waits for what observers have to do before the run goes on, unless it is stopped.
    async fn settle(&self) -> std::io::Result<()> {
        match self.ports.stop.guard(self.settled()).await {
            Ok(settled) => settled,
            Err(cause) => {
                self.ports.stop.put_back(cause);
                Err(std::io::Error::other("the run was stopped before it began"))
            }
        }
    }

    async fn settle_at_last(&self) {
        // the run is over: whoever could not settle has said so
        let _ = self.settled().await;
    }

    async fn settled(&self) -> std::io::Result<()> {
        for observer in &self.ports.observers {
            observer.settle().await?;
        }
        Ok(())
    }

    /// Tells an event whose recording must not fail; the first failure wins, all observers hear it.
    pub(crate) fn tell(&self, event: &Event<'_>) -> std::io::Result<()> {
        let results: Vec<_> = self
            .ports
            .observers
            .iter()
            .map(|observer| observer.notice(event))
            .collect();
        results.into_iter().collect()
    }

    /// Tells an event. If it cannot be recorded, the run stops before it does anything more.
    pub(crate) fn say(&self, event: &Event<'_>) {
        if let Err(error) = self.tell(event) {
            self.ports.stop.ask(Cause::Unrecorded(error.to_string()));
        }
    }

    async fn resolve_dynamic_configuration(self: &Rc<Self>) {
        let names: Vec<String> = {
            let state = self.state.borrow();
            configuration::dynamic(&state.scope.configuration)
                .map(|(name, _)| name.to_owned())
                .collect()
        };
        let mut failed = Vec::new();
        for name in names {
            match self.dynamic_value(&name).await {
                Some(value) => {
                    Rc::make_mut(&mut self.state.borrow_mut().scope)
                        .configuration
                        .insert(name, value);
                }
                None => failed.push(name),
            }
        }
        if !failed.is_empty() {
            let mut state = self.state.borrow_mut();
            let configuration = &mut Rc::make_mut(&mut state.scope).configuration;
            configuration.retain(|name, _| !failed.contains(name));
            for observer in &self.ports.observers {
                // the log alone hears of it: the run has not begun
                let _ = observer.notice(&Event::ConfigurationIncomplete(&failed));
            }
        }
    }
}
