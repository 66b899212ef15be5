//! The check of what an experiment gives an activity or a control, before anything runs.

use schemars::Schema;
use serde::de::DeserializeOwned;

use crate::nearest::nearest;
use crate::value::{Map, Value, python};

/// Arguments that an activity cannot take, found before anything runs.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArgumentError {
    /// A required argument is not given.
    #[error("argument `{name}` of {activity} is missing; it takes {takes}")]
    Missing {
        activity: String,
        name: String,
        takes: String,
    },
    /// A given argument does not exist.
    #[error("{activity} has no argument `{name}`{hint}; it takes {takes}")]
    Unknown {
        activity: String,
        name: String,
        hint: String,
        takes: String,
    },
    /// A given argument has the wrong type.
    #[error("argument `{name}` of {activity} must be {expected}, not {found}")]
    Type {
        activity: String,
        name: String,
        expected: String,
        found: String,
    },
    /// The arguments do not fit for another reason.
    #[error("arguments of {activity}: {reason}")]
    Other { activity: String, reason: String },
}

/// What an activity or a control takes.
pub(crate) struct Signature<'a> {
    /// Whose arguments these are, for messages.
    pub owner: &'a str,
    /// The JSON Schema of the arguments.
    pub schema: fn() -> Schema,
    /// Reads them, when there is nothing left to substitute.
    pub read: fn(&Map) -> Result<(), String>,
}

/// The arguments as the type that takes them.
pub(crate) fn read<A: DeserializeOwned>(arguments: &Map) -> Result<A, String> {
    let json = serde_json::to_value(arguments).map_err(|error| error.to_string())?;
    serde_json::from_value(json).map_err(|error| error.to_string())
}

impl Signature<'_> {
    /// Checks arguments as they stand in an experiment, where a text with `$` may become anything.
    ///
    /// # Errors
    /// The first argument that is unknown, missing or of the wrong type.
    pub(crate) fn check(&self, arguments: &Map) -> Result<(), ArgumentError> {
        let schema = (self.schema)();
        let schema = schema.as_value();
        let properties = schema.get("properties").and_then(|p| p.as_object());
        let names: Vec<&str> = properties
            .into_iter()
            .flat_map(|p| p.keys().map(String::as_str))
            .collect();
        let required = schema.get("required").and_then(|r| r.as_array());
        let required: Vec<&str> = required
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str())
            .collect();
        self.check_names(arguments, &names, &required)?;
        let fixed: Vec<_> = arguments.iter().filter(|(_, value)| !is_open(value)).collect();
        for (name, value) in &fixed {
            let declared = properties.and_then(|p| p.get(name.as_str()));
            self.check_type(name, value, declared, schema)?;
        }
        if fixed.len() == arguments.len() {
            (self.read)(arguments).map_err(|reason| ArgumentError::Other {
                activity: self.owner.to_owned(),
                reason,
            })?;
        }
        Ok(())
    }

    fn check_names(&self, arguments: &Map, names: &[&str], required: &[&str]) -> Result<(), ArgumentError> {
        let takes = || {
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        if let Some(name) = arguments.keys().find(|name| !names.contains(&name.as_str())) {
            let hint = nearest(name, names.iter().copied())
                .map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
            return Err(ArgumentError::Unknown {
                activity: self.owner.to_owned(),
                name: name.clone(),
                hint,
                takes: takes(),
            });
        }
        match required.iter().find(|name| !arguments.contains_key(**name)) {
            Some(name) => Err(ArgumentError::Missing {
                activity: self.owner.to_owned(),
                name: (*name).to_owned(),
                takes: takes(),
            }),
            None => Ok(()),
        }
    }

    fn check_type(
        &self,
        name: &str,
        value: &Value,
        declared: Option<&serde_json::Value>,
        root: &serde_json::Value,
    ) -> Result<(), ArgumentError> {
        let mut allowed = Vec::new();
        if let Some(declared) = declared {
            collect_types(declared, root, &mut allowed);
        }
        if allowed.is_empty() || allowed.iter().any(|kind| fits(value, kind)) {
            return Ok(());
        }
        allowed.retain(|kind| kind != "null");
        Err(ArgumentError::Type {
            activity: self.owner.to_owned(),
            name: name.to_owned(),
            expected: allowed.join(" or "),
            found: format!("{} ({})", python::repr(value), python::type_name(value)),
        })
    }
}

/// May substitution still turn it into something else?
fn is_open(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('$'),
        Value::List(items) => items.iter().any(is_open),
        Value::Map(map) => map.values().any(is_open),
        _ => false,
    }
}

fn collect_types(schema: &serde_json::Value, root: &serde_json::Value, types: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(|r| r.as_str()) {
        if let Some(target) = root.pointer(reference.trim_start_matches('#')) {
            collect_types(target, root, types);
        }
        return;
    }
    match schema.get("type") {
        Some(serde_json::Value::String(kind)) => types.push(kind.clone()),
        Some(serde_json::Value::Array(kinds)) => {
            types.extend(kinds.iter().filter_map(|kind| kind.as_str()).map(str::to_owned));
        }
        _ => {}
    }
    for key in ["anyOf", "oneOf"] {
        for part in schema.get(key).and_then(|p| p.as_array()).into_iter().flatten() {
            collect_types(part, root, types);
        }
    }
}

fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => matches!(value, Value::Bool(_)),
        "integer" => matches!(value, Value::Int(_) | Value::BigInt(_)),
        "number" => matches!(value, Value::Int(_) | Value::BigInt(_) | Value::Float(_)),
        "string" => matches!(value, Value::Text(_) | Value::Time(_) | Value::Bytes(_)),
        "array" => matches!(value, Value::List(_)),
        "object" => matches!(value, Value::Map(_)),
        _ => true,
    }
}
