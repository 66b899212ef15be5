//! From text, or from a `default` of any type, to the type that was asked for.

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use super::VarError;
use crate::value::{Value, json, python};

/// Converts the text of a variable; `kind` is the type as written, text when there is none.
///
/// # Errors
/// When the type is unknown, or the value does not convert.
pub fn convert(value: &str, kind: Option<&str>) -> Result<Value, VarError> {
    convert_value(&Value::from(value), kind)
}

/// The same for a value that may not be text: the `default` of a configuration entry. Text and JSON take any value
/// as it is; numbers convert into each other as Python's `int()` and `float()` do.
///
/// # Errors
/// When the type is unknown, or the value does not convert.
pub fn convert_value(value: &Value, kind: Option<&str>) -> Result<Value, VarError> {
    let name = kind.unwrap_or("str");
    let (converted, expected) = match name {
        "str" | "string" => (Some(value.clone()), "text"),
        "int" | "integer" => (int(value), "a whole number"),
        "float" | "number" => (float(value).map(Value::Float), "a number"),
        "bytes" => (value.as_str().map(|text| Value::Bytes(text.into())), "text"),
        "bool" => (boolean(value).map(Value::Bool), "text or a boolean"),
        "json" => return from_json(value),
        other => return Err(VarError::UnknownType(other.to_owned())),
    };
    converted.ok_or_else(|| VarError::NotOfType {
        kind: name.to_owned(),
        expected,
        detail: String::new(),
    })
}

fn int(value: &Value) -> Option<Value> {
    match value {
        Value::Text(text) => python::parse_int(text),
        Value::Bytes(bytes) => python::parse_int(std::str::from_utf8(bytes).ok()?),
        Value::Bool(flag) => Some(Value::Int((*flag).into())),
        Value::Int(_) | Value::BigInt(_) => Some(value.clone()),
        Value::Float(number) => BigInt::from_f64(number.trunc()).map(Value::from_big),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Text(text) => python::parse_float(text),
        Value::Bytes(bytes) => python::parse_float(std::str::from_utf8(bytes).ok()?),
        Value::Bool(flag) => Some(u8::from(*flag).into()),
        // a whole number beyond the range of floats is refused, as in Python
        number => number
            .as_f64()
            .filter(|float| float.is_finite() || matches!(number, Value::Float(_))),
    }
}

/// Everything but a few words is true, as in the Chaos Toolkit.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Text(text) => Some(!matches!(text.to_lowercase().as_str(), "false" | "0" | "no")),
        _ => None,
    }
}

fn from_json(value: &Value) -> Result<Value, VarError> {
    match value {
        Value::Text(text) if !text.is_empty() => json::parse(text).map_err(|error| VarError::NotOfType {
            kind: "json".to_owned(),
            expected: "JSON",
            detail: format!(": {error}"),
        }),
        other => Ok(other.clone()),
    }
}
