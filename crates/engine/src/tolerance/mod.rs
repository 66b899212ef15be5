//! Is this output within tolerance?
//!
//! A tolerance is a boolean, a whole number, a text, a list, or a mapping with a `type`: `regex`, `jsonpath`,
//! `range` or `probe`. The last is an activity, which this module neither checks nor runs: see [`probe_of`].
//!
//! Where the Chaos Toolkit breaks down instead of judging, the output is simply not met by the tolerance: two
//! bounds against an output that does not compare with them, a `range` against what is no number, a `regex`
//! against what is no text, a `target` in what is no mapping.

mod decimal;
mod error;
pub mod jsonpath;
mod path;
pub mod pattern;
mod plain;
mod range;
mod regex;

#[cfg(test)]
mod against_chaoslib;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::value::{Map, Value, python};

pub use error::{InvalidTolerance, ToleranceError};

/// Gives a value with its `${name}` replaced, for what may hold some.
pub type Substitute<'a> = dyn Fn(&Value) -> Value + 'a;

/// Checks all that can be told without an output. The activity of a `probe` tolerance is left to the caller:
/// see [`probe_of`].
///
/// # Errors
/// With the first fault, in the order in which the Chaos Toolkit looks for them.
pub fn validate(tolerance: &Value) -> Result<(), InvalidTolerance> {
    match tolerance {
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Text(_) | Value::List(_) => Ok(()),
        Value::Map(map) => validate_map(map),
        other => Err(InvalidTolerance::kind(other)),
    }
}

fn validate_map(map: &Map) -> Result<(), InvalidTolerance> {
    match type_of(map) {
        Some("probe") => Ok(()),
        Some("regex") => regex::validate(map),
        Some("jsonpath") => path::validate(map),
        Some("range") => range::validate(map),
        _ => Err(InvalidTolerance::map_type(map.get("type"))),
    }
}

/// The activity that judges the output, when the tolerance is a mapping of type `probe`. It gets the output as
/// its argument `value`, and the tolerance is met when its result is true in the Python sense.
pub fn probe_of(tolerance: &Value) -> Option<&Map> {
    tolerance.as_map().filter(|map| type_of(map) == Some("probe"))
}

/// The tolerance that counts: one that is text has its variables replaced, and may become a value of any kind.
pub fn resolve<'v>(tolerance: &'v Value, substitute: &Substitute<'_>) -> Cow<'v, Value> {
    match tolerance {
        Value::Text(_) => Cow::Owned(substitute(tolerance)),
        other => Cow::Borrowed(other),
    }
}

/// True when `output` is within `tolerance`, which [`resolve`] is applied to first; in mapping tolerances
/// `pattern`, `path` and `expect` are substituted. Kinds that [`validate`] refuses are never met.
///
/// # Errors
/// When a pattern or a path is wrong once its variables are replaced, when a search takes too long, and for a
/// `probe` tolerance, which has to be run.
pub fn check(tolerance: &Value, output: &Value, substitute: &Substitute<'_>) -> Result<bool, ToleranceError> {
    match resolve(tolerance, substitute).as_ref() {
        Value::Map(map) => check_map(map, output, substitute),
        plain => Ok(plain::met(plain, output)),
    }
}

fn check_map(map: &Map, output: &Value, substitute: &Substitute<'_>) -> Result<bool, ToleranceError> {
    let kind = type_of(map);
    if kind == Some("probe") {
        return Err(ToleranceError::Probe);
    }
    let Some(output) = target(map, output) else {
        return Ok(false);
    };
    match kind {
        Some("regex") => regex::check(map, output, substitute),
        Some("jsonpath") => path::check(map, output, substitute),
        Some("range") => Ok(range::met(map, output)),
        _ => Ok(false),
    }
}

fn type_of(map: &Map) -> Option<&str> {
    map.get("type").and_then(Value::as_str)
}

/// The entry of the output that `target` names; the whole output without a `target`, or when it is a mapping
/// without that entry; nothing when it is no mapping.
fn target<'v>(map: &Map, output: &'v Value) -> Option<&'v Value> {
    match map.get("target").filter(|name| python::truthy(name)) {
        None => Some(output),
        Some(name) => {
            let entries = output.as_map()?;
            Some(name.as_str().and_then(|name| entries.get(name)).unwrap_or(output))
        }
    }
}
