//! CBOR, as RPC v2 services send it.

use chaos_engine::value::{Map, Value};
use minicbor::data::{Tag, Type};
use minicbor::decode::{Decoder, Error};
use num_bigint::BigInt;

use super::{DEPTH, Problem, moment};

/// Seconds since the epoch.
const TIMESTAMP: u64 = 1;

/// Reads one item. Timestamps become ISO text; entries without a value are left out, as by botocore.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    item(&mut Decoder::new(bytes), DEPTH).map_err(|error| Problem::body("CBOR", &error))
}

fn item(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, Error> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Error::message("it is nested too deeply"));
    };
    match decoder.datatype()? {
        Type::Null => decoder.null().map(|()| Value::Null),
        Type::Undefined => decoder.undefined().map(|()| Value::Null),
        Type::Bool => decoder.bool().map(Value::Bool),
        Type::F16 => decoder.f16().map(|number| Value::Float(number.into())),
        Type::F32 => decoder.f32().map(|number| Value::Float(number.into())),
        Type::F64 => decoder.f64().map(Value::Float),
        Type::Bytes | Type::BytesIndef => bytes(decoder).map(Value::Bytes),
        Type::String | Type::StringIndef => decoder
            .str_iter()?
            .collect::<Result<String, _>>()
            .map(Value::Text),
        Type::Array | Type::ArrayIndef => list(decoder, depth),
        Type::Map | Type::MapIndef => map(decoder, depth),
        Type::Tag => tagged(decoder, depth),
        other if is_whole(other) => decoder
            .int()
            .map(|number| Value::from_big(BigInt::from(i128::from(number)))),
        other => Err(Error::type_mismatch(other).with_message("a type that AWS does not send")),
    }
}

fn is_whole(kind: Type) -> bool {
    use Type::{I8, I16, I32, I64, Int, U8, U16, U32, U64};
    matches!(kind, U8 | U16 | U32 | U64 | I8 | I16 | I32 | I64 | Int)
}

fn bytes(decoder: &mut Decoder<'_>) -> Result<Vec<u8>, Error> {
    let mut whole = Vec::new();
    for chunk in decoder.bytes_iter()? {
        whole.extend_from_slice(chunk?);
    }
    Ok(whole)
}

fn list(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, Error> {
    let mut left = decoder.array()?;
    let mut items = Vec::new();
    while more(decoder, &mut left)? {
        items.push(item(decoder, depth)?);
    }
    Ok(Value::List(items))
}

fn map(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, Error> {
    let mut left = decoder.map()?;
    let mut entries = Map::new();
    while more(decoder, &mut left)? {
        let Value::Text(key) = item(decoder, depth)? else {
            return Err(Error::message("a key is not text"));
        };
        let value = item(decoder, depth)?;
        if !value.is_null() {
            entries.insert(key, value);
        }
    }
    Ok(Value::Map(entries))
}

/// Whether one more follows: `left` are told beforehand, or else a break says that it was the last.
fn more(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, Error> {
    if let Some(left) = left {
        let more = *left > 0;
        *left = left.saturating_sub(1);
        return Ok(more);
    }
    if decoder.datatype()? != Type::Break {
        return Ok(true);
    }
    decoder.set_position(decoder.position() + 1);
    Ok(false)
}

fn tagged(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, Error> {
    if decoder.tag()? != Tag::new(TIMESTAMP) {
        return Err(Error::message("a tag that AWS does not send"));
    }
    moment::of(&item(decoder, depth)?)
        .ok_or_else(|| Error::message("a timestamp is out of range or no number"))
}
