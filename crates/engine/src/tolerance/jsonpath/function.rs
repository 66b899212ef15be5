//! The functions that a path may call on a value.

use super::slice;
use crate::value::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    CharAt,
    Entries,
    Keys,
    Length,
    Substring,
    Values,
}

const NAMES: [(&str, Function); 6] = [
    ("charAt", Function::CharAt),
    ("entries", Function::Entries),
    ("keys", Function::Keys),
    ("length", Function::Length),
    ("substring", Function::Substring),
    ("values", Function::Values),
];

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, f)| f)
    }

    /// For messages.
    pub(super) fn names() -> String {
        NAMES.map(|(name, _)| name).join(", ")
    }

    /// What it makes of `value`; `None` when the value or the arguments are not of the kind it takes.
    pub(super) fn call(self, value: &Value, arguments: &[Value]) -> Option<Value> {
        match (self, value, arguments) {
            (Self::Length, Value::List(items), []) => Some(count(items.len())),
            (Self::Length, Value::Text(text), []) => Some(count(text.chars().count())),
            (Self::Keys, Value::List(items), []) => Some(Value::List((0..items.len()).map(count).collect())),
            (Self::Keys, Value::Map(map), []) => Some(Value::List(keys(map))),
            (Self::Values, Value::List(_), []) => Some(value.clone()),
            (Self::Values, Value::Map(map), []) => Some(Value::List(map.values().cloned().collect())),
            (Self::Entries, Value::List(items), []) => Some(entries((0..items.len()).map(count), items)),
            (Self::Entries, Value::Map(map), []) => Some(entries(keys(map), map.values())),
            (Self::CharAt, Value::Text(text), [at]) => char_at(text, whole(at)?),
            (Self::Substring, Value::Text(text), [from]) => Some(substring(text, whole(from)?, None)),
            (Self::Substring, Value::Text(text), [from, to]) => {
                Some(substring(text, whole(from)?, Some(whole(to)?)))
            }
            _ => None,
        }
    }
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn keys(map: &Map) -> Vec<Value> {
    map.keys().map(|key| key.as_str().into()).collect()
}

fn entries<'v>(keys: impl IntoIterator<Item = Value>, values: impl IntoIterator<Item = &'v Value>) -> Value {
    let pair = |(key, value): (Value, &Value)| Value::List(vec![key, value.clone()]);
    Value::List(keys.into_iter().zip(values).map(pair).collect())
}

/// Booleans count as 0 and 1, as everywhere in this dialect.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) => Some(slice::saturated(value)),
        _ => None,
    }
}

fn char_at(text: &str, at: i64) -> Option<Value> {
    let at = slice::within(at, text.chars().count())?;
    text.chars().nth(at).map(|c| c.to_string().into())
}

fn substring(text: &str, from: i64, to: Option<i64>) -> Value {
    let range = slice::bounds(from, to, text.chars().count());
    let part: String = text.chars().skip(range.start).take(range.len()).collect();
    part.into()
}
