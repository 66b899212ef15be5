//! Tolerances that are values: equal to the output, or a list of what it may be.

use crate::value::{Value, python};

/// Booleans, texts and whole numbers are compared with Python's `==`; a whole number and a list look at the
/// `status` of an output that has one. Of a list of two that is compared with anything else, the items are bounds.
pub(super) fn met(tolerance: &Value, output: &Value) -> bool {
    match tolerance {
        Value::Bool(_) | Value::Text(_) => python::equal(tolerance, output),
        Value::Int(_) | Value::BigInt(_) => python::equal(tolerance, output.get("status").unwrap_or(output)),
        Value::List(items) => listed(items, output),
        _ => false,
    }
}

fn listed(items: &[Value], output: &Value) -> bool {
    match (output.get("status"), items) {
        (Some(status), _) => among(items, status),
        (None, [low, high]) => between(low, output, high),
        (None, _) => among(items, output),
    }
}

fn among(items: &[Value], value: &Value) -> bool {
    items.iter().any(|item| python::equal(item, value))
}

/// False when they do not compare.
fn between(low: &Value, value: &Value, high: &Value) -> bool {
    let ordered = |a, b| python::compare(a, b).is_some_and(std::cmp::Ordering::is_le);
    ordered(low, value) && ordered(value, high)
}
