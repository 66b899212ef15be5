//! What can be wrong with a test's options.

use chaos_engine::nearest::nearest;

/// Why options cannot be used. The texts name the option by its path (`options.scenarios.login.vus`), or by the
/// environment variable that it came from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A value of the wrong kind, or one that cannot be read.
    #[error("{path}: {found} is not {expected}")]
    Type {
        path: String,
        found: String,
        expected: String,
    },
    /// A value that can be read, but makes no sense there.
    #[error("{path}: {reason}")]
    Value { path: String, reason: String },
    /// Something needed is not there.
    #[error("{path} is missing; it must be {expected}")]
    Missing { path: String, expected: String },
    /// No such executor.
    #[error("{path}: there is no executor {name:?}{hint}; the executors are {known}")]
    UnknownExecutor {
        path: String,
        name: String,
        hint: String,
        known: String,
    },
    /// A scenario's member that its executor does not take.
    #[error("{path}: the executor {executor} has no member {name:?}{hint}; its members are {known}")]
    UnknownMember {
        path: String,
        executor: &'static str,
        name: String,
        hint: String,
        known: String,
    },
    /// A member that is not there, of something other than a scenario.
    #[error("{path}: there is no member {name:?}{hint}; the members are {known}")]
    Unknown {
        path: String,
        name: String,
        hint: String,
        known: String,
    },
    /// Two ways of load at the same time.
    #[error(
        "`{first}` and `{second}` cannot be used together: each says how the load is made; keep one of them"
    )]
    Conflict {
        first: &'static str,
        second: &'static str,
    },
    /// k6 has it, this tool does not.
    #[error("{path} is not supported: {advice}")]
    NotSupported { path: String, advice: String },
}

impl OptionsError {
    pub(super) fn kind(path: &str, found: impl std::fmt::Display, expected: impl Into<String>) -> Self {
        Self::Type {
            path: path.to_owned(),
            found: shortened(&found.to_string()),
            expected: expected.into(),
        }
    }

    pub(super) fn value(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Value {
            path: path.into(),
            reason: reason.into(),
        }
    }

    pub(super) fn missing(path: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Missing {
            path: path.into(),
            expected: expected.into(),
        }
    }

    pub(super) fn unknown(path: &str, name: &str, known: &[&str]) -> Self {
        Self::Unknown {
            path: path.to_owned(),
            name: name.to_owned(),
            hint: did_you_mean(name, known),
            known: known.join(", "),
        }
    }
}

/// ` (did you mean "x"?)`, or nothing.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> String {
    nearest(name, known.iter().copied()).map_or(String::new(), |near| format!(" (did you mean {near:?}?)"))
}

/// A message stays readable when a value is a whole document.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}
