//! The records of activities in a journal. There can be thousands, so that one whose activity has ended is kept as
//! the JSON text that it will be written from.

use crate::value::{Map, Value, json};

/// A record of an activity.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Of an activity that is under way.
    Open(Map),
    /// Of one that has ended, as JSON on one line.
    Closed(Box<str>),
}

impl Record {
    /// From whatever a control made of a record.
    pub fn of(value: &Value) -> Self {
        Self::Closed(json::compact(value).into())
    }

    /// The record to change; `None` where a control put something else in its place.
    pub fn open(&mut self) -> Option<&mut Map> {
        if let Self::Closed(_) = self
            && let Value::Map(record) = self.to_value()
        {
            *self = Self::Open(record);
        }
        match self {
            Self::Open(record) => Some(record),
            Self::Closed(_) => None,
        }
    }

    /// Nobody changes it any more, or hardly ever.
    pub fn close(&mut self) {
        if let Self::Open(record) = self {
            let mut text = String::new();
            json::write_entries(&mut text, record, None);
            *self = Self::Closed(text.into());
        }
    }

    /// The record as a value.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Open(record) => record.clone().into(),
            // it was written by us, so it can be read
            Self::Closed(text) => json::parse(text).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::map;

    #[test]
    fn a_closed_record_opens_as_it_was() {
        let content = map([(
            "output",
            vec![Value::Float(1.0), Value::Int(1), Value::Null].into(),
        )]);
        let mut record = Record::Open(content.clone());
        record.close();
        assert!(matches!(record, Record::Closed(_)));
        assert_eq!(record.to_value(), Value::Map(content.clone()));
        assert_eq!(record.open(), Some(&mut content.clone()));
        assert_eq!(Record::of(&Value::Int(3)).open(), None);
    }
}
