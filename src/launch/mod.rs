//! From typed options to a finished run: what `chaos run`, `chaos validate`, `start-chaos` and their recoveries
//! have in common.

mod batch;
mod document;
mod error;
mod journal_file;
mod notifications;
mod preflight;
mod recover;
mod session;
mod signals;

pub use batch::BatchJob;
pub use document::as_experiment;
pub use error::LaunchError;
pub use recover::{DeadPlace, Here, locate, recover, recover_here};
pub use session::Session;

use std::path::PathBuf;
use std::rc::Rc;

use chaos_engine::journal::Ended;
use chaos_engine::journal::wal::{self, Recorder, WalError};
use chaos_engine::run::Runner;
use chaos_engine::run::event::Observer;
use chaos_engine::run::plan::{Dry, HypothesisStrategy, Plan, RollbackStrategy, Schedule};
use chaos_engine::value::{Map, Value, map};
use tracing::{error, info, warn};

use crate::exit;
use crate::notify::EventName;

/// A run as a command line or an experiment.conf asks for it. Paths start from the session's working folder.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Path or http(s) URL of the experiment.
    pub source: String,
    /// Where the journal goes.
    pub journal: PathBuf,
    /// What is announced but not done.
    pub dry: Option<Dry>,
    /// Run without validating.
    pub no_validation: bool,
    /// Accept any certificate when the source is fetched.
    pub no_verify_tls: bool,
    /// Instead of what the experiment or the settings say.
    pub rollbacks: Option<RollbackStrategy>,
    /// Instead of what the experiment or the settings say.
    pub hypothesis: Option<HypothesisStrategy>,
    /// How the continuous hypothesis is checked.
    pub schedule: Schedule,
    /// Values of `--var`, in their order.
    pub vars: Vec<(String, Value)>,
    /// Variable files, in their order.
    pub var_files: Vec<PathBuf>,
    /// Files of global controls, in their order.
    pub control_files: Vec<PathBuf>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What its journal says of it, without the records.
    pub journal: Map,
    /// Where it was written.
    pub path: PathBuf,
}

impl Finished {
    /// Completed, and not deviated?
    pub fn is_fine(&self) -> bool {
        chaos_engine::journal::is_fine(&self.journal)
    }

    /// Was the method left out because the system was not in its steady state?
    pub fn was_not_steady(&self) -> bool {
        let before = self
            .journal
            .get("steady_states")
            .and_then(|states| states.get("before"));
        before.and_then(|state| state.get("steady_state_met")) == Some(&Value::Bool(false))
    }

    /// The journal's status.
    pub fn status(&self) -> &str {
        self.journal
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// As `chaos run` tells it: a hypothesis that was not met before the method is no failure.
    pub fn exit_code(&self) -> u8 {
        if self.is_fine() {
            exit::DONE
        } else {
            exit::NOT_AS_HOPED
        }
    }
}

/// Runs an experiment to its end and writes its journal. Must be called inside a `LocalSet`.
///
/// # Errors
/// When it is not run, with the exit code to end with; the error is for the log.
pub async fn run(
    session: &Session,
    options: RunOptions,
    observers: Vec<Rc<dyn Observer>>,
) -> Result<Finished, LaunchError> {
    let variables = session.read_variables(&options.var_files, &options.vars)?;
    let settings = session.settings();
    let global_controls = session.load_global_controls(&options.control_files).await?;
    let loaded = session
        .load_experiment(&options.source, !options.no_verify_tls, &global_controls)
        .await?;
    session.notify(EventName::RunStarted, &loaded, None).await;
    if !options.no_validation {
        session.validate(&options.source, &loaded).await?;
    }
    let experiment = document::as_experiment(loaded)?;
    let (hypothesis, rollbacks) = strategies(&options, &experiment, &settings)?;
    let plan = Plan {
        run_id: uuid::Uuid::new_v4().to_string(),
        source: options.source.clone(),
        experiment,
        configuration: variables.configuration,
        secrets: variables.secrets,
        var_files: options.var_files.clone(),
        has_settings: !settings.is_empty(),
        settings: shown_settings(settings, hypothesis, &rollbacks),
        hypothesis,
        rollbacks,
        schedule: options.schedule,
        dry: options.dry,
        global_controls,
        annotations: session.annotations().clone(),
    };
    if session.checks_aws() {
        preflight::check(session, &plan).await?;
    }
    if session.stopped_early() {
        return Err(LaunchError::Stopped);
    }
    let journal = session.host.borrow().resolve(&options.journal);
    let recorder = begin_recorder(session, &options, &plan, &journal)?;
    let played = play(session, plan, Rc::clone(&recorder), observers).await;
    let journal_value = match played {
        Ok(value) => value,
        Err(error) => {
            // nothing was run, so nothing is owed
            let _ = recorder.discard();
            return Err(error);
        }
    };
    conclude(session, journal_value, journal, &recorder).await
}

async fn play(
    session: &Session,
    plan: Plan,
    recorder: Rc<Recorder>,
    others: Vec<Rc<dyn Observer>>,
) -> Result<Ended, LaunchError> {
    let mut observers: Vec<Rc<dyn Observer>> = vec![recorder];
    observers.extend(others);
    let runner = Runner::new(plan, session.ports(observers))?;
    session.scrubber.add_all(&runner.secrets().into());
    let _watch = session.watch_signals();
    Ok(Rc::new(runner).run().await?)
}

/// Writes the journal, lets go of the write-ahead file, and tells those who asked to be told.
async fn conclude(
    session: &Session,
    journal: Ended,
    path: PathBuf,
    recorder: &Recorder,
) -> Result<Finished, LaunchError> {
    if let Err(source) = session.write_journal(&path, &journal) {
        error!(
            "The write-ahead file {} is kept: `chaos recover` can write the journal from it",
            recorder.path().display()
        );
        return Err(LaunchError::Journal { path, source });
    }
    if let Err(error) = recorder.discard() {
        warn!("{error}; delete it, or the next run will take it for that of a run that died");
    }
    let finished = Finished {
        journal: session.masked(journal.summary()),
        path,
    };
    session.notify_end(&finished).await;
    Ok(finished)
}

/// Validates only, as `chaos validate` does.
///
/// # Errors
/// When the experiment cannot be loaded or is not valid.
pub async fn validate(session: &Session, source: &str, verify_tls: bool) -> Result<(), LaunchError> {
    let loaded = session.load_experiment(source, verify_tls, &[]).await?;
    session.notify(EventName::ValidateStarted, &loaded, None).await;
    match session.validate(source, &loaded).await {
        Ok(()) => {
            session.notify(EventName::ValidateCompleted, &loaded, None).await;
            info!("The experiment's syntax and semantics look valid");
            Ok(())
        }
        Err(error) => {
            session
                .notify(EventName::ValidateFailed, &loaded, Some(&error))
                .await;
            Err(error)
        }
    }
}

fn begin_recorder(
    session: &Session,
    options: &RunOptions,
    plan: &Plan,
    journal: &std::path::Path,
) -> Result<Rc<Recorder>, LaunchError> {
    journal_file::check_writable(journal).map_err(|source| LaunchError::JournalPath {
        path: journal.to_owned(),
        source,
    })?;
    let cwd = session.host.borrow().cwd.clone();
    let preamble = recover::preamble(session, options, plan, journal);
    match Recorder::begin(wal::path_for(journal, &cwd), preamble) {
        Ok(recorder) => Ok(Rc::new(recorder)),
        Err(error @ WalError::Io { .. }) => Err(LaunchError::Unrecordable(error)),
        Err(error) => Err(error.into()),
    }
}

/// The command line wins over the experiment, and the experiment over the settings; an experiment that has a
/// `runtime` block resets what it does not name.
fn strategies(
    options: &RunOptions,
    experiment: &Map,
    settings: &Map,
) -> Result<(HypothesisStrategy, RollbackStrategy), LaunchError> {
    let runtime = experiment
        .get("runtime")
        .filter(|runtime| chaos_engine::value::python::truthy(runtime));
    let runtime = runtime.or_else(|| settings.get("runtime"));
    let named = |key: &'static str| {
        let block = block(runtime, "runtime").and_then(|runtime| {
            let part = runtime.and_then(|runtime| runtime.get(key));
            block(part, key)
        });
        let strategy = block?.and_then(|block| block.get("strategy"));
        Ok::<_, LaunchError>(strategy.map_or("default".to_owned(), chaos_engine::value::python::text))
    };
    let hypothesis = match options.hypothesis {
        Some(strategy) => strategy,
        None => {
            let name = named("hypothesis")?;
            HypothesisStrategy::parse(&name).ok_or(LaunchError::HypothesisStrategy(name))?
        }
    };
    let rollbacks = match &options.rollbacks {
        Some(strategy) => strategy.clone(),
        None => RollbackStrategy::parse(&named("rollbacks")?),
    };
    Ok((hypothesis, rollbacks))
}

/// Settings as controls are shown them: with the names of their controls, and the strategies that hold.
fn shown_settings(mut settings: Map, hypothesis: HypothesisStrategy, rollbacks: &RollbackStrategy) -> Map {
    let controls = settings.get_mut("controls").and_then(Value::as_map_mut);
    for (name, control) in controls.into_iter().flatten() {
        if let Some(control) = control.as_map_mut() {
            control.insert("name".to_owned(), name.as_str().into());
        }
    }
    let mut runtime = taken_map(&mut settings, "runtime");
    for (key, name) in [("rollbacks", rollbacks.name()), ("hypothesis", hypothesis.name())] {
        let mut block = taken_map(&mut runtime, key);
        block.insert("strategy".to_owned(), name.into());
        runtime.insert(key.to_owned(), block.into());
    }
    settings.insert("runtime".to_owned(), runtime.into());
    settings
}

/// The mapping at a key, taken out; an empty one if there is none.
fn taken_map(map: &mut Map, key: &str) -> Map {
    match map.get_mut(key).map(std::mem::take) {
        Some(Value::Map(entry)) => entry,
        _ => Map::new(),
    }
}

/// A part of the runtime block: what is no mapping names no strategy, and must not pass for one.
fn block<'a>(value: Option<&'a Value>, name: &'static str) -> Result<Option<&'a Map>, LaunchError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Map(block)) => Ok(Some(block)),
        Some(_) => Err(LaunchError::Runtime(name)),
    }
}

/// A mapping that says how a run was started, for its recovery.
fn describe(options: &RunOptions) -> Map {
    let texts = |paths: &[PathBuf]| -> Value {
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .into()
    };
    map([
        ("source", options.source.clone().into()),
        ("var_files", texts(&options.var_files)),
        ("control_files", texts(&options.control_files)),
    ])
}
