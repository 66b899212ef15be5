//! One activity: its keys, then what its provider asks for.

use super::{Checked, Validator, invalid};
use crate::nearest::nearest;
use crate::provider::bridge::{Function, Misfit, PythonError};
use crate::provider::process;
use crate::value::{Map, Value, python};

impl Validator {
    /// Checks an activity; `at` says where it stands, for the error.
    ///
    /// # Errors
    /// The first fault.
    pub async fn check_activity(&self, activity: &Value, at: &str) -> Checked {
        if !python::truthy(activity) {
            return invalid(at, "an activity must not be empty");
        }
        let Some(activity) = activity.as_map() else {
            return invalid(
                at,
                format!(
                    "an activity must be a mapping, not {}",
                    python::type_name(activity)
                ),
            );
        };
        match activity.get("ref") {
            None | Some(Value::Null) => {}
            Some(Value::Text(name)) if !name.is_empty() => return Ok(()),
            Some(_) => return invalid(format!("{at}.ref"), "a reference must be the name of an activity"),
        }
        check_kind(activity, at)?;
        let provider = check_provider(activity, at)?;
        check_timing(activity, at)?;
        let provider_at = format!("{at}.provider");
        match provider.get("type").and_then(Value::as_str) {
            Some("python") => self.check_python(activity, provider, &provider_at).await,
            Some("process") => self.check_process(provider, &provider_at),
            _ => check_http(provider, &provider_at),
        }
    }

    fn check_process(&self, provider: &Map, at: &str) -> Checked {
        if !provider.get("path").is_some_and(python::truthy) {
            return invalid(
                format!("{at}.path"),
                "a process activity needs the path of a program",
            );
        }
        match process::check(provider, &self.host.borrow()) {
            Ok(_) => Ok(()),
            Err(error) => invalid(format!("{at}.path"), error.to_string()),
        }
    }

    async fn check_python(&self, activity: &Map, provider: &Map, at: &str) -> Checked {
        let named = |key: &str| {
            provider
                .get(key)
                .filter(|name| python::truthy(name))
                .and_then(Value::as_str)
        };
        let Some(module) = named("module") else {
            return invalid(
                format!("{at}.module"),
                "a Python activity needs a module, such as `package.module`",
            );
        };
        let Some(function) = named("func") else {
            return invalid(
                format!("{at}.func"),
                "a Python activity needs the name of a function as `func`",
            );
        };
        let empty = Map::new();
        let arguments = match provider.get("arguments") {
            None | Some(Value::Null) => &empty,
            Some(Value::Map(arguments)) => arguments,
            Some(_) => {
                return invalid(
                    format!("{at}.arguments"),
                    "they must be a mapping of names to values",
                );
            }
        };
        if let Some(entry) = self.catalogue.get(module, function) {
            return entry
                .check(arguments)
                .or_else(|error| invalid(format!("{at}.arguments"), error.to_string()));
        }
        match self.bridge.inspect_function(module, function).await {
            Ok(info) => check_signature(&info, arguments, function, at),
            Err(error) => invalid(at, self.explain(&error, activity, module, function)),
        }
    }

    fn explain(&self, error: &PythonError, activity: &Map, module: &str, function: &str) -> String {
        let name = activity.get("name").map_or(String::new(), python::text);
        let near = self.catalogue.nearest(module, function);
        let hint = near.map_or(String::new(), |near| {
            format!("; did you mean the native `{near}`?")
        });
        format!("{error}, in activity '{name}'{hint}")
    }
}

fn check_kind(activity: &Map, at: &str) -> Checked {
    match activity.get("type") {
        Some(Value::Text(kind)) if kind == "probe" || kind == "action" => {}
        Some(kind) if python::truthy(kind) => {
            let found = python::text(kind);
            return invalid(
                format!("{at}.type"),
                format!("'{found}' is no type of activity: use `probe` or `action`"),
            );
        }
        _ => {
            return invalid(
                format!("{at}.type"),
                "an activity needs a type: `probe` or `action`",
            );
        }
    }
    match activity.get("name").filter(|name| python::truthy(name)) {
        None => invalid(format!("{at}.name"), "an activity needs a name"),
        Some(Value::List(_) | Value::Map(_)) => {
            invalid(format!("{at}.name"), "the name of an activity must be text")
        }
        Some(_) => Ok(()),
    }
}

fn check_provider<'a>(activity: &'a Map, at: &str) -> Result<&'a Map, super::Invalid> {
    const KNOWN: [&str; 3] = ["python", "process", "http"];
    let Some(provider) = activity
        .get("provider")
        .filter(|provider| python::truthy(provider))
    else {
        return invalid(format!("{at}.provider"), "an activity needs a provider");
    };
    let Some(provider) = provider.as_map() else {
        return invalid(format!("{at}.provider"), "it must be a mapping with a `type`");
    };
    match provider.get("type").filter(|kind| python::truthy(kind)) {
        None => invalid(
            format!("{at}.provider.type"),
            "a provider needs a type: `python`, `process` or `http`",
        ),
        Some(Value::Text(kind)) if KNOWN.contains(&kind.as_str()) => Ok(provider),
        Some(kind) => {
            let kind = python::text(kind);
            let hint =
                nearest(&kind, KNOWN).map_or(String::new(), |near| format!(", did you mean `{near}`?"));
            let message =
                format!("there is no provider of type '{kind}'{hint}; use `python`, `process` or `http`");
            invalid(format!("{at}.provider.type"), message)
        }
    }
}

fn check_timing(activity: &Map, at: &str) -> Checked {
    let is_number = |value: &Value| value.as_f64().is_some() || value.as_bool().is_some();
    if activity
        .get("timeout")
        .is_some_and(|timeout| !timeout.is_null() && !is_number(timeout))
    {
        return invalid(format!("{at}.timeout"), "it must be a number of seconds");
    }
    let pauses = match activity.get("pauses") {
        None | Some(Value::Null) => None,
        Some(Value::Map(pauses)) => Some(pauses),
        Some(_) => {
            return invalid(
                format!("{at}.pauses"),
                "they must be a mapping with `before`, `after` or both",
            );
        }
    };
    for key in ["before", "after"] {
        if let Some(Value::Text(text)) = pauses.and_then(|pauses| pauses.get(key))
            && !(text.starts_with("${") && text.ends_with('}'))
        {
            let message =
                "a pause must be a number of seconds, or `${name}` of a configuration entry or secret";
            return invalid(format!("{at}.pauses.{key}"), message);
        }
    }
    match activity.get("background") {
        None | Some(Value::Bool(_)) => Ok(()),
        Some(_) => invalid(format!("{at}.background"), "it must be `true` or `false`"),
    }
}

fn check_http(provider: &Map, at: &str) -> Checked {
    if !provider.get("url").is_some_and(python::truthy) {
        return invalid(format!("{at}.url"), "an HTTP activity needs a URL");
    }
    match provider.get("headers") {
        None | Some(Value::Null | Value::Map(_)) => Ok(()),
        Some(_) => invalid(
            format!("{at}.headers"),
            "they must be a mapping of names to values",
        ),
    }
}

fn check_signature(signature: &Function, arguments: &Map, function: &str, at: &str) -> Checked {
    let names: Vec<&str> = signature
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    let takes = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    let message = match signature.check(arguments.keys().map(String::as_str)) {
        Ok(()) => return Ok(()),
        Err(Misfit::Missing(name)) => format!("`{function}` needs the argument `{name}`, which is not given"),
        Err(Misfit::Unknown(name)) => {
            let near = nearest(&name, names.iter().copied());
            let hint = near.map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
            format!("`{function}` has no argument `{name}`{hint}; it takes {takes}")
        }
        Err(Misfit::PositionalOnly(name)) => {
            format!("`{function}` takes `{name}` by position only, and activities give arguments by name")
        }
    };
    invalid(format!("{at}.arguments"), message)
}

/// Every activity of an experiment: the hypothesis' probes, the method, the rollbacks.
pub(super) fn all(experiment: &Map) -> impl Iterator<Item = &Value> {
    let hypothesis = experiment
        .get("steady-state-hypothesis")
        .and_then(|hypothesis| hypothesis.get("probes"));
    let lists = [hypothesis, experiment.get("method"), experiment.get("rollbacks")];
    lists.into_iter().flatten().filter_map(Value::as_list).flatten()
}

/// Activities that a reference may name: those of the method and of the hypothesis.
fn referable(experiment: &Map) -> impl Iterator<Item = &str> {
    let hypothesis = experiment
        .get("steady-state-hypothesis")
        .and_then(|hypothesis| hypothesis.get("probes"));
    let lists = [experiment.get("method"), hypothesis];
    lists
        .into_iter()
        .flatten()
        .filter_map(Value::as_list)
        .flatten()
        .filter_map(|a| a.get("name")?.as_str())
}

pub(super) fn is_declared(experiment: &Map, name: &str) -> bool {
    referable(experiment).any(|known| known == name)
}

pub(super) fn unknown_reference(experiment: &Map, name: &str) -> String {
    let names: Vec<&str> = referable(experiment).collect();
    let hint = nearest(name, names).map_or(String::new(), |near| format!(", did you mean '{near}'?"));
    format!("no activity of the method or the hypothesis is called '{name}'{hint}")
}
