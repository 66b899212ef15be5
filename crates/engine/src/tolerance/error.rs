//! What is wrong with a tolerance.

use super::jsonpath::PathError;
use super::pattern::{PatternError, SearchError};
use crate::value::{Value, json, python};

const KINDS: &str =
    "true or false, a whole number, a text, a list, or a mapping of type regex, jsonpath, range or probe";

/// A tolerance that the validation refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTolerance {
    /// Null, a fraction, a date, …
    #[error("a tolerance cannot be {found}; write {KINDS}")]
    Kind {
        /// The value, as JSON.
        found: String,
    },
    /// A mapping whose `type` is missing or unknown.
    #[error("{}; use regex, jsonpath, range or probe", match found {
        Some(found) => format!("there is no tolerance of type {found}"),
        None => "a tolerance that is a mapping needs a `type`".to_owned(),
    })]
    Type {
        /// The type, as JSON.
        found: Option<String>,
    },
    /// A mapping without the entry that its type needs.
    #[error("a {kind} tolerance needs `{key}`: {meaning}")]
    Missing {
        /// `regex`, `jsonpath` or `range`.
        kind: &'static str,
        /// The entry.
        key: &'static str,
        /// What it is for.
        meaning: &'static str,
    },
    /// An entry that has to be text.
    #[error("`{key}` of a {kind} tolerance has to be text, not {found}")]
    NotText {
        /// `regex` or `jsonpath`.
        kind: &'static str,
        /// The entry.
        key: &'static str,
        /// The value, as JSON.
        found: String,
    },
    /// A `pattern` that does not compile.
    #[error("the pattern `{pattern}` of a regex tolerance is no Python regular expression: {error}")]
    Pattern {
        /// As it is written.
        pattern: String,
        /// Where and why.
        error: PatternError,
    },
    /// A `pattern` that would compile in Python but not here.
    #[error("the pattern `{pattern}` of a regex tolerance cannot be used: {error}")]
    Search {
        /// As it is written.
        pattern: String,
        /// Why.
        error: SearchError,
    },
    /// A `path` of spaces only.
    #[error("`path` of a jsonpath tolerance is empty; `$` is the whole output, `$.name` an entry of it")]
    EmptyPath,
    /// A `path` that does not parse.
    #[error("the path `{path}` of a jsonpath tolerance is no JSON path: {error}")]
    Path {
        /// As it is written.
        path: String,
        /// Where and why.
        error: PathError,
    },
    /// A `range` that is no list of two.
    #[error(
        "`range` of a range tolerance has to be a list of two numbers, the lower and the upper bound, not {found}"
    )]
    Range {
        /// The value, as JSON.
        found: String,
    },
    /// A bound that is no number.
    #[error("the {which} bound of a range tolerance has to be a number, not {found}")]
    Bound {
        /// `lower` or `upper`.
        which: &'static str,
        /// The value, as JSON.
        found: String,
    },
}

impl InvalidTolerance {
    pub(super) fn kind(found: &Value) -> Self {
        let found = shown(found);
        Self::Kind { found }
    }

    pub(super) fn map_type(found: Option<&Value>) -> Self {
        let found = found.map(shown);
        Self::Type { found }
    }
}

/// Why an output cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToleranceError {
    /// A `pattern` or `path` that is no text once its variables are replaced. The value is not shown: it may
    /// be a secret.
    #[error(
        "`{key}` of a {kind} tolerance has to be text, not a value of type {found}, once its variables are replaced"
    )]
    NotText {
        /// `regex` or `jsonpath`.
        kind: &'static str,
        /// The entry.
        key: &'static str,
        /// The Python name of the type.
        found: &'static str,
    },
    /// A `pattern` that does not compile once its variables are replaced; shown as it was written.
    #[error(
        "the pattern `{pattern}` is no Python regular expression once its variables are replaced: {error}"
    )]
    Pattern {
        /// Before the substitution.
        pattern: String,
        /// Where in the substituted pattern; why, if nothing was replaced.
        error: PatternError,
    },
    /// A search that has no answer.
    #[error("the pattern `{pattern}` could not be searched for: {error}")]
    Search {
        /// Before the substitution.
        pattern: String,
        /// Why.
        error: SearchError,
    },
    /// A `path` that does not parse once its variables are replaced; shown as it was written.
    #[error("the path `{path}` is no JSON path once its variables are replaced: {error}")]
    Path {
        /// Before the substitution.
        path: String,
        /// Where in the substituted path; why, if nothing was replaced.
        error: PathError,
    },
    /// The tolerance is a probe, which has to be run.
    #[error("a tolerance of type probe is judged by running it")]
    Probe,
}

/// A value for a message: JSON, cut short.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = json::compact(value);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Instead of a problem that may quote the value of a variable.
pub(super) fn hidden() -> String {
    "what is wrong is not shown, since the text that replaced a variable may be a secret".to_owned()
}

pub(super) fn not_text(kind: &'static str, key: &'static str, value: &Value) -> ToleranceError {
    let found = python::type_name(value);
    ToleranceError::NotText { kind, key, found }
}
