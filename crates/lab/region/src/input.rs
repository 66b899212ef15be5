//! Reads the members of a request, however its protocol spelled them: the query protocols make strings of everything.

use serde_json::Value;

use crate::wire::ApiError;

/// A text member, or nothing where it is missing or empty.
pub fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// A text member that must be there.
///
/// # Errors
/// `ValidationError` (400), with the member's name.
pub fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(input, name)
        .ok_or_else(|| ApiError::validation(format!("The request must contain the parameter {name}.")))
}

/// A whole number, given as a number or as text.
///
/// # Errors
/// `ValidationError` (400) for what is no whole number.
pub fn integer(input: &Value, name: &str) -> Result<Option<i64>, ApiError> {
    match number(input, name)? {
        None => Ok(None),
        Some(value) if value.fract() == 0.0 => Ok(Some(value as i64)),
        Some(_) => Err(ApiError::validation(format!("{name} must be a whole number."))),
    }
}

/// A number, given as a number or as text.
///
/// # Errors
/// `ValidationError` (400) for what is no number.
pub fn number(input: &Value, name: &str) -> Result<Option<f64>, ApiError> {
    let refused = || ApiError::validation(format!("{name} must be a number."));
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(value)) => Ok(value.as_f64()),
        Some(Value::String(value)) => value.parse().map(Some).map_err(|_| refused()),
        Some(_) => Err(refused()),
    }
}

/// A boolean, given as one or as text.
pub fn flag(input: &Value, name: &str) -> Option<bool> {
    match input.get(name)? {
        Value::Bool(value) => Some(*value),
        Value::String(value) => Some(value.eq_ignore_ascii_case("true")),
        _ => None,
    }
}

/// The items of a list member; none where it is missing.
pub fn list<'a>(input: &'a Value, name: &str) -> &'a [Value] {
    input
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts of a list member; one text alone is a list of one, as an address with one such member has it.
pub fn texts(input: &Value, name: &str) -> Vec<String> {
    if let Some(alone) = text(input, name) {
        return vec![alone.to_owned()];
    }
    list(input, name)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Seconds since 1970, from a number (JSON, CBOR) or an ISO 8601 text (query).
///
/// # Errors
/// `ValidationError` (400) for what is no time.
pub fn time(input: &Value, name: &str) -> Result<Option<f64>, ApiError> {
    let Some(written) = input.get(name).and_then(Value::as_str) else {
        return number(input, name);
    };
    chrono::DateTime::parse_from_rfc3339(written)
        .map(|time| Some(time.timestamp_millis() as f64 / 1000.0))
        .or_else(|_| number(input, name))
}
