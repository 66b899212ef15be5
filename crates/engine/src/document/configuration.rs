//! The experiment's `configuration`: its static part (SPEC 4).

use super::variables::{VarError, convert_value};
use crate::host::Host;
use crate::value::{Map, Value};

/// Why an entry of the configuration has no value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The variable is not set and the entry has no default.
    #[error(
        "the configuration entry `{entry}` needs the environment variable `{variable}`, which is not set; \
         set it, give it in a --var-file, or add a `default` to the entry"
    )]
    Unset {
        /// Name of the entry.
        entry: String,
        /// Name of the variable.
        variable: String,
    },
    /// `type: env` without a `key` that is text.
    #[error(
        "the configuration entry `{entry}` is of type env and needs a `key`: the name of an environment variable"
    )]
    NoKey {
        /// Name of the entry.
        entry: String,
    },
    /// `env_var_type` is not a text.
    #[error("the configuration entry `{entry}` has an `env_var_type` that is not the name of a type")]
    TypeNotText {
        /// Name of the entry.
        entry: String,
    },
    /// The value of the variable, or the default, does not convert to `env_var_type`.
    #[error("the configuration entry `{entry}`, read from the environment variable `{variable}`: {reason}")]
    Conversion {
        /// Name of the entry.
        entry: String,
        /// Name of the variable.
        variable: String,
        /// Why.
        reason: VarError,
    },
}

/// The value of each declared entry, in their order. An override replaces the declaration, and may be a definition
/// itself. Entries of type `probe` stay definitions: [`dynamic`] lists them.
///
/// # Errors
/// For the first entry that refers to a variable that is not set, or whose value does not convert.
pub fn resolve(declared: &Map, overrides: &Map, host: &Host) -> Result<Map, ConfigurationError> {
    let resolved = declared.iter().map(|(name, value)| {
        let value = overrides.get(name).unwrap_or(value);
        let value = match definition(value, "env") {
            Some(entry) => from_environment(name, entry, host)?,
            None => value.clone(),
        };
        Ok((name.clone(), value))
    });
    resolved.collect()
}

/// The entries whose value a probe is to find, in their order.
pub fn dynamic(resolved: &Map) -> impl Iterator<Item = (&str, &Map)> {
    resolved
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), definition(value, "probe")?)))
}

/// The mapping, if its `type` is that one.
fn definition<'a>(value: &'a Value, kind: &str) -> Option<&'a Map> {
    let map = value.as_map()?;
    (map.get("type")?.as_str()? == kind).then_some(map)
}

fn from_environment(name: &str, entry: &Map, host: &Host) -> Result<Value, ConfigurationError> {
    let variable = entry
        .get("key")
        .and_then(Value::as_str)
        .ok_or_else(|| ConfigurationError::NoKey {
            entry: name.to_owned(),
        })?;
    let value = host.var(variable).map(Value::from);
    let value = value
        .or_else(|| entry.get("default").cloned())
        .ok_or_else(|| ConfigurationError::Unset {
            entry: name.to_owned(),
            variable: variable.to_owned(),
        })?;
    let kind = match entry.get("env_var_type") {
        None | Some(Value::Null) => None,
        Some(Value::Text(kind)) => Some(kind.as_str()),
        Some(_) => {
            return Err(ConfigurationError::TypeNotText {
                entry: name.to_owned(),
            });
        }
    };
    convert_value(&value, kind).map_err(|reason| ConfigurationError::Conversion {
        entry: name.to_owned(),
        variable: variable.to_owned(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;
    use crate::value::json;

    fn map(text: &str) -> Map {
        match yaml::parse(text) {
            Ok(Value::Map(map)) => map,
            other => panic!("{other:?}"),
        }
    }

    fn host(variables: &[(&str, &str)]) -> Host {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Host {
            env: std::rc::Rc::new(variables.iter().map(own).collect()),
            ..Host::default()
        }
    }

    fn resolved(declared: &str, overrides: &str, host: &Host) -> String {
        match resolve(&map(declared), &map(overrides), host) {
            Ok(map) => json::compact(&map.into()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn entries_come_from_the_environment_with_their_type() {
        let declared = "
            a: {type: env, key: A}
            b: {type: env, key: B, env_var_type: int}
            c: {type: env, key: EMPTY, default: x}
            d: {type: env, key: NOT, default: '12', env_var_type: int}
            e: {type: env, key: NOT, default: {k: 1}, env_var_type: json}
            f: {type: env, key: NOT, default: null}
            g: {type: env, key: NOT, default: true, env_var_type: bool}
            h: {type: env, key: NOT, default: 2.9, env_var_type: int}";
        assert_eq!(
            resolved(
                declared,
                "{}",
                &host(&[("A", "one"), ("B", " 7 "), ("EMPTY", "")])
            ),
            r#"{"a":"one","b":7,"c":"","d":12,"e":{"k":1},"f":null,"g":true,"h":2}"#
        );
    }

    #[test]
    fn other_values_are_kept_as_they_are() {
        let declared =
            "{a: {b: {type: env, key: NOT}}, c: {type: file, key: K}, d: '${a}', e: {type: probe, name: p}}";
        let kept = resolved(declared, "{}", &host(&[]));
        assert_eq!(kept, json::compact(&map(declared).into()));
        let entries = map(declared);
        let names: Vec<&str> = dynamic(&entries).map(|(name, _)| name).collect();
        assert_eq!(names, ["e"]);
    }

    #[test]
    fn overrides_replace_declared_entries_only() {
        let overrides = "{a: 5, b: {type: env, key: B}, c: null, nope: 1}";
        assert_eq!(
            resolved(
                "{a: {type: env, key: NOT}, b: 1, c: 2, d: 3}",
                overrides,
                &host(&[("B", "env")])
            ),
            r#"{"a":5,"b":"env","c":null,"d":3}"#
        );
    }

    #[test]
    fn an_error_names_the_entry_and_the_variable() {
        let host = host(&[("WORD", "hush-hush")]);
        for (declared, words) in [
            ("a: {type: env, key: NOT}", ["`a`", "`NOT`"]),
            ("a: {type: env}", ["`a`", "`key`"]),
            ("a: {type: env, key: WORD, env_var_type: int}", ["`a`", "`WORD`"]),
            (
                "a: {type: env, key: WORD, env_var_type: date}",
                ["`date`", "json"],
            ),
            (
                "a: {type: env, key: WORD, env_var_type: json}",
                ["`WORD`", "JSON"],
            ),
            (
                "a: {type: env, key: WORD, env_var_type: [int]}",
                ["`a`", "`env_var_type`"],
            ),
            (
                "a: {type: env, key: NOT, default: null, env_var_type: int}",
                ["`a`", "whole number"],
            ),
        ] {
            let error = resolved(declared, "{}", &host);
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
