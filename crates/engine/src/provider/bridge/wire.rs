//! Frames of JSON, and what JSON cannot say as one-entry mappings whose key starts with a zero character.
//!
//! The counterpart of `worker/_chaos_bridge/wire.py`.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::value::{Map, Moment, Value, json};

const BYTES: &str = "\0bytes";
const DATE: &str = "\0date";
const TIME: &str = "\0time";
const MAP: &str = "\0map";

/// The message as bytes on the link: its length in four bytes, then its text.
///
/// A message of 4 GiB or more has no frame.
pub(super) fn frame(message: &Value) -> Option<Vec<u8>> {
    let text = json::compact(message);
    let mut frame = u32::try_from(text.len()).ok()?.to_be_bytes().to_vec();
    frame.extend_from_slice(text.as_bytes());
    Some(frame)
}

/// The next message; an error when the link ends or what comes is no message.
pub(super) async fn receive(link: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Value> {
    let size = u64::from(link.read_u32().await?);
    let mut text = String::new();
    if link.take(size).read_to_string(&mut text).await? as u64 != size {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    json::parse(&text).map_err(std::io::Error::other)
}

/// `value` in terms that JSON has.
pub(super) fn tagged(value: &Value) -> Value {
    match value {
        Value::Bytes(bytes) => tag(BYTES, STANDARD.encode(bytes).into()),
        Value::Time(date @ Moment::Date(_)) => tag(DATE, date.iso('T').into()),
        Value::Time(time) => tag(TIME, time.iso('T').into()),
        Value::List(items) => Value::List(items.iter().map(tagged).collect()),
        Value::Map(map) => tagged_map(map),
        plain => plain.clone(),
    }
}

/// A mapping of any keys, those of tags among them.
pub(super) fn tagged_map(map: &Map) -> Value {
    let entries = map.iter().map(|(key, value)| (key.clone(), tagged(value)));
    if !map.keys().any(|key| key.starts_with('\0')) {
        return Value::Map(entries.collect());
    }
    let pairs = entries.map(|(key, value)| Value::List(vec![key.into(), value]));
    tag(MAP, Value::List(pairs.collect()))
}

fn tag(name: &str, content: Value) -> Value {
    Value::Map([(name.to_owned(), content)].into_iter().collect())
}

/// What a value of the link stands for.
pub(super) fn untagged(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(untagged).collect()),
        Value::Map(map) => match map.first() {
            Some((name, _)) if map.len() == 1 && name.starts_with('\0') => meaning(map),
            _ => Value::Map(entries(map)),
        },
        plain => plain,
    }
}

fn entries(map: Map) -> Map {
    map.into_iter()
        .map(|(key, value)| (key, untagged(value)))
        .collect()
}

fn meaning(mut map: Map) -> Value {
    match map.pop() {
        Some((name, Value::Text(text))) => from_text(&name, &text).unwrap_or(Value::Text(text)),
        Some((name, Value::List(pairs))) if name == MAP => {
            Value::Map(pairs.into_iter().filter_map(pair).collect())
        }
        _ => Value::Null,
    }
}

fn pair(value: Value) -> Option<(String, Value)> {
    let Value::List(items) = value else { return None };
    match <[Value; 2]>::try_from(items).ok()? {
        [Value::Text(key), value] => Some((key, untagged(value))),
        _ => None,
    }
}

/// `None` for a moment that cannot be told here, such as one in a zone with seconds: it stays text.
fn from_text(name: &str, text: &str) -> Option<Value> {
    match name {
        BYTES => STANDARD.decode(text).ok().map(Value::Bytes),
        DATE => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .map(Moment::Date)
            .map(Value::Time),
        _ => time(text).map(Value::Time),
    }
}

fn time(text: &str) -> Option<Moment> {
    let aware = DateTime::parse_from_rfc3339(text).map(Moment::Aware);
    aware
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(Moment::Naive))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::map;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<i32>().prop_map(|n| Value::Float(f64::from(n) / 8.0)),
            "[\0a-c]{0,3}".prop_map(Value::Text),
            any::<Vec<u8>>().prop_map(Value::Bytes),
            (0i64..4_000_000_000_000_000).prop_map(|micros| {
                Value::Time(Moment::Aware(
                    DateTime::from_timestamp_micros(micros).unwrap().fixed_offset(),
                ))
            }),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec(("(\0(bytes|map|x))?[a-b]{0,1}", inner), 0..4)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_crosses_unchanged(value in any_value()) {
            let crossed = json::parse(&json::compact(&tagged(&value))).unwrap();
            prop_assert_eq!(untagged(crossed), value);
        }
    }

    #[test]
    fn a_moment_that_cannot_be_told_stays_text() {
        let odd = Value::Map(map([(TIME, "2024-02-29T10:11:12+00:00:30".into())]));
        assert_eq!(untagged(odd), "2024-02-29T10:11:12+00:00:30".into());
    }

    #[tokio::test]
    async fn a_frame_is_read_back_and_a_torn_one_is_an_error() {
        let message: Value = map([("a", "é".into())]).into();
        let bytes = frame(&message).unwrap();
        assert_eq!(receive(&mut bytes.as_slice()).await.unwrap(), message);
        assert!(receive(&mut &bytes[..bytes.len() - 1]).await.is_err());
    }
}
