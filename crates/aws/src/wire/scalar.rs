//! Single values: from text (XML and headers) and from what JSON and CBOR hold.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chaos_engine::value::{Value, json, python};
use num_bigint::BigInt;
use num_traits::FromPrimitive as _;

use super::{Kind, Problem, moment};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text of an XML element. Lists, maps and structures have none.
pub(super) fn from_text(kind: Kind, text: &str) -> Result<Value, Problem> {
    match kind {
        Kind::Integer => python::parse_int(text).ok_or(Problem::value("a whole number")),
        Kind::Float => python::parse_float(text)
            .map(Value::Float)
            .ok_or(Problem::value("a number")),
        Kind::Boolean => Ok(Value::Bool(text == "true")),
        Kind::Timestamp => moment::of(&text.into()).ok_or(Problem::value("a timestamp")),
        Kind::Blob => base64(text),
        Kind::Policy => Ok(policy(text)),
        _ => Ok(text.into()),
    }
}

/// The text of a header. `None` for a date that is none: users of S3 put what they like into `Expires`.
pub(super) fn from_header(kind: Kind, text: &str) -> Result<Option<Value>, Problem> {
    match kind {
        Kind::Boolean => Ok(Some(Value::Bool(text.eq_ignore_ascii_case("true")))),
        Kind::Timestamp => Ok(moment::of(&text.into())),
        Kind::List(item) => text
            .split(',')
            .map(|part| from_text(Kind::of(item), part.trim()))
            .collect::<Result<_, _>>()
            .map(|items| Some(Value::List(items))),
        kind => from_text(kind, text).map(Some),
    }
}

/// A timestamp of JSON or CBOR.
pub(super) fn timestamp(value: &Value) -> Result<Value, Problem> {
    moment::of(value).ok_or(Problem::value("a timestamp"))
}

/// A blob of JSON (base64) or CBOR (bytes) as text.
pub(super) fn blob(value: Value) -> Result<Value, Problem> {
    match value {
        Value::Bytes(bytes) => Ok(lossy(&bytes)),
        Value::Text(text) => base64(&text),
        _ => Err(Problem::value("a blob")),
    }
}

/// What Python's `int(value)` makes of it.
pub(super) fn integer(value: Value) -> Result<Value, Problem> {
    let whole = match value {
        Value::Int(_) | Value::BigInt(_) => Some(value),
        Value::Bool(flag) => Some(Value::Int(flag.into())),
        Value::Float(number) => BigInt::from_f64(number.trunc()).map(Value::from_big),
        Value::Text(text) => python::parse_int(&text),
        _ => None,
    };
    whole.ok_or(Problem::value("a whole number"))
}

/// What Python's `float(value)` makes of it.
pub(super) fn float(value: &Value) -> Result<Value, Problem> {
    let number = match value {
        Value::Text(text) => python::parse_float(text),
        Value::Bool(flag) => Some(u8::from(*flag).into()),
        other => other.as_f64(),
    };
    number.map(Value::Float).ok_or(Problem::value("a number"))
}

/// A boolean, or the text of one.
pub(super) fn boolean(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Bool(text.eq_ignore_ascii_case("true")),
        other => other,
    }
}

/// The document that IAM puts into text, with URL escapes. It stays text when there is none.
fn policy(text: &str) -> Value {
    let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    json::parse(&plain).unwrap_or_else(|_| plain.as_ref().into())
}

/// Whatever is not of its alphabet is passed over, as by Python.
fn base64(text: &str) -> Result<Value, Problem> {
    let clean: Vec<u8> = text
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    match BASE64.decode(clean) {
        Ok(bytes) => Ok(lossy(&bytes)),
        Err(_) => Err(Problem::value("base64")),
    }
}

fn lossy(bytes: &[u8]) -> Value {
    Value::Text(String::from_utf8_lossy(bytes).into_owned())
}
