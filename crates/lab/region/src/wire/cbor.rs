//! Bodies of the rpcv2Cbor protocol, which newer clients of CloudWatch speak.

use ciborium::Value as Cbor;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::response::time_of;

/// The CBOR tag of a time in seconds since 1970.
const TIME: u64 = 1;

/// Reads a body. An empty body is an empty input.
///
/// # Errors
/// `SerializationException` for what is no CBOR.
pub fn read(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    ciborium::from_reader(body)
        .map(json_of)
        .map_err(|error| ApiError::new("SerializationException", format!("The body is no CBOR: {error}")))
}

/// Writes a body.
pub fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    // writing to memory cannot fail
    let _ = ciborium::into_writer(&cbor_of(value), &mut out);
    out
}

fn json_of(value: Cbor) -> Value {
    match value {
        Cbor::Bool(value) => Value::Bool(value),
        Cbor::Integer(value) => i64::try_from(value).map_or(Value::Null, Value::from),
        Cbor::Float(value) => json!(value),
        Cbor::Text(value) => Value::String(value),
        Cbor::Array(items) => items.into_iter().map(json_of).collect(),
        Cbor::Map(members) => Value::Object(members.into_iter().filter_map(member).collect()),
        Cbor::Tag(_, inner) => json_of(*inner),
        _ => Value::Null,
    }
}

fn member((name, value): (Cbor, Cbor)) -> Option<(String, Value)> {
    Some((name.into_text().ok()?, json_of(value)))
}

fn cbor_of(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(value) => match value.as_i64() {
            Some(whole) => Cbor::Integer(whole.into()),
            None => Cbor::Float(value.as_f64().unwrap_or_default()),
        },
        Value::String(value) => Cbor::Text(value.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(cbor_of).collect()),
        Value::Object(members) => match time_of(value) {
            Some(time) => Cbor::Tag(TIME, Box::new(Cbor::Float(time))),
            None => Cbor::Map(entries(members)),
        },
    }
}

fn entries(members: &Map<String, Value>) -> Vec<(Cbor, Cbor)> {
    let set = members.iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (Cbor::Text(name.clone()), cbor_of(value)))
        .collect()
}
