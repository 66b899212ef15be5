//! To and from serde: native activities read their arguments from a [`Value`] and return one.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Map, Value, python};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Int(number) => serializer.serialize_i64(*number),
            // serde has no integers of any size; 128 bits, else text
            Self::BigInt(number) => match i128::try_from(&**number) {
                Ok(number) => serializer.serialize_i128(number),
                Err(_) => serializer.serialize_str(&number.to_string()),
            },
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(_) => serializer.serialize_str(&python::repr(self)),
            Self::Time(moment) => serializer.serialize_str(&moment.iso('T')),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(map) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                map.iter()
                    .try_for_each(|(key, value)| entries.serialize_entry(key, value))?;
                entries.end()
            }
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(flag),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => match number.as_u64() {
                    Some(whole) => Self::from_big(whole.into()),
                    None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
                },
            },
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => Self::Map(
                map.into_iter()
                    .map(|(key, value)| (key, Self::from(value)))
                    .collect::<Map>(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn a_value_passes_through_serde_and_back() {
        let value = json::parse(r#"{"a":[1,2.5,null,true,"x"],"b":{"c":-1}}"#).unwrap();
        let through = serde_json::to_value(&value).unwrap();
        assert_eq!(Value::from(through), value);
    }
}
