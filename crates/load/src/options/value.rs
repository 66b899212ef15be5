//! Reading of one option from JSON or from text, and showing it as k6 shows it.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::OptionsError;
use super::duration;

/// A type that an option can have.
pub(super) trait OptionValue: Sized {
    /// Reads what a script or a configuration file says; `at` is its path, for messages.
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError>;

    /// Reads what an environment variable says; `at` is its name.
    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        Self::read(&Value::from(text), at)
    }

    /// As JSON, as `k6 inspect` prints it.
    fn show(&self) -> Value;
}

/// `null` is as good as not there, as k6 does.
pub(super) fn read_option<T: OptionValue>(value: &Value, at: &str) -> Result<Option<T>, OptionsError> {
    match value {
        Value::Null => Ok(None),
        value => T::read(value, at).map(Some),
    }
}

/// An empty variable is as good as none, as k6 does.
pub(super) fn read_text_option<T: OptionValue>(text: &str, at: &str) -> Result<Option<T>, OptionsError> {
    match text {
        "" => Ok(None),
        text => T::read_text(text, at).map(Some),
    }
}

pub(super) fn show_option<T: OptionValue>(value: Option<&T>) -> Value {
    value.map_or(Value::Null, OptionValue::show)
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole_float(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Scripts know only floating point numbers.
fn whole_float(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < i64::MAX as f64).then_some(number as i64)
}

impl OptionValue for i64 {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        whole(value).ok_or_else(|| OptionsError::kind(at, value, "a whole number"))
    }

    fn show(&self) -> Value {
        Value::from(*self)
    }
}

impl OptionValue for u64 {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        whole(value)
            .and_then(|number| u64::try_from(number).ok())
            .ok_or_else(|| OptionsError::kind(at, value, "a whole number of zero or more"))
    }

    fn show(&self) -> Value {
        Value::from(*self)
    }
}

impl OptionValue for bool {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        value
            .as_bool()
            .ok_or_else(|| OptionsError::kind(at, value, "true or false"))
    }

    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        text.parse()
            .map_err(|_| OptionsError::kind(at, format!("{text:?}"), "true or false"))
    }

    fn show(&self) -> Value {
        Value::from(*self)
    }
}

impl OptionValue for String {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(OptionsError::kind(at, other, "a text")),
        }
    }

    fn show(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl OptionValue for Duration {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let read = match value {
            Value::String(text) => duration::parse(text),
            Value::Number(number) => duration::from_millis(number.as_f64().unwrap_or(f64::NAN)),
            _ => Err(duration::DurationError::Unreadable),
        };
        read.map_err(|error| OptionsError::kind(at, value, error.to_string()))
    }

    fn show(&self) -> Value {
        Value::from(duration::show(*self))
    }
}

/// What this tool does not look into: options of k6's cloud and of its extensions.
impl OptionValue for Value {
    fn read(value: &Value, _at: &str) -> Result<Self, OptionsError> {
        Ok(value.clone())
    }

    fn show(&self) -> Value {
        self.clone()
    }
}

impl<T: OptionValue> OptionValue for Vec<T> {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let items = value
            .as_array()
            .ok_or_else(|| OptionsError::kind(at, value, "a list"))?;
        let read = |(place, item)| T::read(item, &format!("{at}[{place}]"));
        items.iter().enumerate().map(read).collect()
    }

    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        text.split(',')
            .map(|item| T::read_text(item.trim(), at))
            .collect()
    }

    fn show(&self) -> Value {
        self.iter().map(OptionValue::show).collect()
    }
}

impl<T: OptionValue> OptionValue for IndexMap<String, T> {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let read =
            |(name, item): (&String, &Value)| Ok((name.clone(), T::read(item, &format!("{at}.{name}"))?));
        object(value, at)?.iter().map(read).collect()
    }

    /// `name:value,name:value`.
    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        let read = |pair: &str| {
            let (name, value) = pair
                .split_once(':')
                .ok_or_else(|| OptionsError::kind(at, format!("{pair:?}"), "a pair such as name:value"))?;
            Ok((name.trim().to_owned(), T::read_text(value.trim(), at)?))
        };
        text.split(',').map(read).collect()
    }

    fn show(&self) -> Value {
        let shown: Map<String, Value> = self
            .iter()
            .map(|(name, item)| (name.clone(), item.show()))
            .collect();
        Value::Object(shown)
    }
}

pub(super) fn object<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, OptionsError> {
    value
        .as_object()
        .ok_or_else(|| OptionsError::kind(at, value, "an object"))
}

/// A member by its name, in any case, as k6 finds it.
pub(super) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> &'a Value {
    let any_case = || {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    object.get(name).or_else(any_case).unwrap_or(&Value::Null)
}

/// Declares a struct of optional members once, with all that is done member by member.
///
/// Each line is a field, its type, its name in a script, and the environment variable if it has one.
macro_rules! members {
    (
        $(#[$outer:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $field:ident: $kind:ty = $json:literal $(/ $env:literal)?, )*
        }
        plus { $( $(#[$extra_doc:meta])* $extra:ident: $extra_kind:ty, )* }
    ) => {
        $(#[$outer])*
        pub struct $name {
            $( $(#[$doc])* pub $field: Option<$kind>, )*
            $( $(#[$extra_doc])* pub $extra: $extra_kind, )*
        }

        impl $name {
            /// The names of the members, as scripts write them.
            pub const NAMES: &'static [&'static str] = &[$($json),*];

            /// Sets the member of that name, in any case of letters; false when there is none.
            fn set(&mut self, name: &str, value: &serde_json::Value, at: &str) -> Result<bool, OptionsError> {
                $( if name.eq_ignore_ascii_case($json) {
                    self.$field = $crate::options::value::read_option(value, at)?;
                    return Ok(true);
                } )*
                Ok(false)
            }

            /// Sets the member of that environment variable; false when there is none.
            #[allow(dead_code, unused_variables)]
            fn set_text(&mut self, variable: &str, text: &str) -> Result<bool, OptionsError> {
                $( $( if variable == $env {
                    self.$field = $crate::options::value::read_text_option(text, variable)?;
                    return Ok(true);
                } )? )*
                Ok(false)
            }

            /// Takes from `weaker` what is not set here.
            #[allow(dead_code)]
            fn fill_from(&mut self, weaker: Self) {
                $( self.$field = self.$field.take().or(weaker.$field); )*
            }

            /// The member of that name as JSON.
            fn shown(&self, name: &str) -> serde_json::Value {
                $( if name == $json {
                    return $crate::options::value::show_option(self.$field.as_ref());
                } )*
                serde_json::Value::Null
            }
        }
    };
}
pub(super) use members;
