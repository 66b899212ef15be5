//! Activities that make load: `chaosgrafana.k6`, and the same as `chaosk6`.

mod arguments;
mod job;
mod log;
mod names;
mod probe;
mod run_script;
mod stress_endpoint;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

use chaos_engine::activity::{ActivityError, Catalogue, Failure};
use serde_json::Value;

pub use arguments::{Count, Engine, Flag, StageArgument, Stages, Time, Variables};
pub use probe::Http;
pub use run_script::RunScript;
pub use stress_endpoint::StressEndpoint;

use crate::external::ExternalError;
use crate::options::OptionsError;

/// The catalogue with the activities that make load, under all their names.
#[must_use]
pub fn register(catalogue: Catalogue) -> Catalogue {
    names::register(catalogue)
}

/// Why an activity that makes load failed.
#[derive(Debug, thiserror::Error)]
enum ActivityFailure {
    /// An argument or a variable does not fit.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// An argument does not fit, for another reason.
    #[error("{0}")]
    Argument(String),
    /// The log file.
    #[error("the log file {} cannot be created: {source}; does its folder exist?", .path.display())]
    LogFile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The real k6 is wanted and not there.
    #[error(
        "k6 is to run the script, and `{0}` is not an executable file; set CHAOS_K6 to its path, or leave out `engine`"
    )]
    NoProgram(String),
    /// The real k6 did not run it.
    #[error(transparent)]
    External(#[from] ExternalError),
    /// This engine did not run it.
    #[error("{0}")]
    Native(#[source] Box<dyn std::error::Error>),
    /// Thresholds.
    #[error("thresholds were crossed: {0}")]
    Crossed(String),
    /// `exec.test.abort()`.
    #[error("the script ended the test: {0}")]
    Aborted(String),
    /// A defect.
    #[error("the load broke off; this is a defect of the tool, please report it with the script")]
    BrokenOff,
}

impl ActivityFailure {
    /// The failure, with the summary for the journal all the same.
    fn with_summary(&self, summary: &Value) -> ActivityError {
        ActivityError::FailedWith(Failure::new(self.to_string()), Box::new(summary.clone().into()))
    }
}

impl From<ActivityFailure> for ActivityError {
    fn from(failure: ActivityFailure) -> Self {
        match failure {
            // its message has the causes in it already
            ActivityFailure::Native(error) => Self::Failed(Failure::from_error(error.as_ref())),
            ActivityFailure::External(ExternalError::Failed {
                summary: Some(ref summary),
                ..
            }) => failure.with_summary(summary),
            failure => Self::failed(failure.to_string()),
        }
    }
}
