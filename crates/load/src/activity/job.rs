//! One load test of an activity, by either engine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chaos_engine::activity::{ActivityError, Context};
use chaos_engine::host::Host;
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::ActivityFailure;
use super::arguments::Engine;
use super::log::Log;
use crate::external::{self, ExternalEnd, ExternalScript, ExternalTest};
use crate::options::Options;
use crate::run::{self, End, Limits, LoadTest, Script};

/// The variable with the path of the real k6; when it is set, the real one is run.
const PROGRAM: &str = "CHAOS_K6";

/// A load test to make.
pub(super) struct Job {
    pub script: Script,
    /// For the script, besides the run's own environment.
    pub environ: BTreeMap<String, String>,
    /// What the arguments say of the load.
    pub overrides: Options,
    pub log_file: Option<PathBuf>,
    pub debug: bool,
    pub engine: Option<Engine>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    /// For the journal.
    pub summary: Value,
    /// Metric and expression of the thresholds that were crossed.
    pub crossed: Vec<(String, String)>,
    pub end: Ended,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    Completed,
    Aborted(String),
    Stopped,
}

impl Job {
    /// Runs the test to its end, or until the run stops; then the outcome is what was so far. When the future is dropped, the
    /// test is stopped; it then goes on beside for the moment that it takes to write its summary into the log.
    pub(super) async fn run(self, context: &Context) -> Result<Outcome, ActivityError> {
        let path = self.log_file.as_ref().map(|path| context.host.resolve(path));
        let log = Log::open(path.as_deref(), self.debug)?;
        let program = program(self.engine, &context.host)?;
        let stop = context.stopping().child_token();
        let _stopped_with_this = stop.clone().drop_guard();
        let running = match program {
            Some(program) => {
                let test = self.external(program, &context.host);
                tokio::task::spawn_local(run_external(test, log, stop))
            }
            None => {
                let test = self.native(&context.host)?;
                tokio::task::spawn_local(run_native(test, log, stop))
            }
        };
        let outcome = running.await.map_err(|_| ActivityFailure::BrokenOff)?;
        Ok(outcome?)
    }

    /// All that the script finds in `__ENV`.
    fn environment(&self, host: &Host) -> BTreeMap<String, String> {
        let own = self
            .environ
            .iter()
            .map(|(name, text)| (name.clone(), text.clone()));
        let given = host.env.iter().map(|(name, text)| (name.clone(), text.clone()));
        given.chain(own).collect()
    }

    fn external(self, program: PathBuf, host: &Host) -> ExternalTest {
        ExternalTest {
            program,
            environment: self.environment(host),
            script: match self.script {
                Script::File(path) => ExternalScript::File(path),
                Script::Text { source, .. } => ExternalScript::Text(source),
            },
            folder: host.cwd.clone(),
            overrides: self.overrides,
        }
    }

    /// Variables `K6_…` count as they do for k6: more than the script, less than the arguments.
    fn native(self, host: &Host) -> Result<LoadTest, ActivityFailure> {
        let environment = self.environment(host);
        let variables = environment
            .iter()
            .map(|(name, text)| (name.clone(), text.clone()));
        let overrides = Options::from_env(variables)?.overridden_by(self.overrides);
        Ok(LoadTest {
            script: match self.script {
                Script::File(path) => Script::File(host.resolve(path)),
                text => text,
            },
            env: environment.into_iter().collect(),
            overrides,
            limits: Limits::default(),
            ending: CancellationToken::new(),
        })
    }
}

/// The real k6, when it is wanted.
fn program(engine: Option<Engine>, host: &Host) -> Result<Option<PathBuf>, ActivityFailure> {
    let named = host.var(PROGRAM).filter(|path| !path.is_empty());
    let name = match (engine, named) {
        (Some(Engine::Native), _) | (None, None) => return Ok(None),
        (_, Some(name)) => name,
        (Some(Engine::K6), None) => "k6",
    };
    let expanded = host.expand_home(name);
    let found = expanded.to_str().and_then(|name| host.which(name));
    found
        .map(Some)
        .ok_or_else(|| ActivityFailure::NoProgram(name.to_owned()))
}

async fn run_native(
    test: LoadTest,
    mut log: Log,
    stop: CancellationToken,
) -> Result<Outcome, ActivityFailure> {
    let (sender, receiver) = unbounded_channel();
    let (report, ()) = tokio::join!(run::run(test, sender, stop), log.take_events(receiver));
    let report = report.map_err(|error| ActivityFailure::Native(Box::new(error)))?;
    log.text(&report.summary.text(&Default::default()));
    let crossed = report.summary.crossed().into_iter();
    Ok(told(Outcome {
        summary: report.summary.for_journal(),
        crossed: crossed
            .map(|crossed| (crossed.metric, crossed.expression))
            .collect(),
        end: match report.end {
            End::Completed => Ended::Completed,
            End::Aborted(abort) => Ended::Aborted(abort.reason),
            End::Stopped => Ended::Stopped,
        },
    }))
}

async fn run_external(
    test: ExternalTest,
    mut log: Log,
    stop: CancellationToken,
) -> Result<Outcome, ActivityFailure> {
    let (sender, receiver) = unbounded_channel();
    let (report, ()) = tokio::join!(external::run(test, sender, stop), log.take_lines(receiver));
    let report = report?;
    Ok(told(Outcome {
        summary: report.summary,
        crossed: report.crossed,
        end: match report.end {
            ExternalEnd::Completed => Ended::Completed,
            ExternalEnd::Aborted(reason) => Ended::Aborted(reason),
            ExternalEnd::Stopped => Ended::Stopped,
        },
    }))
}

/// Where the machine is too busy for the journal to get the summary in time, the log has it.
fn told(outcome: Outcome) -> Outcome {
    if matches!(outcome.end, Ended::Stopped) {
        tracing::debug!("the load was stopped; its summary so far: {}", outcome.summary);
    }
    outcome
}

impl Outcome {
    /// The summary of a test that did what it should.
    ///
    /// # Errors
    /// When thresholds were crossed, or the script ended the test; the summary is the last line of the failure's trace.
    pub(super) fn judged(self) -> Result<Value, ActivityError> {
        let failure = match &self.end {
            Ended::Completed if !self.crossed.is_empty() => ActivityFailure::Crossed(listed(&self.crossed)),
            Ended::Aborted(reason) => ActivityFailure::Aborted(reason.clone()),
            Ended::Stopped | Ended::Completed => return Ok(self.summary),
        };
        Err(failure.with_summary(&self.summary))
    }
}

/// `http_req_duration (p(95)<500), checks (rate>0.9)`.
fn listed(crossed: &[(String, String)]) -> String {
    let shown: Vec<String> = crossed
        .iter()
        .map(|(metric, expression)| format!("{metric} ({expression})"))
        .collect();
    shown.join(", ")
}
