//! `type: jsonpath`: what a JSON path finds in the output.

use std::borrow::Cow;

use super::error::not_text;
use super::{InvalidTolerance, Substitute, ToleranceError, error, jsonpath};
use crate::value::{Map, Value, json, python};

pub(super) fn validate(map: &Map) -> Result<(), InvalidTolerance> {
    let (kind, key) = ("jsonpath", "path");
    let path = match map.get(key) {
        Some(Value::Text(path)) => path.trim(),
        Some(other) => {
            let found = error::shown(other);
            return Err(InvalidTolerance::NotText { kind, key, found });
        }
        None => {
            let meaning = "a JSON path to look up in the output";
            return Err(InvalidTolerance::Missing { kind, key, meaning });
        }
    };
    if path.is_empty() {
        return Err(InvalidTolerance::EmptyPath);
    }
    jsonpath::parse(path).map(drop).map_err(|error| {
        let path = path.to_owned();
        InvalidTolerance::Path { path, error }
    })
}

/// Text is read as JSON when it is JSON. What is found is compared with `expect`, or else its number with
/// `count`, or else it has to be something.
pub(super) fn check(map: &Map, output: &Value, substitute: &Substitute<'_>) -> Result<bool, ToleranceError> {
    let written = map.get("path").unwrap_or(&Value::Null);
    let path = match substitute(written) {
        Value::Text(path) => path,
        other => return Err(not_text("jsonpath", "path", &other)),
    };
    let path = jsonpath::parse(path.trim()).map_err(|mut error| {
        if written.as_str() != Some(&path) {
            error.problem = error::hidden();
        }
        ToleranceError::Path {
            path: written.as_str().unwrap_or_default().to_owned(),
            error,
        }
    })?;
    let document = document(output);
    let found = path.select(&document);
    Ok(match (map.get("expect").map(substitute), map.get("count")) {
        (Some(expected), _) => as_expected(&found, &expected),
        (None, Some(count)) if !count.is_null() => {
            let number = i64::try_from(found.len()).unwrap_or(i64::MAX);
            python::equal(count, &Value::Int(number))
        }
        (None, _) => !found.is_empty(),
    })
}

fn document(output: &Value) -> Cow<'_, Value> {
    let text = match output {
        Value::Text(text) => Some(text.as_str()),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    };
    text.and_then(|text| json::parse(text).ok())
        .map_or(Cow::Borrowed(output), Cow::Owned)
}

/// A list is everything that has to be found, any other value the only thing.
fn as_expected(found: &[Cow<'_, Value>], expected: &Value) -> bool {
    let expected = match expected {
        Value::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| python::equal(a, b))
}
