//! A load test from its script to its report.

mod conduct;
mod error;
pub mod exit;
mod files;
mod pool;
mod settings;
mod test;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

pub use error::LoadError;
pub use pool::Pool;
pub use test::{Abort, AbortedBy, Scenario, Test};

use crate::metrics::Progress;
use crate::options::Options;
use crate::summary::Summary;

/// Where the script is.
#[derive(Clone, Debug)]
pub enum Script {
    /// A file.
    File(PathBuf),
    /// A text of our own.
    Text {
        /// The name that errors give it.
        name: String,
        /// The text.
        source: String,
    },
}

/// What each virtual user may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory of its script engine, in bytes.
    pub user_memory: usize,
    /// How long the init code may take.
    pub init: Duration,
    /// Threads; as many as there are cores if absent.
    pub threads: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            user_memory: 128 << 20,
            init: Duration::from_secs(60),
            threads: None,
        }
    }
}

/// A test to run.
#[derive(Clone, Debug)]
pub struct LoadTest {
    /// The script.
    pub script: Script,
    /// `__ENV`.
    pub env: IndexMap<String, String>,
    /// Options that replace the script's.
    pub overrides: Options,
    /// What each virtual user may use.
    pub limits: Limits,
    /// Cancelled to end the scenarios at once; teardown and summary follow, as after a first Ctrl-C in k6.
    pub ending: CancellationToken,
}

impl LoadTest {
    /// A test of a script as it stands.
    #[must_use]
    pub fn new(script: Script) -> Self {
        Self {
            script,
            env: IndexMap::new(),
            overrides: Options::default(),
            limits: Limits::default(),
            ending: CancellationToken::new(),
        }
    }
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `console.debug`.
    Debug,
    /// `console.log`, `console.info`.
    Info,
    /// `console.warn`, failed requests.
    Warning,
    /// `console.error`, exceptions.
    Error,
}

impl Level {
    /// As k6 names it in its log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What happens while a test runs.
#[derive(Clone, Debug)]
pub enum Event {
    /// The load begins.
    Started {
        /// A line for each scenario, as k6 describes them.
        scenarios: Vec<String>,
        /// Users that are ready.
        users: u64,
        /// The longest that it can take.
        planned: Duration,
    },
    /// A line of the script's console.
    Console {
        /// Its level.
        level: Level,
        /// Its text.
        text: String,
    },
    /// What went wrong in the script: an exception, a failed request.
    Trouble {
        /// Its level.
        level: Level,
        /// Its text.
        text: String,
    },
    /// Something the author should know.
    Warning(String),
    /// Once a second.
    Progress {
        /// The numbers.
        numbers: Progress,
        /// Since the start.
        elapsed: Duration,
        /// How much is done, from 0 to 1.
        done: f64,
        /// Users that run a scenario.
        active: u64,
        /// Users that are ready.
        users: u64,
        /// Iterations that came to their end, and that were cut off.
        iterations: (u64, u64),
    },
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// As planned.
    Completed,
    /// Before its plan.
    Aborted(Abort),
    /// Cancelled by the caller: without teardown.
    Stopped,
}

/// What a test found.
#[derive(Debug)]
pub struct Report {
    /// The metrics, checks and thresholds.
    pub summary: Summary,
    /// How it ended.
    pub end: End,
    /// What `handleSummary` gave: a target (`stdout`, `stderr` or a path) and its content. None if the script has no such function,
    /// or it failed.
    pub outputs: Option<Vec<(String, Vec<u8>)>>,
    /// The end of `teardown`, if it threw.
    pub teardown: Option<crate::vu::ScriptError>,
    /// The script said that the test has failed (`exec.test.fail`).
    pub failed: bool,
    /// Iterations that came to their end, and that were cut off.
    pub iterations: (u64, u64),
    /// One row a second, for reports.
    pub series: crate::metrics::TimeSeries,
}

/// Runs a test. The load is made on threads of its own; `stop` ends it within 100 ms, and the report tells what was so far.
///
/// # Errors
/// [`LoadError`] when there is nothing to report: a script that cannot be loaded, options that contradict, a `setup` that failed.
pub async fn run(
    test: LoadTest,
    events: UnboundedSender<Event>,
    stop: CancellationToken,
) -> Result<Report, LoadError> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name("load".to_owned())
        .spawn(move || {
            conduct::conduct(test, events, stop, |result| {
                let _ = sender.send(result);
            });
        })
        .map_err(LoadError::Thread)?;
    receiver.await.map_err(|_| LoadError::Lost)?
}
