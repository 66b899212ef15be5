//! Why a load test has no report.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Abort;
use crate::http::SetupError;
use crate::metrics::MetricError;
use crate::options::OptionsError;
use crate::vu::ScriptError;

/// Why a load test has no report.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The script is not there.
    #[error("cannot read the script {}: {source}", path.display())]
    Read {
        /// Where it was looked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The init code threw, or does not parse.
    #[error("the script cannot be loaded: {0}")]
    Script(ScriptError),
    /// `setup` threw.
    #[error("setup() failed, so that no load was made: {0}")]
    Setup(ScriptError),
    /// The options are wrong.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// A threshold or a metric is wrong.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The settings of the summary are wrong.
    #[error(transparent)]
    Summary(#[from] crate::summary::SettingsError),
    /// The settings of HTTP are wrong.
    #[error(transparent)]
    Http(#[from] SetupError),
    /// A value of the options is none that options can have.
    #[error("{0}")]
    Value(String),
    /// There is nothing to run.
    #[error("the script has no exported functions; it needs at least: export default function () {{ … }}")]
    NothingExported,
    /// A scenario names a function that the script does not export.
    #[error(
        "the scenario {scenario} runs the function {function}, which the script does not export; it exports: {exported}"
    )]
    NoFunction {
        /// The scenario.
        scenario: String,
        /// The function.
        function: String,
        /// What there is.
        exported: String,
    },
    /// The script ended the test in its init code or in `setup`.
    #[error("{}", .0.reason)]
    Aborted(Abort),
    /// The caller stopped before the load began.
    #[error("stopped before the load began")]
    Stopped,
    /// The system gave no thread.
    #[error("cannot start a thread for the load: {0}")]
    Thread(#[source] io::Error),
    /// A thread of the load ended without an answer, which is an error of ours.
    #[error("a thread of the load ended unexpectedly")]
    Lost,
}
