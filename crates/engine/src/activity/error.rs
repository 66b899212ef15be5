//! How an activity ends when it does not succeed.

use crate::value::Value;

/// What went wrong, for the log and for the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// One sentence for people: what, where, and the way out. In the log after `=> failed: `.
    pub message: String,
    /// The `exception` of the journal: a Python traceback, or the chain of causes, one text a line.
    pub trace: Vec<String>,
}

impl Failure {
    /// A failure that has no cause beyond its message.
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            trace: vec![message.clone()],
            message,
        }
    }

    /// A failure from an error and its sources.
    pub fn from_error(error: &(dyn std::error::Error + 'static)) -> Self {
        let chain = std::iter::successors(Some(error), |e| e.source());
        let trace: Vec<String> = chain.map(ToString::to_string).collect();
        Self {
            message: trace.join(": "),
            trace,
        }
    }
}

/// Why an activity has no output.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ActivityError {
    /// The activity failed: it is recorded so and the method goes on.
    #[error("{}", .0.message)]
    Failed(Failure),
    /// It failed, and still has an output for its record: the numbers of a load that went badly.
    #[error("{}", .0.message)]
    FailedWith(Failure, Box<Value>),
    /// The activity could not even be tried (no such function, a body that is not JSON, …): the method is aborted.
    #[error("{}", .0.message)]
    Fatal(Failure),
    /// It asks for the end of the experiment (Python's `SystemExit`).
    #[error("{0}")]
    Exit(String),
}

impl ActivityError {
    /// A plain failure with that message.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Failure::new(message))
    }

    /// An error that aborts the method, with that message.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::Fatal(Failure::new(message))
    }
}
