//! The experiment's `secrets` (SPEC 6).

use crate::host::Host;
use crate::value::{Map, Value};

/// Why a secret has no value. Values are never told.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SecretsError {
    /// The variable is not set.
    #[error(
        "the secret `{secret}` needs the environment variable `{variable}`, which is not set; \
         set it or give it in a --var-file"
    )]
    Unset {
        /// Group and name, with dots between.
        secret: String,
        /// Name of the variable.
        variable: String,
    },
    /// `type: env` without a `key` that is text.
    #[error("the secret `{secret}` is of type env and needs a `key`: the name of an environment variable")]
    NoKey {
        /// Group and name, with dots between.
        secret: String,
    },
    /// `type: vault`, which needs a client for Vault.
    #[error(
        "the secret `{secret}` is of type vault, which is not supported; read it before the run, for example with \
         `vault kv get`, and hand it over with `type: env` or in the `secrets` of a --var-file"
    )]
    Vault {
        /// Group and name, with dots between.
        secret: String,
    },
}

/// The groups of secrets with what comes from the environment filled in, at any depth. An override replaces a whole
/// declared group, as it is.
///
/// # Errors
/// For the first secret that refers to a variable that is not set, or to Vault.
pub fn resolve(declared: &Map, overrides: &Map, host: &Host) -> Result<Map, SecretsError> {
    let resolved = declared.iter().map(|(name, value)| {
        let replacement = overrides.get(name).filter(|replacement| !replacement.is_null());
        let value = match (value, replacement) {
            (Value::Map(_), Some(replacement)) => replacement.clone(),
            _ => secret(name, value, host)?,
        };
        Ok((name.clone(), value))
    });
    resolved.collect()
}

/// One value at that dotted path: from outside, a group, or what is written.
fn secret(path: &str, value: &Value, host: &Host) -> Result<Value, SecretsError> {
    let Value::Map(map) = value else {
        return Ok(value.clone());
    };
    match map.get("type").and_then(Value::as_str) {
        Some("env") => from_environment(path, map, host),
        Some("vault") => Err(SecretsError::Vault {
            secret: path.to_owned(),
        }),
        _ => {
            let entry = |(name, value): (&String, &Value)| {
                Ok((name.clone(), secret(&format!("{path}.{name}"), value, host)?))
            };
            map.iter().map(entry).collect::<Result<Map, _>>().map(Value::Map)
        }
    }
}

fn from_environment(path: &str, map: &Map, host: &Host) -> Result<Value, SecretsError> {
    let variable = map
        .get("key")
        .and_then(Value::as_str)
        .ok_or_else(|| SecretsError::NoKey {
            secret: path.to_owned(),
        })?;
    host.var(variable)
        .map(Value::from)
        .ok_or_else(|| SecretsError::Unset {
            secret: path.to_owned(),
            variable: variable.to_owned(),
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

    fn resolved(declared: &str, overrides: &str) -> Result<String, SecretsError> {
        let host = Host {
            env: std::rc::Rc::new([("PASS".to_owned(), "hush".to_owned())].into()),
            ..Host::default()
        };
        resolve(&map(declared), &map(overrides), &host).map(|map| json::compact(&map.into()))
    }

    #[test]
    fn variables_are_read_at_any_depth() {
        assert_eq!(
            resolved(
                "{g: {a: x, b: {type: env, key: PASS}, c: {d: {type: env, key: PASS}}}, t: {type: env, key: PASS}, n: 1}",
                "{}"
            ),
            Ok(r#"{"g":{"a":"x","b":"hush","c":{"d":"hush"}},"t":"hush","n":1}"#.to_owned())
        );
    }

    #[test]
    fn an_override_replaces_a_whole_declared_group() {
        assert_eq!(
            resolved(
                "{g: {a: {type: env, key: NOT}, b: 1}, h: {c: 1}, i: {d: 1}}",
                "{g: {x: 2}, h: null, nope: {}}"
            ),
            Ok(r#"{"g":{"x":2},"h":{"c":1},"i":{"d":1}}"#.to_owned())
        );
    }

    #[test]
    fn an_error_names_the_secret() {
        let cases = [
            (
                "g: {a: {b: {type: env, key: NOT}}}",
                "`g.a.b` needs the environment variable `NOT`",
            ),
            ("g: {a: {type: env}}", "`g.a`"),
            ("g: {a: {type: vault, path: x}}", "type: env"),
        ];
        for (declared, words) in cases {
            let error = resolved(declared, "{}").unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
