//! `type: regex`: Python's `re.search` in the output.

use super::error::not_text;
use super::pattern::Pattern;
use super::{InvalidTolerance, Substitute, ToleranceError, error};
use crate::value::{Map, Value};

pub(super) fn validate(map: &Map) -> Result<(), InvalidTolerance> {
    let (kind, key) = ("regex", "pattern");
    let pattern = match map.get(key) {
        Some(Value::Text(pattern)) => pattern,
        Some(other) => {
            let found = error::shown(other);
            return Err(InvalidTolerance::NotText { kind, key, found });
        }
        None => {
            let meaning = "a Python regular expression to search for in the output";
            return Err(InvalidTolerance::Missing { kind, key, meaning });
        }
    };
    let pattern = pattern.clone();
    match Pattern::parse(&pattern).map(|parsed| parsed.found_in("")) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(InvalidTolerance::Search { pattern, error }),
        Err(error) => Err(InvalidTolerance::Pattern { pattern, error }),
    }
}

/// An output that is no text is not met.
pub(super) fn check(map: &Map, output: &Value, substitute: &Substitute<'_>) -> Result<bool, ToleranceError> {
    let written = map.get("pattern").unwrap_or(&Value::Null);
    let pattern = match substitute(written) {
        Value::Text(pattern) => pattern,
        other => return Err(not_text("regex", "pattern", &other)),
    };
    let shown = || written.as_str().unwrap_or_default().to_owned();
    let parsed = Pattern::parse(&pattern).map_err(|mut error| {
        if written.as_str() != Some(&pattern) {
            error.problem = error::hidden();
        }
        ToleranceError::Pattern {
            pattern: shown(),
            error,
        }
    })?;
    match output {
        Value::Text(text) => parsed.found_in(text).map_err(|error| ToleranceError::Search {
            pattern: shown(),
            error,
        }),
        _ => Ok(false),
    }
}
