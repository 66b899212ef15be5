//! Bodies of requests, read as Go reads JSON: names in any case, null as if it were not there, what is unknown and what
//! comes after the first value ignored.

use serde_json::{Map, Value};

/// Why a body cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("EOF")]
    Empty,
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("`{name}` must be {expected}, not {given}")]
    Kind {
        name: String,
        expected: &'static str,
        given: Value,
    },
}

/// The fields of an object.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

/// The first JSON value of a body.
pub fn first_value(body: &[u8]) -> Result<Value, Unusable> {
    let mut values = serde_json::Deserializer::from_slice(body).into_iter();
    Ok(values.next().ok_or(Unusable::Empty)??)
}

impl Fields {
    pub fn of(value: Value) -> Result<Self, Unusable> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            Value::Null => Ok(Self::default()),
            given => Err(wrong("the body", "an object", &given)),
        }
    }

    /// The objects of a list.
    pub fn list_of(value: Value) -> Result<Vec<Self>, Unusable> {
        match value {
            Value::Array(values) => values.into_iter().map(Self::of).collect(),
            Value::Null => Ok(Vec::new()),
            given => Err(wrong("the body", "a list", &given)),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let mut fields = self.0.iter().rev();
        let found = fields.find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
        found.map(|(_, value)| value)
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Unusable> {
        let read = |value| read(value).ok_or_else(|| wrong(name, expected, value));
        self.get(name).map(read).transpose()
    }

    pub fn text(&self, name: &str) -> Result<Option<String>, Unusable> {
        self.read(name, "text", |value| value.as_str().map(str::to_owned))
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, Unusable> {
        self.read(name, "true or false", Value::as_bool)
    }

    pub fn integer(&self, name: &str) -> Result<Option<i64>, Unusable> {
        self.read(name, "a whole number", Value::as_i64)
    }

    pub fn number(&self, name: &str) -> Result<Option<f32>, Unusable> {
        self.read(name, "a number", |value| {
            value.as_f64().map(|number| number as f32)
        })
    }

    pub fn object(&self, name: &str) -> Result<Self, Unusable> {
        let object = self.read(name, "an object", Value::as_object)?;
        Ok(Self(object.cloned().unwrap_or_default()))
    }
}

fn wrong(name: &str, expected: &'static str, given: &Value) -> Unusable {
    Unusable::Kind {
        name: name.to_owned(),
        expected,
        given: given.clone(),
    }
}
