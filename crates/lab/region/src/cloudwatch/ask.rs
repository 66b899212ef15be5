//! What requests about metrics have in common.

use crate::input;
use crate::wire::ApiError;
use serde_json::{Map, Value, json};

/// `InvalidParameterValue` (400)
pub(super) fn invalid(why: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", why)
}

/// `InvalidParameterCombination` (400)
pub(super) fn unfitting(why: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", why)
}

/// Names and values of `Dimensions`.
///
/// # Errors
/// `InvalidParameterValue` for more than 30, and where a name or value is missing.
pub(super) fn dimensions(input: &Value) -> Result<Vec<(String, String)>, ApiError> {
    let list = input::list(input, "Dimensions");
    if list.len() > 30 {
        return Err(invalid(
            "The collection Dimensions must not have a size greater than 30.",
        ));
    }
    let part = |one, member| {
        let part = input::text(one, member).map(str::to_owned);
        part.ok_or_else(|| invalid(format!("A dimension needs a {member}.")))
    };
    list.iter()
        .map(|one| Ok((part(one, "Name")?, part(one, "Value")?)))
        .collect()
}

/// Dimensions as the store takes them.
pub(super) fn borrowed(dimensions: &[(String, String)]) -> Vec<(&str, &str)> {
    dimensions
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Dimensions as answers show them.
pub(super) fn shown(dimensions: &[(String, String)]) -> Value {
    dimensions
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect()
}

/// A period of metrics: 1, 5, 10, 20, 30 or a multiple of 60 seconds.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn period(input: &Value) -> Result<i64, ApiError> {
    match input::integer(input, "Period")? {
        Some(period) if is_period(period) => Ok(period),
        _ => Err(invalid(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        )),
    }
}

fn is_period(period: i64) -> bool {
    [1, 5, 10, 20, 30].contains(&period) || (period > 0 && period % 60 == 0)
}

/// The seconds from `StartTime` to `EndTime`, both rounded up: so a window that ends now holds what came in this second, and is as long as it
/// was asked for. AWS rounds the start down to minutes instead, which would be too coarse for a lab that runs faster.
///
/// # Errors
/// `InvalidParameterValue` where one is missing or the start is not before the end.
pub(super) fn window(input: &Value) -> Result<(i64, i64), ApiError> {
    let part = |member| {
        let time = input::time(input, member)?.filter(|time| time.is_finite());
        time.ok_or_else(|| invalid(format!("The parameter {member} is required.")))
    };
    let (start, end) = (part("StartTime")?, part("EndTime")?);
    if start >= end {
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    Ok((start.ceil() as i64, end.ceil() as i64))
}

/// One page of a list, with a `NextToken` where there are more.
///
/// # Errors
/// `InvalidNextToken` for a token that no answer gave; `InvalidParameterValue` for a size that AWS does not take.
pub(super) fn page(
    member: &str,
    items: Vec<Value>,
    input: &Value,
    default: usize,
) -> Result<Map<String, Value>, ApiError> {
    let from: usize = match input::text(input, "NextToken") {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| ApiError::new("InvalidNextToken", "The token is not one of an answer."))?,
    };
    let size = match input::integer(input, "MaxRecords")? {
        None => default,
        Some(size @ 1..=100) => size as usize,
        Some(_) => return Err(invalid("The parameter MaxRecords must be from 1 to 100.")),
    };
    let more = items.len() > from.saturating_add(size);
    let items: Vec<Value> = items.into_iter().skip(from).take(size).collect();
    let mut answer = Map::from_iter([(member.to_owned(), Value::Array(items))]);
    if more {
        answer.insert("NextToken".to_owned(), json!((from + size).to_string()));
    }
    Ok(answer)
}
