//! Is this an experiment that can be run? Everything that can be found out before anything is touched.
//!
//! The order of the checks is the Chaos Toolkit's; the first fault ends them.

mod activity;
mod controls;

use std::cell::RefCell;
use std::rc::Rc;

use crate::activity::Catalogue;
use crate::document::configuration;
use crate::host::Host;
use crate::provider::bridge::Bridge;
use crate::run::RunError;
use crate::run::plan::Plan;
use crate::run::seed::{SEED_KEY, Seed};
use crate::tolerance;
use crate::value::{Map, Value, python};

/// Why an experiment cannot be run.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{at}: {message}")]
pub struct Invalid {
    /// Where, as a path into the document: `method[2].provider.path`.
    pub at: String,
    /// What is wrong there, and what would be right.
    pub message: String,
}

impl Invalid {
    /// The exception that the Chaos Toolkit raises for such a fault; its notifications name it.
    pub fn class(&self) -> &'static str {
        let in_activity = ["method[", "rollbacks[", "steady-state-hypothesis.probes["];
        if in_activity.iter().any(|part| self.at.starts_with(part)) {
            "InvalidActivity"
        } else if self.at.starts_with("control") {
            "InvalidControl"
        } else {
            "InvalidExperiment"
        }
    }
}

/// Something that works today but is better written another way, or a part that will not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Where.
    pub at: String,
    /// What, and what to do.
    pub message: String,
}

/// What validation needs beside the document.
pub struct Validator {
    /// The native activities.
    pub catalogue: Rc<Catalogue>,
    /// For Python modules.
    pub bridge: Bridge,
    /// Environment and working folder.
    pub host: Rc<RefCell<Host>>,
}

/// The first fault, if there is one.
pub type Checked = Result<(), Invalid>;

/// A fault.
pub(crate) fn invalid<T>(at: impl Into<String>, message: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid {
        at: at.into(),
        message: message.into(),
    })
}

impl Validator {
    /// Checks a document.
    ///
    /// # Errors
    /// The first fault.
    pub async fn validate(&self, experiment: &Value) -> Result<Vec<Advice>, Invalid> {
        if !python::truthy(experiment) {
            return invalid(
                "experiment",
                "it is empty; it needs at least a title, a description and a method",
            );
        }
        let Some(experiment) = experiment.as_map() else {
            let found = python::type_name(experiment);
            return invalid(
                "experiment",
                format!("it must be a mapping with title, description and method, not {found}"),
            );
        };
        check_head(experiment)?;
        self.check_scope(experiment)?;
        self.check_hypothesis(experiment).await?;
        self.check_method(experiment).await?;
        for (index, activity) in items(experiment, "rollbacks")?.iter().enumerate() {
            self.check_activity(activity, &format!("rollbacks[{index}]"))
                .await?;
        }
        let mut advice: Vec<Advice> = deprecated_arguments(experiment).into_iter().collect();
        advice.extend(self.check_controls(experiment).await?);
        Ok(advice)
    }

    /// Configuration and secrets as they are without `--var` and `--var-file`, which validation does not know.
    fn check_scope(&self, experiment: &Map) -> Checked {
        for key in ["configuration", "secrets"] {
            if experiment
                .get(key)
                .is_some_and(|value| !value.is_null() && value.as_map().is_none())
            {
                return invalid(key, "it must be a mapping of names to values");
            }
        }
        check_groups(experiment)?;
        let plan = Plan {
            experiment: experiment.clone(),
            ..Plan::default()
        };
        match crate::run::static_scope(&plan, &self.host.borrow()) {
            Ok(scope) => check_dynamic(&scope.configuration).and_then(|()| check_seed(&scope.configuration)),
            Err(error @ RunError::Secrets(_)) => invalid("secrets", error.to_string()),
            Err(error) => invalid("configuration", error.to_string()),
        }
    }

    async fn check_hypothesis(&self, experiment: &Map) -> Checked {
        let at = "steady-state-hypothesis";
        let Some(hypothesis) = experiment.get(at).filter(|hypothesis| !hypothesis.is_null()) else {
            return Ok(());
        };
        let Some(hypothesis) = hypothesis.as_map() else {
            return invalid(at, "it must be a mapping with a title and probes");
        };
        if !hypothesis.get("title").is_some_and(python::truthy) {
            return invalid(
                format!("{at}.title"),
                "a hypothesis needs a title that says what is normal",
            );
        }
        for (index, probe) in items(hypothesis, "probes")?.iter().enumerate() {
            let at = format!("{at}.probes[{index}]");
            self.check_activity(probe, &at).await?;
            let Some(tolerance) = probe.get("tolerance") else {
                return invalid(
                    at,
                    "a probe of the hypothesis needs a `tolerance` that tells which output is normal",
                );
            };
            self.check_tolerance(tolerance, &format!("{at}.tolerance"))
                .await?;
        }
        Ok(())
    }

    /// Checks a tolerance; `at` says where it stands, for the error.
    ///
    /// # Errors
    /// The first fault.
    pub async fn check_tolerance(&self, tolerance: &Value, at: &str) -> Checked {
        if let Some(probe) = tolerance::probe_of(tolerance) {
            return self.check_activity(&probe.clone().into(), at).await;
        }
        tolerance::validate(tolerance).or_else(|error| invalid(at, error.to_string()))
    }

    async fn check_method(&self, experiment: &Map) -> Checked {
        if experiment.get("method").is_none_or(Value::is_null) {
            return invalid(
                "method",
                "an experiment needs a method; `method: []` checks the hypothesis only",
            );
        }
        for (index, activity) in items(experiment, "method")?.iter().enumerate() {
            let at = format!("method[{index}]");
            self.check_activity(activity, &at).await?;
            if let Some(Value::Text(name)) = activity.get("ref")
                && !activity::is_declared(experiment, name)
            {
                return invalid(format!("{at}.ref"), activity::unknown_reference(experiment, name));
            }
        }
        Ok(())
    }
}

fn check_head(experiment: &Map) -> Checked {
    for (key, what) in [("title", "a title"), ("description", "a description")] {
        if !experiment.get(key).is_some_and(python::truthy) {
            return invalid(key, format!("experiment requires {what}"));
        }
    }
    let tags = experiment.get("tags").filter(|tags| python::truthy(tags));
    if let Some(tags) = tags {
        let fine = |tag: &Value| tag.as_str().is_some_and(|tag| !tag.is_empty());
        let all_fine = match tags {
            Value::List(tags) => tags.iter().all(fine),
            Value::Text(_) | Value::Map(_) => true,
            _ => false,
        };
        if !all_fine {
            return invalid("tags", "tags must be texts that are not empty");
        }
    }
    for (index, extension) in items(experiment, "extensions")?.iter().enumerate() {
        let name = extension.get("name").and_then(Value::as_str);
        if name.is_none_or(|name| name.trim().is_empty()) {
            return invalid(format!("extensions[{index}].name"), "an extension needs a name");
        }
    }
    Ok(())
}

/// An entry that no provider can find is left out of a run, which then takes `${name}` for a text.
fn check_dynamic(configuration: &Map) -> Checked {
    let kind = |entry: &Map| entry.get("provider")?.get("type").map(|_| ());
    match configuration::dynamic(configuration).find(|(_, entry)| kind(entry).is_none()) {
        Some((name, _)) => invalid(
            format!("configuration.{name}.provider"),
            "an entry of type probe needs a provider with a `type`: `python`, `process` or `http`",
        ),
        None => Ok(()),
    }
}

fn check_seed(configuration: &Map) -> Checked {
    match Seed::declared(configuration) {
        Ok(_) => Ok(()),
        Err(error) => invalid(format!("configuration.{SEED_KEY}"), error.to_string()),
    }
}

/// Secrets outside a group would never be found, and could end where they are seen.
fn check_groups(experiment: &Map) -> Checked {
    let groups = experiment.get("secrets").and_then(Value::as_map);
    let loose = groups.and_then(|groups| groups.iter().find(|(_, group)| group.as_map().is_none()));
    match loose {
        Some((name, _)) => invalid(
            format!("secrets.{name}"),
            "secrets come in groups: it must be a mapping of names to values",
        ),
        None => Ok(()),
    }
}

/// The items of a list that may be left out.
fn items<'a>(owner: &'a Map, key: &str) -> Result<&'a [Value], Invalid> {
    match owner.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::List(items)) => Ok(items),
        Some(other) => invalid(
            key,
            format!("it must be a list, not {}", python::type_name(other)),
        ),
    }
}

fn deprecated_arguments(experiment: &Map) -> Option<Advice> {
    let by_mapping = |activity: &&Value| {
        let provider = activity.get("provider");
        let is_process = provider.and_then(|p| p.get("type")).and_then(Value::as_str) == Some("process");
        is_process
            && provider
                .and_then(|p| p.get("arguments"))
                .is_some_and(|a| a.as_map().is_some())
    };
    let found = activity::all(experiment).find(by_mapping)?;
    let name = found.get("name").map_or(String::new(), python::text);
    Some(Advice {
        at: format!("activity '{name}'"),
        message:
            "write the arguments of a process as a list: a mapping is deprecated because it says nothing of \
                  their order"
                .to_owned(),
    })
}
