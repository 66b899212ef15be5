//! `type: range`: a number between two bounds, both included.

use super::decimal::Decimal;
use super::{InvalidTolerance, error};
use crate::value::{Map, Value};

pub(super) fn validate(map: &Map) -> Result<(), InvalidTolerance> {
    let Some(range) = map.get("range") else {
        return Err(InvalidTolerance::Missing {
            kind: "range",
            key: "range",
            meaning: "a list of two numbers, the lower and the upper bound",
        });
    };
    let Some([low, high]) = range.as_list() else {
        let found = error::shown(range);
        return Err(InvalidTolerance::Range { found });
    };
    bound("lower", low)?;
    bound("upper", high)
}

/// Python counts booleans as numbers.
fn bound(which: &'static str, value: &Value) -> Result<(), InvalidTolerance> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => Ok(()),
        other => {
            let found = error::shown(other);
            Err(InvalidTolerance::Bound { which, found })
        }
    }
}

/// The output is a number or the text of one, compared without rounding; anything else is not met.
pub(super) fn met(map: &Map, output: &Value) -> bool {
    let Some([low, high, ..]) = map.get("range").and_then(Value::as_list) else {
        return false;
    };
    let all = (Decimal::of(low), Decimal::of(output), Decimal::of(high));
    match all {
        (Some(low), Some(value), Some(high)) => low <= value && value <= high,
        _ => false,
    }
}
