//! One call of one hook, native or in Python.

use std::any::Any;
use std::rc::Rc;

use super::super::activity::{Lane, exit_cause};
use super::super::beside::Beside;
use super::super::dispatch::bridge_lane;
use super::super::event::Event;
use super::super::stop::Cause;
use super::super::{Halt, Runner};
use super::{Level, Occasion, control_name};
use crate::control::{About, ControlEntry, ControlError, Hook, Live, Scene};
use crate::document::substitute::substitute;
use crate::provider::bridge::{self, Changes, Context, HookEnd, PythonError};
use crate::scope::Scope;
use crate::value::{Map, Value};

/// A hook that is about to be called, with the live objects as they are now.
pub(super) struct Call {
    /// The control's name.
    pub name: String,
    provider: Provider,
    hook: Hook,
    arguments: Map,
    experiment: Rc<Map>,
    scope: Rc<Scope>,
    /// What the hook is shown of the settings.
    pub settings: Option<Map>,
}

enum Provider {
    Native(ControlEntry),
    Python(String),
}

/// Why a hook did not end well, whoever provides it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The experiment is to end.
    #[error("{0}")]
    Interrupt(String),
    /// It exits with that code.
    #[error("{0}")]
    Exit(String),
    /// Anything else, which changes nothing.
    #[error("{0}")]
    Raised(String),
}

impl From<PythonError> for Fault {
    fn from(error: PythonError) -> Self {
        match error {
            PythonError::Interrupt { text, .. } => Self::Interrupt(text),
            PythonError::Exit(code) => Self::Exit(code),
            other => Self::Raised(other.to_string()),
        }
    }
}

impl From<ControlError> for Fault {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Interrupt(text) => Self::Interrupt(text),
            ControlError::Failed(text) => Self::Raised(text),
        }
    }
}

impl Fault {
    /// The stop that it means, if any.
    pub(super) fn cause(self) -> Option<Cause> {
        match self {
            Self::Interrupt(text) => Some(Cause::Asked(text)),
            Self::Exit(code) => Some(exit_cause(code)),
            Self::Raised(_) => None,
        }
    }
}

/// How a hook ended. What it changed counts even when it did not end well.
pub(super) struct Played {
    changes: Changes,
    aside: Option<Map>,
    left_out: bool,
    outcome: Result<(), Fault>,
}

impl From<HookEnd> for Played {
    fn from(end: HookEnd) -> Self {
        let mut changes = end.changes;
        let aside = match changes.context.take() {
            Some(Value::Map(activity)) => Some(activity),
            _ => None,
        };
        Self {
            changes,
            aside,
            left_out: false,
            outcome: end.outcome.map_err(Fault::from),
        }
    }
}

impl Runner {
    /// The native control that a declared one means.
    pub(super) fn native_control(&self, control: &Map) -> Option<&ControlEntry> {
        let provider = control.get("provider")?;
        if provider.get("type")?.as_str() != Some("python") {
            return None;
        }
        self.ports.catalogue.control(provider.get("module")?.as_str()?)
    }

    /// Calls a hook of a control, if it has it.
    pub(super) async fn call_hook(
        self: &Rc<Self>,
        occasion: &mut Occasion<'_>,
        control: &Map,
    ) -> Result<(), Halt> {
        let Some(call) = self.hook_call(occasion.hook, control).await else {
            return Ok(());
        };
        self.tell_start(&call);
        let played = self.wait(occasion.lane, self.play_hook(&call, occasion)).await?;
        match self.hook_ended(&call, played, occasion).map_err(Fault::cause) {
            Err(Some(cause)) => Err(Halt::Stop(cause)),
            _ => Ok(()),
        }
    }

    pub(super) fn tell_start(&self, call: &Call) {
        self.say(&Event::HookStarted {
            control: &call.name,
            hook: call.hook.name(),
        });
    }

    /// Tells of a hook's end and takes over what it changed.
    pub(super) fn hook_ended(
        &self,
        call: &Call,
        played: Played,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Fault> {
        let raised = played.outcome.as_ref().err().map(ToString::to_string);
        self.say(&Event::HookEnded {
            control: &call.name,
            hook: call.hook.name(),
            raised: raised.as_deref(),
        });
        self.apply(played.changes, &mut occasion.state);
        occasion.aside = played.aside.or(occasion.aside.take());
        occasion.left_out |= played.left_out;
        played.outcome
    }

    /// The call of a hook, unless the control does not have it, its module cannot be imported, or the hook was
    /// called before the run died that is being recovered.
    pub(super) async fn hook_call(&self, hook: Hook, control: &Map) -> Option<Call> {
        let provider = control.get("provider")?.as_map()?;
        if provider.get("type").and_then(Value::as_str) != Some("python") {
            return None;
        }
        let module = provider.get("module")?.as_str()?.to_owned();
        let native = self.ports.catalogue.control(&module).copied();
        let has_hook = match &native {
            Some(entry) => entry.hooks.contains(&hook),
            None => {
                let hooks = self.ports.bridge.inspect_control(&module).await.ok()?;
                hooks.contains(hook.name())
            }
        };
        let name = control_name(control);
        if !has_hook || self.is_done(&name, hook) {
            return None;
        }
        let live = self.state.borrow();
        let arguments = provider.get("arguments").cloned().unwrap_or_default();
        // in Python, those that configure stay as they were declared
        let substituted = (hook != Hook::Configure || native.is_some()) && !live.scope.is_empty();
        let arguments = if substituted {
            substitute(&arguments, &live.scope)
        } else {
            arguments
        };
        Some(Call {
            name,
            provider: native.map_or(Provider::Python(module), Provider::Native),
            hook,
            arguments: arguments.as_map().cloned().unwrap_or_default(),
            experiment: Rc::clone(&live.experiment),
            scope: Rc::clone(&live.scope),
            settings: self.plan.has_settings.then(|| live.settings.clone()),
        })
    }

    /// Did the dead run that is being recovered get to the end of this hook?
    fn is_done(&self, control: &str, hook: Hook) -> bool {
        let state = self.state.borrow();
        let mut done = state.hooks_done.iter();
        done.any(|(name, function)| name == control && function == hook.name())
    }

    pub(super) async fn play_hook(self: &Rc<Self>, call: &Call, occasion: &Occasion<'_>) -> Played {
        match &call.provider {
            Provider::Native(entry) => self.play_native(entry, call, occasion).await,
            Provider::Python(module) => self.play_python(module, call, occasion).await.into(),
        }
    }

    async fn play_python(&self, module: &str, call: &Call, occasion: &Occasion<'_>) -> HookEnd {
        let bridge = &self.ports.bridge;
        let experiment = Value::Map(Map::clone(&call.experiment));
        let settings = call.settings.clone().map(Value::Map);
        let scene = bridge::Scene {
            experiment: Some(&experiment),
            configuration: Some(&call.scope.configuration),
            secrets: Some(&call.scope.secrets),
            settings: settings.as_ref(),
            journal: None,
            state: occasion.state.as_ref(),
        };
        match call.hook {
            Hook::Configure => bridge.configure_control(module, &call.arguments, &scene).await,
            Hook::Cleanup => match bridge.cleanup_control(module).await {
                Err(error) => error.into(),
                Ok(()) => HookEnd {
                    changes: Changes::default(),
                    outcome: Ok(()),
                },
            },
            hook => {
                let path = occasion.level.context();
                let aside = occasion.aside.clone().map(Value::Map);
                let hook = bridge::Hook {
                    module,
                    name: hook.name(),
                    arguments: &call.arguments,
                    context: aside.as_ref().map_or(Context::At(&path), Context::Value),
                    scene,
                };
                bridge.hook(&hook, bridge_lane(occasion.lane)).await
            }
        }
    }

    async fn play_native(
        self: &Rc<Self>,
        entry: &ControlEntry,
        call: &Call,
        occasion: &Occasion<'_>,
    ) -> Played {
        let mut scene = self.scene(call, occasion);
        let kept = self.kept_by(&call.name, entry);
        let outcome = entry
            .play(call.hook, call.arguments.clone(), kept, &mut scene)
            .await;
        let aside = match scene.about {
            About::Aside(activity) => activity.news(),
            About::Nothing | About::Site(_) => None,
        };
        Played {
            changes: Changes {
                experiment: scene.experiment.news().map(Value::Map),
                configuration: scene.configuration.news(),
                secrets: scene.secrets.news(),
                settings: scene.settings.news().map(Value::Map),
                state: scene.state.news(),
                ..Changes::default()
            },
            aside,
            left_out: scene.left_out,
            outcome: outcome.map_err(Fault::from),
        }
    }

    fn scene(self: &Rc<Self>, call: &Call, occasion: &Occasion<'_>) -> Scene {
        let about = match (&occasion.aside, occasion.level) {
            (Some(activity), _) => About::Aside(Live::of(Rc::new(activity.clone()))),
            (None, Level::Activity(site)) => About::Site(site),
            _ => About::Nothing,
        };
        Scene {
            experiment: Live::of(Rc::clone(&call.experiment)),
            configuration: Live::of(Rc::new(call.scope.configuration.clone())),
            secrets: Live::of(Rc::new(call.scope.secrets.clone())),
            settings: Live::of(Rc::new(call.settings.clone().unwrap_or_default())),
            state: Live::of(Rc::new(occasion.state.clone().unwrap_or_default())),
            host: Rc::new(self.ports.host.borrow().clone()),
            beside: Beside::of(self, &call.name),
            about,
            left_out: false,
        }
    }

    /// What a native control keeps between its hooks, begun with the first.
    fn kept_by(&self, name: &str, entry: &ControlEntry) -> Rc<dyn Any> {
        let mut kept = self.kept_by_controls.borrow_mut();
        let key = (name.to_owned(), entry.module);
        Rc::clone(kept.entry(key).or_insert_with(|| entry.begin()))
    }

    /// Hooks share the live objects: what they changed holds from here on.
    pub(crate) fn apply(&self, changes: Changes, state: &mut Option<Value>) {
        let experiment = match changes.experiment {
            Some(Value::Map(experiment)) => Some(experiment),
            _ => None,
        };
        if experiment.is_some() || changes.configuration.is_some() {
            self.say(&Event::Changed {
                experiment: experiment.as_ref(),
                configuration: changes.configuration.as_ref(),
                variable: None,
            });
        }
        let mut live = self.state.borrow_mut();
        if let Some(experiment) = experiment {
            let live = &mut *live;
            live.journal.experiment.keep_lost(&live.experiment, &experiment);
            live.experiment = Rc::new(experiment);
        }
        if let Some(configuration) = changes.configuration {
            Rc::make_mut(&mut live.scope).configuration = configuration;
        }
        if let Some(secrets) = changes.secrets {
            Rc::make_mut(&mut live.scope).secrets = secrets;
        }
        if let Some(Value::Map(settings)) = changes.settings {
            live.settings = settings;
        }
        if let Some(changed) = changes.state {
            *state = Some(changed);
        }
    }
}

/// Hooks that belong to no part of the experiment run where the run waits for them.
pub(super) fn foreground<'a>(hook: Hook) -> Occasion<'a> {
    Occasion::new(Level::Experiment, hook, &Lane::Foreground)
}
