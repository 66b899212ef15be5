//! Controls: their keys, their modules, and what these say of them.

use super::activity::all;
use super::{Advice, Checked, Invalid, Validator, invalid};
use crate::control::ControlEntry;
use crate::provider::bridge::PythonError;
use crate::run::all_controls;
use crate::value::{Map, Value, python};

impl Validator {
    pub(super) async fn check_controls(&self, experiment: &Map) -> Result<Vec<Advice>, Invalid> {
        check_lists(experiment)?;
        let controls = all_controls(experiment);
        let names: Vec<&Value> = controls
            .iter()
            .filter(|control| !control.contains_key("ref"))
            .filter_map(|control| control.get("name"))
            .collect();
        let mut advice = Vec::new();
        for control in &controls {
            if let Some(reference) = control.get("ref") {
                if !names.contains(&reference) {
                    let name = python::text(reference);
                    return invalid(
                        "controls",
                        format!("there is no control '{name}' that a `ref` could mean"),
                    );
                }
                continue;
            }
            advice.extend(self.check_control(control).await?);
        }
        Ok(advice)
    }

    async fn check_control(&self, control: &Map) -> Result<Option<Advice>, Invalid> {
        let Some(name) = control.get("name") else {
            return invalid("controls", "a control needs a name");
        };
        let at = format!("control '{}'", python::text(name));
        let Some(provider) = control.get("provider") else {
            return invalid(at, "a control needs a provider");
        };
        if provider.as_map().is_none() {
            return invalid(at, "its provider must be a mapping with a type and a module");
        }
        let scope = control.get("scope").filter(|scope| python::truthy(scope));
        if scope.is_some_and(|scope| !matches!(scope.as_str(), Some("before" | "after"))) {
            return invalid(at, "its scope must be `before` or `after`; leave it out for both");
        }
        if provider.get("type").and_then(Value::as_str) != Some("python") {
            return Ok(None);
        }
        let Some(module) = provider
            .get("module")
            .filter(|m| python::truthy(m))
            .and_then(Value::as_str)
        else {
            return invalid(at, "a Python control needs a module");
        };
        self.check_module(control, module, at).await
    }

    /// A module that is not there is no fault, as in the peer: the control is simply never called.
    async fn check_module(&self, control: &Map, module: &str, at: String) -> Result<Option<Advice>, Invalid> {
        if let Some(entry) = self.catalogue.control(module) {
            return self.check_native(entry, control, &at).await.map(|()| None);
        }
        let near = self.catalogue.nearest_control(module);
        let hint = near.map_or(String::new(), |near| {
            format!("; did you mean the native `{near}`?")
        });
        match self
            .bridge
            .validate_control(module, &control.clone().into())
            .await
        {
            Ok(()) => Ok(None),
            Err(error @ (PythonError::ModuleNotFound { .. } | PythonError::Bridge(_))) => Ok(Some(Advice {
                at,
                message: format!("{error}; the experiment runs without this control{hint}"),
            })),
            Err(error) => invalid(at, error.to_string()),
        }
    }
}

impl Validator {
    async fn check_native(&self, entry: &ControlEntry, control: &Map, at: &str) -> Checked {
        let provider = control.get("provider");
        let empty = Map::new();
        let arguments = match provider.and_then(|provider| provider.get("arguments")) {
            None | Some(Value::Null) => &empty,
            Some(Value::Map(arguments)) => arguments,
            Some(_) => return invalid(at, "its arguments must be a mapping of names to values"),
        };
        entry
            .check_arguments(arguments)
            .or_else(|error| invalid(at, error.to_string()))?;
        entry.check(arguments, at, self).await
    }
}

/// Every `controls` must be a list of mappings: anything else would silently control nothing.
fn check_lists(experiment: &Map) -> Result<(), Invalid> {
    let hypothesis = experiment.get("steady-state-hypothesis");
    let lists = [
        experiment.get("controls"),
        hypothesis.and_then(|hypothesis| hypothesis.get("controls")),
    ];
    let of_activities = all(experiment).map(|activity| activity.get("controls"));
    for controls in lists.into_iter().chain(of_activities).flatten() {
        let fine = match controls {
            Value::List(items) => items.iter().all(|control| control.as_map().is_some()),
            Value::Null | Value::Text(_) | Value::Map(_) => !python::truthy(controls),
            _ => false,
        };
        if !fine {
            return invalid(
                "controls",
                "they must be a list of mappings, each with a name and a provider",
            );
        }
    }
    Ok(())
}
