//! What can be asked of the worker.

use std::collections::BTreeSet;

use super::control::{Changes, Event, Hook, HookEnd, Scene};
use super::error::PythonError;
use super::inspect::Function;
use super::{Bridge, Lane, Turn, wire};
use crate::activity::ActivityError;
use crate::value::{Map, Value, map};

/// A function to call, as an activity calls it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Dotted name of the module.
    pub module: &'a str,
    /// Name of the function in it.
    pub function: &'a str,
    /// By name, substituted.
    pub arguments: &'a Map,
    /// Given as `configuration` to a function that has this parameter.
    pub configuration: &'a Map,
    /// Given as `secrets` to a function that has this parameter; `None` when the provider lists no groups.
    pub secrets: Option<&'a Map>,
}

/// What a call gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Returned {
    /// The function's result.
    pub value: Value,
    /// Its arguments as it left them, if it changed one in place.
    pub arguments: Option<Map>,
}

impl Bridge {
    /// Calls a function and returns its result: tuples as lists, dates and bytes as such, UUIDs and decimals as
    /// text, other objects as their `repr`.
    ///
    /// # Errors
    /// `Failed` when the function raised, `Exit` for a `SystemExit`, `Fatal` when there is no such module or
    /// function, or no Python.
    pub async fn call(&self, call: &Call<'_>, lane: Lane) -> Result<Returned, ActivityError> {
        let mut request = named("call", call.module, call.function);
        request.insert("arguments".to_owned(), wire::tagged_map(call.arguments));
        request.insert("configuration".to_owned(), wire::tagged_map(call.configuration));
        if let Some(secrets) = call.secrets {
            request.insert("secrets".to_owned(), wire::tagged_map(secrets));
        }
        let turn = self.turn(lane).await.map_err(PythonError::from)?;
        let end = turn.ask(request, call.module, call.function).await?;
        let entry = |name: &str| end.get(name).cloned().map(wire::untagged);
        Ok(Returned {
            value: entry("result").unwrap_or_default(),
            arguments: entry("arguments").and_then(|arguments| match arguments {
                Value::Map(arguments) => Some(arguments),
                _ => None,
            }),
        })
    }

    /// The parameters of a plain or builtin function; classes do not count. The module is imported.
    ///
    /// # Errors
    /// `ModuleNotFound`, `ImportRaised`, `NoFunction`, `NoSignature`; `Exit` when the import exits.
    pub async fn inspect_function(&self, module: &str, function: &str) -> Result<Function, PythonError> {
        let request = named("describe_function", module, function);
        let described = self
            .turn(Lane::Foreground)
            .await?
            .ask(request, module, function)
            .await?;
        Ok(Function::read(&described))
    }

    /// The names of the hooks that a control's module defines. Asks the worker once a module.
    ///
    /// # Errors
    /// `ModuleNotFound`, `ImportRaised`; `Exit` when the import exits.
    pub async fn inspect_control(&self, module: &str) -> Result<BTreeSet<String>, PythonError> {
        if let Some(hooks) = self.inner.hooks.borrow().get(module) {
            return Ok(hooks.clone());
        }
        let request = named("describe_control", module, "");
        let described = self
            .turn(Lane::Foreground)
            .await?
            .ask(request, module, "")
            .await?;
        let names = described
            .as_list()
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str);
        let hooks: BTreeSet<String> = names.map(str::to_owned).collect();
        self.inner
            .hooks
            .borrow_mut()
            .insert(module.to_owned(), hooks.clone());
        Ok(hooks)
    }

    /// Calls a hook with `context`, its arguments, and those of `configuration`, `secrets`, `state`, `experiment`,
    /// `extensions` and `settings` that its signature names. A module without that hook changes nothing.
    pub async fn hook(&self, hook: &Hook<'_>, lane: Lane) -> HookEnd {
        let request = || {
            map([
                ("hook", hook.name.into()),
                ("arguments", wire::tagged_map(hook.arguments)),
                ("context", hook.context.entry()),
            ])
        };
        self.play("hook", hook.module, &hook.scene, request(), lane).await
    }

    /// Calls `configure_control` with the arguments as they are declared and those of the run's objects and of the
    /// `event_registry` that its signature names.
    pub async fn configure_control(&self, module: &str, arguments: &Map, scene: &Scene<'_>) -> HookEnd {
        let request = map([("arguments", wire::tagged_map(arguments))]);
        self.play("configure", module, scene, request, Lane::Foreground)
            .await
    }

    /// Calls `cleanup_control()`, if there is one.
    ///
    /// # Errors
    /// What it raised.
    pub async fn cleanup_control(&self, module: &str) -> Result<(), PythonError> {
        let request = named("cleanup", module, "cleanup_control");
        self.turn(Lane::Foreground)
            .await?
            .ask(request, module, "cleanup_control")
            .await?;
        Ok(())
    }

    /// Calls `validate_control(control)`, if there is one.
    ///
    /// # Errors
    /// What it raised: the control is not valid.
    pub async fn validate_control(&self, module: &str, control: &Value) -> Result<(), PythonError> {
        let mut request = named("validate", module, "validate_control");
        request.insert("control".to_owned(), wire::tagged(control));
        self.turn(Lane::Foreground)
            .await?
            .ask(request, module, "validate_control")
            .await?;
        Ok(())
    }

    /// True when a control registered a handler of events: without one, [`Bridge::event`] does nothing.
    pub fn has_listeners(&self) -> bool {
        self.inner.listeners.get() > 0
    }

    /// Tells the handlers of an event. What they raise is logged and does not matter, `SystemExit` excepted.
    pub async fn event(&self, event: &Event<'_>, lane: Lane) -> HookEnd {
        if !self.has_listeners() {
            return HookEnd {
                changes: Changes::default(),
                outcome: Ok(()),
            };
        }
        let arguments = event.arguments.iter().map(|argument| argument.entry()).collect();
        let request = map([("name", event.name.into()), ("arguments", Value::List(arguments))]);
        self.play("event", "", &event.scene, request, lane).await
    }

    /// Calls a notification plugin: `function(channel, event)`.
    ///
    /// # Errors
    /// When there is no such plain function, or what it raised; for a debug line only.
    pub async fn notify(
        &self,
        module: &str,
        function: &str,
        channel: &Value,
        event: &Value,
    ) -> Result<(), PythonError> {
        let mut request = named("notify", module, function);
        request.insert("channel".to_owned(), wire::tagged(channel));
        request.insert("event".to_owned(), wire::tagged(event));
        self.turn(Lane::Foreground)
            .await?
            .ask(request, module, function)
            .await?;
        Ok(())
    }

    /// The discovery document of an extension by its package's name; `system` has it look at its target too,
    /// `install` runs pip first.
    ///
    /// # Errors
    /// `Raised` with the library's `DiscoveryFailed`, or what the extension raised.
    pub async fn discover(&self, package: &str, system: bool, install: bool) -> Result<Value, PythonError> {
        let request = map([
            ("op", "discover".into()),
            ("package", package.into()),
            ("system", system.into()),
            ("install", install.into()),
        ]);
        let document = self
            .turn(Lane::Foreground)
            .await?
            .ask(request, package, "discover")
            .await?;
        Ok(wire::untagged(document))
    }

    async fn play(&self, op: &str, module: &str, scene: &Scene<'_>, entries: Map, lane: Lane) -> HookEnd {
        let turn = match self.turn(lane).await {
            Ok(turn) => turn,
            Err(error) => return PythonError::from(error).into(),
        };
        let mut request = named(op, module, "");
        request.extend(entries);
        request.extend(scene.entries(&turn.worker));
        match turn.ask(request, module, op).await {
            Ok(end) => self.ended(&end, &turn, module),
            Err(error) => error.into(),
        }
    }

    fn ended(&self, end: &Value, turn: &Turn<'_>, module: &str) -> HookEnd {
        if let Some(Value::Int(listeners)) = end.get("listeners") {
            self.inner.listeners.set(*listeners);
        }
        let fault = end.get("fault").filter(|fault| !fault.is_null());
        HookEnd {
            changes: Changes::read(end.get("changes"), &turn.worker),
            outcome: fault.map_or(Ok(()), |fault| Err(PythonError::from_reply(fault, module, ""))),
        }
    }
}

/// A request about a function; those of controls read no `function`, and `event` has no module.
fn named(op: &str, module: &str, function: &str) -> Map {
    map([
        ("op", op.into()),
        ("module", module.into()),
        ("function", function.into()),
    ])
}
