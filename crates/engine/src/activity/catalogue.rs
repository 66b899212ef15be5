//! The native activities that there are, and the check of what an experiment gives them.

use indexmap::IndexMap;

use super::native::{Entry, NativeActivity};
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

/// All native activities, by module and function, in the order of their registration.
#[derive(Clone, Default)]
pub struct Catalogue {
    entries: IndexMap<(String, String), Entry>,
}

impl Catalogue {
    /// An empty catalogue.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more activity, under its own module and function.
    #[must_use]
    pub fn with<A: NativeActivity>(self) -> Self {
        let module = A::MODULE;
        self.with_alias::<A>(module, A::FUNCTION)
    }

    /// With an activity under another name than its own, as a predecessor of its Python package had it.
    #[must_use]
    pub fn with_alias<A: NativeActivity>(mut self, module: &str, function: &str) -> Self {
        self.entries
            .insert((module.to_owned(), function.to_owned()), Entry::of::<A>());
        self
    }

    /// The activity of that name.
    pub fn get(&self, module: &str, function: &str) -> Option<&Entry> {
        self.entries.get(&(module.to_owned(), function.to_owned()))
    }

    /// True when the catalogue knows the module, so that its functions are never looked for in Python.
    pub fn has_module(&self, module: &str) -> bool {
        self.entries.keys().any(|(known, _)| known == module)
    }

    /// Every activity with the module and the function it is registered under.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Entry)> {
        self.entries
            .iter()
            .map(|((module, function), entry)| (module.as_str(), function.as_str(), entry))
    }

    /// The registered name nearest to `module.function`, if one is near.
    pub fn nearest(&self, module: &str, function: &str) -> Option<String> {
        let known: Vec<String> = self
            .iter()
            .map(|(module, function, _)| format!("{module}.{function}"))
            .collect();
        nearest(&format!("{module}.{function}"), known.iter().map(String::as_str)).map(str::to_owned)
    }
}

impl Entry {
    /// Checks arguments as they stand in an experiment, where a text with `$` may become anything.
    ///
    /// # Errors
    /// The first argument that is unknown, missing or of the wrong type.
    pub fn check(&self, arguments: &Map) -> Result<(), ArgumentError> {
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
            (self.check)(arguments).map_err(|reason| ArgumentError::Other {
                activity: self.name(),
                reason,
            })?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        format!("{}.{}", self.module, self.function)
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
                activity: self.name(),
                name: name.clone(),
                hint,
                takes: takes(),
            });
        }
        match required.iter().find(|name| !arguments.contains_key(**name)) {
            Some(name) => Err(ArgumentError::Missing {
                activity: self.name(),
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
            activity: self.name(),
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

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;
    use crate::activity::{ActivityError, Context, Kind};
    use crate::value::json;

    /// Waits for nothing.
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Wait {
        /// Which one.
        service: String,
        /// How often.
        #[serde(default)]
        count: Option<u32>,
    }

    impl NativeActivity for Wait {
        const MODULE: &'static str = "chaosaws.ecs.probes";
        const FUNCTION: &'static str = "wait";
        const KIND: Kind = Kind::Probe;

        async fn run(self, _: Context) -> Result<Value, ActivityError> {
            Ok(self.service.into())
        }
    }

    fn check(arguments: &str) -> Result<(), ArgumentError> {
        let catalogue = Catalogue::new().with::<Wait>();
        let arguments = json::parse(arguments).unwrap();
        catalogue
            .get("chaosaws.ecs.probes", "wait")
            .unwrap()
            .check(arguments.as_map().unwrap())
    }

    #[test]
    fn fitting_arguments_pass() {
        assert_eq!(check(r#"{"service": "a", "count": 2}"#), Ok(()));
        assert_eq!(check(r#"{"service": "a", "count": null}"#), Ok(()));
        assert_eq!(check(r#"{"service": "${s}", "count": "${n}"}"#), Ok(()));
    }

    #[test]
    fn an_unknown_argument_is_named_with_the_nearest() {
        let error = check(r#"{"service": "a", "cuont": 2}"#).unwrap_err().to_string();
        assert!(
            error.contains("no argument `cuont` (did you mean `count`?)"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_argument_and_a_wrong_type_are_named() {
        assert!(matches!(check("{}"), Err(ArgumentError::Missing { name, .. }) if name == "service"));
        let error = check(r#"{"service": "a", "count": "two"}"#)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`count`") && error.contains("integer") && error.contains("'two' (str)"),
            "{error}"
        );
        assert!(matches!(
            check(r#"{"service": "a", "count": -1}"#),
            Err(ArgumentError::Other { .. })
        ));
    }

    #[test]
    fn a_misspelt_activity_has_a_nearest_one() {
        let catalogue = Catalogue::new().with::<Wait>();
        assert_eq!(
            catalogue.nearest("chaosaws.ecs.probe", "wait").as_deref(),
            Some("chaosaws.ecs.probes.wait")
        );
        assert_eq!(catalogue.nearest("my.module", "other"), None);
    }
}
