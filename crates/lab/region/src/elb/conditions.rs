//! Which requests a rule is for.

use serde_json::{Value, json};

use crate::input;
use crate::wire::ApiError;

/// Patterns of a rule. Conditions on headers, methods, query strings and source addresses are not offered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conditions {
    pub(super) paths: Vec<String>,
    pub(super) hosts: Vec<String>,
}

const PATH: &str = "path-pattern";
const HOST: &str = "host-header";

impl Conditions {
    /// Reads `Conditions`.
    ///
    /// # Errors
    /// `ValidationError` without conditions, for one without values, and for kinds that are not offered.
    pub(super) fn read(input: &Value) -> Result<Conditions, ApiError> {
        let mut read = Conditions::default();
        for condition in input::list(input, "Conditions") {
            let (patterns, config) = match input::required(condition, "Field")? {
                PATH => (&mut read.paths, "PathPatternConfig"),
                HOST => (&mut read.hosts, "HostHeaderConfig"),
                other => {
                    let why = format!("chaos-lab does not offer conditions on the field '{other}'.");
                    return Err(ApiError::validation(why));
                }
            };
            let mut values = input::texts(condition, "Values");
            values.extend(
                condition
                    .get(config)
                    .map(|config| input::texts(config, "Values"))
                    .unwrap_or_default(),
            );
            if values.is_empty() {
                return Err(ApiError::validation("A condition value must be specified"));
            }
            patterns.extend(values);
        }
        match read.paths.is_empty() && read.hosts.is_empty() {
            true => Err(ApiError::validation("A rule must have at least one condition")),
            false => Ok(read),
        }
    }

    /// As answers show them.
    pub(super) fn describe(&self) -> Value {
        let kinds = [
            (PATH, "PathPatternConfig", &self.paths),
            (HOST, "HostHeaderConfig", &self.hosts),
        ];
        let used = kinds.into_iter().filter(|(.., values)| !values.is_empty());
        used.map(|(field, config, values)| json!({ "Field": field, "Values": values, config: { "Values": values } }))
            .collect()
    }
}
