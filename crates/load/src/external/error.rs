//! Why the real k6 did not run a test.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::process::Ended;

/// k6's exit code when thresholds were crossed.
pub(super) const THRESHOLDS_CROSSED: i32 = 99;
/// When the script ended the test by `exec.test.abort()`.
pub(super) const ABORTED: i32 = 108;
/// When the script called `exec.test.fail()`.
pub(super) const MARKED_AS_FAILED: i32 = 110;

/// What k6's exit codes say.
const MEANINGS: [(i32, &str); 7] = [
    (100, "setup() took too long"),
    (101, "teardown() took too long"),
    (102, "it took too long"),
    (104, "it refused the options"),
    (105, "it was interrupted"),
    (107, "the script threw an error"),
    (109, "it crashed"),
];

/// Why the real k6 did not run a test.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    /// The program cannot be started.
    #[error("`{program}` cannot be started: {source}; is it k6, and may it be executed?")]
    NotStarted {
        program: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Its end cannot be awaited.
    #[error("the end of `{program}` cannot be awaited: {source}")]
    NotAwaited {
        program: PathBuf,
        #[source]
        source: io::Error,
    },
    /// No folder for the summary.
    #[error("there is no place for the summary of k6: {0}; is TMPDIR writable?")]
    Scratch(#[source] io::Error),
    /// It ended without running the test to its end.
    #[error("`{program}` did not run the test ({status}{meaning}){said}")]
    Failed {
        program: PathBuf,
        status: String,
        meaning: String,
        said: String,
        /// What it still told, as when `teardown()` threw.
        summary: Option<Box<Value>>,
    },
    /// The summary it wrote is not what k6 writes.
    #[error("the summary of k6 cannot be read: {0}; is it k6, version 0.30 or later?")]
    Summary(String),
}

impl ExternalError {
    pub(super) fn failed(program: &Path, ended: &Ended, summary: Option<Value>) -> Self {
        let code = ended.status.code();
        let meaning = MEANINGS.iter().find(|(known, _)| Some(*known) == code);
        let said = ended.said();
        Self::Failed {
            program: program.to_owned(),
            status: ended.status.to_string(),
            meaning: meaning.map_or(String::new(), |(_, meaning)| format!(": {meaning}")),
            said: if said.is_empty() {
                said
            } else {
                format!(": {said}")
            },
            summary: summary.map(Box::new),
        }
    }
}
