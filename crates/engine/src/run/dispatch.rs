//! From a declared activity to the provider that makes the call.

use std::rc::Rc;

use super::Runner;
use super::activity::Lane;
use super::beside::UNNUMBERED;
use super::event::Suspicion;
use super::seed::Place;
use crate::activity::{ActivityError, Failure};
use crate::document::substitute::substitute;
use crate::provider::bridge;
use crate::provider::{http, process};
use crate::scope::Scope;
use crate::value::{Map, Value, python};

/// What a call returned.
pub(crate) struct Outcome {
    pub output: Value,
    /// Why it deserves a look although it worked.
    pub suspicion: Option<Suspicion>,
    /// The activity's arguments, if a Python function changed them in place.
    pub arguments: Option<Map>,
}

impl Outcome {
    pub(crate) fn plain(output: Value) -> Self {
        Self {
            output,
            suspicion: None,
            arguments: None,
        }
    }
}

impl Runner {
    /// Makes the call that an activity declares.
    pub(crate) async fn call(
        self: &Rc<Self>,
        id: u64,
        place: &Place,
        activity: &Map,
        lane: &Lane,
    ) -> Result<Outcome, ActivityError> {
        let empty = Map::new();
        let provider = activity.get("provider").and_then(Value::as_map).unwrap_or(&empty);
        let expected = activity.contains_key("tolerance");
        match provider.get("type").and_then(Value::as_str) {
            Some("process") => self.call_process(id, provider, expected).await,
            Some("http") => self.call_http(provider, expected).await,
            Some("python") => self.call_python(place, provider, lane).await,
            // as in the peer, where a provider of an unknown type does nothing
            _ if provider.contains_key("type") => Ok(Outcome::plain(Value::Null)),
            _ => Err(ActivityError::Fatal(Failure::new(
                "an activity must have a provider with a type: python, process or http",
            ))),
        }
    }

    async fn call_process(&self, id: u64, provider: &Map, expected: bool) -> Result<Outcome, ActivityError> {
        let scope = self.scope();
        let provider = with_arguments(provider, &scope);
        let mut host = self.ports.host.borrow().clone();
        host.set_var(process::ACTIVITY_VARIABLE, activity_id(&self.plan.run_id, id));
        let output = process::call(&provider, &host).await?;
        let code = output
            .get("status")
            .and_then(python::as_index)
            .filter(|code| *code > 0 && !expected);
        Ok(Outcome {
            suspicion: code.map(Suspicion::ExitCode),
            ..Outcome::plain(output)
        })
    }

    async fn call_http(&self, provider: &Map, expected: bool) -> Result<Outcome, ActivityError> {
        let scope = self.scope();
        let mut provider = with_arguments(provider, &scope);
        for key in ["url", "headers", "timeout"] {
            if let Some(value) = provider.get_mut(key) {
                *value = substitute(value, &scope);
            }
        }
        let host = self.ports.host.borrow().clone();
        let output = http::call(&provider, &host).await?;
        let status = output
            .get("status")
            .and_then(python::as_index)
            .filter(|status| *status > 399 && !expected);
        Ok(Outcome {
            suspicion: status.map(Suspicion::HttpStatus),
            ..Outcome::plain(output)
        })
    }

    async fn call_python(
        self: &Rc<Self>,
        place: &Place,
        provider: &Map,
        lane: &Lane,
    ) -> Result<Outcome, ActivityError> {
        let scope = self.scope();
        let text = |key: &str| {
            provider
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (module, function) = (text("module"), text("func"));
        let substituted = with_arguments(provider, &scope);
        let arguments = substituted
            .get("arguments")
            .and_then(Value::as_map)
            .cloned()
            .unwrap_or_default();
        let groups = provider.get("secrets").and_then(Value::as_list);
        let secrets = groups.map(|groups| scope.secrets_of(groups));
        if let Some(entry) = self.ports.catalogue.get(&module, &function) {
            let context = self.context(place, &scope, secrets.unwrap_or_default());
            return entry.run(arguments, context).await.map(Outcome::plain);
        }
        let call = bridge::Call {
            module: &module,
            function: &function,
            arguments: &arguments,
            configuration: &scope.configuration,
            secrets: secrets.as_ref(),
        };
        let returned = self.ports.bridge.call(&call, bridge_lane(lane)).await?;
        Ok(Outcome {
            // substituted arguments are a copy
            arguments: returned.arguments.filter(|_| scope.is_empty()),
            ..Outcome::plain(returned.value)
        })
    }

    /// The value of a dynamic configuration entry; `None` when its probe failed.
    ///
    /// The peer writes all secrets into the journal's declaration of such an entry; here the key that it adds
    /// there stays empty.
    pub(crate) async fn dynamic_value(self: &Rc<Self>, name: &str) -> Option<Value> {
        let (declared, scope) = {
            let state = self.state.borrow();
            let mut declared = state.scope.configuration.get(name)?.as_map()?.clone();
            if let Some(provider) = declared.get_mut("provider").and_then(Value::as_map_mut) {
                // such a probe is given every secret
                let groups: Vec<String> = state.scope.secrets.keys().cloned().collect();
                provider.insert("secrets".to_owned(), groups.into());
            }
            // the probe sees the entries before it
            let before = state
                .scope
                .configuration
                .iter()
                .take_while(|(known, _)| *known != name);
            let configuration = before
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            (
                declared,
                Scope {
                    configuration,
                    secrets: state.scope.secrets.clone(),
                },
            )
        };
        self.show_empty_secrets(name);
        let place = Place {
            part: format!("configuration/{name}"),
            index: 0,
            round: 0,
        };
        let whole = std::mem::replace(&mut self.state.borrow_mut().scope, Rc::new(scope));
        let outcome = self
            .ports
            .stop
            .guard(self.call(UNNUMBERED, &place, &declared, &Lane::Foreground))
            .await;
        self.state.borrow_mut().scope = whole;
        match outcome {
            Ok(Ok(outcome)) => dynamic_output(&declared, outcome.output),
            Ok(Err(error)) => {
                self.say(&super::event::Event::ConfigurationFailed {
                    name,
                    reason: &error.to_string(),
                });
                None
            }
            Err(cause) => {
                self.ports.stop.put_back(cause);
                None
            }
        }
    }

    fn show_empty_secrets(&self, name: &str) {
        let mut state = self.state.borrow_mut();
        let declared = Rc::make_mut(&mut state.experiment)
            .get_mut("configuration")
            .and_then(Value::as_map_mut);
        let entry = declared.and_then(|configuration| configuration.get_mut(name)?.as_map_mut());
        if let Some(provider) = entry.and_then(|entry| entry.get_mut("provider")?.as_map_mut()) {
            provider.insert("secrets".to_owned(), Map::new().into());
        }
    }

    fn scope(&self) -> Rc<Scope> {
        Rc::clone(&self.state.borrow().scope)
    }
}

/// What the processes of an activity are known by, should the run die.
pub(crate) fn activity_id(run: &str, activity: u64) -> String {
    format!("{run}-{activity}")
}

/// Where in the Python worker a lane's calls run.
pub(crate) fn bridge_lane(lane: &Lane) -> bridge::Lane {
    match lane {
        Lane::Foreground => bridge::Lane::Foreground,
        Lane::Background(_) => bridge::Lane::Background,
    }
}

/// Arguments are substituted only when there is something to look up, so that `$$` stays otherwise (SPEC 7).
fn with_arguments(provider: &Map, scope: &Scope) -> Map {
    let mut provider = provider.clone();
    if let Some(arguments) = provider.get_mut("arguments").filter(|_| !scope.is_empty()) {
        *arguments = substitute(arguments, scope);
    }
    provider
}

/// A dynamic entry takes a body, the output of a process that succeeded, or what a function returned.
fn dynamic_output(declared: &Map, output: Value) -> Option<Value> {
    match declared.get("provider")?.get("type")?.as_str()? {
        "http" => Some(output.get("body").cloned().unwrap_or_default()),
        "process" => {
            let ended_well = output.get("status").and_then(python::as_index) == Some(0);
            let stdout = output.get("stdout").and_then(Value::as_str)?.trim();
            ended_well.then(|| stdout.into())
        }
        "python" => Some(output),
        // no such provider
        _ => None,
    }
}
