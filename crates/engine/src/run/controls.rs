//! Controls: which apply where, and the calls of their hooks.
//!
//! At the experiment itself all controls apply; around method and rollbacks the global and the experiment's
//! automatic ones; around hypothesis and activities these, then the local ones. A local control of the same name
//! takes the place of the experiment's. (The peer calls some twice, and leaves out global ones, when both kinds are
//! there: SPEC section 13 marks this as a bug.)

use std::rc::Rc;

use super::activity::{Lane, Site, activity_at, exit_cause};
use super::dispatch::bridge_lane;
use super::event::{Event, Section};
use super::stop::Cause;
use super::{Halt, Runner, State};
use crate::document::substitute::substitute;
use crate::journal::Record;
use crate::provider::bridge::{self, Changes, Context, HookEnd, PythonError, Scene, Step};
use crate::value::{Map, Value, python};

/// Where hooks are called, and what they are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Experiment,
    Hypothesis,
    Method,
    Rollbacks,
    Activity(Site),
}

impl Level {
    fn hook(self, before: bool) -> &'static str {
        match (self, before) {
            (Self::Experiment, true) => "before_experiment_control",
            (Self::Experiment, false) => "after_experiment_control",
            (Self::Hypothesis, true) => "before_hypothesis_control",
            (Self::Hypothesis, false) => "after_hypothesis_control",
            (Self::Method, true) => "before_method_control",
            (Self::Method, false) => "after_method_control",
            (Self::Rollbacks, true) => "before_rollback_control",
            (Self::Rollbacks, false) => "after_rollback_control",
            (Self::Activity(_), true) => "before_activity_control",
            (Self::Activity(_), false) => "after_activity_control",
        }
    }

    pub(crate) fn context(self) -> Vec<Step<'static>> {
        const HYPOTHESIS: Step<'static> = Step::Key("steady-state-hypothesis");
        match self {
            Self::Experiment | Self::Method | Self::Rollbacks => Vec::new(),
            Self::Hypothesis => vec![HYPOTHESIS],
            Self::Activity(Site { section, index }) => match section {
                Section::Hypothesis(_) => vec![HYPOTHESIS, Step::Key("probes"), Step::Index(index)],
                Section::Method => vec![Step::Key("method"), Step::Index(index)],
                Section::Rollbacks => vec![Step::Key("rollbacks"), Step::Index(index)],
            },
        }
    }
}

const CONFIGURE: &str = "configure_control";
const CLEANUP: &str = "cleanup_control";

/// A hook that is about to be called, with the live objects as they are now.
struct Call {
    module: String,
    hook: &'static str,
    arguments: Map,
    experiment: Value,
    configuration: Map,
    secrets: Map,
    settings: Value,
}

impl Call {
    fn scene<'a>(&'a self, state: Option<&'a Value>) -> Scene<'a> {
        Scene {
            experiment: Some(&self.experiment),
            configuration: Some(&self.configuration),
            secrets: Some(&self.secrets),
            settings: Some(&self.settings).filter(|settings| !settings.is_null()),
            journal: None,
            state,
        }
    }
}

impl Runner {
    pub(crate) async fn experiment_hooks_before(&self) -> Result<(), Halt> {
        self.hooks_before(Level::Experiment, &Lane::Foreground).await
    }

    /// Is there a hook that wants to see the journal?
    pub(crate) fn has_experiment_hooks_after(&self) -> bool {
        !self.applicable(Level::Experiment, false).is_empty()
    }

    /// The last hooks: they may change the journal, and with it the exit code.
    pub(crate) async fn experiment_hooks_after(&self, journal: Map) -> Map {
        let mut journal = Some(Value::Map(journal));
        // a stop asked for here has nothing left to stop
        let _ = self
            .hooks_after(Level::Experiment, &mut journal, &Lane::Foreground)
            .await;
        match journal {
            Some(Value::Map(journal)) => journal,
            _ => Map::new(),
        }
    }

    pub(crate) async fn section_hooks_before(&self, section: Section) -> Result<(), Halt> {
        self.hooks_before(section_level(section), &Lane::Foreground).await
    }

    /// `played` tells whether there are records to show to the hooks.
    pub(crate) async fn section_hooks_after(&self, section: Section, played: bool) -> Result<(), Halt> {
        let level = section_level(section);
        if self.applicable(level, false).is_empty() {
            return Ok(());
        }
        let records = self.state.borrow_mut().journal.records(section).cloned();
        let records = records.filter(|_| played);
        let mut state = records.map(|records| Value::List(records.iter().map(Record::to_value).collect()));
        let called = self.hooks_after(level, &mut state, &Lane::Foreground).await;
        if let (Some(Value::List(changed)), Some(records)) =
            (state, self.state.borrow_mut().journal.records(section))
        {
            *records = changed.iter().map(Record::of).collect();
        }
        called
    }

    pub(crate) async fn hypothesis_hooks_before(&self, lane: &Lane) -> Result<(), Halt> {
        self.hooks_before(Level::Hypothesis, lane).await
    }

    /// Returns the state if a hook changed it.
    pub(crate) async fn hypothesis_hooks_after(
        &self,
        state: Option<&Map>,
        lane: &Lane,
    ) -> Result<Option<Map>, Halt> {
        self.hooks_after_with(Level::Hypothesis, &mut || state.cloned(), lane)
            .await
    }

    pub(crate) async fn activity_hooks_before(&self, site: Site, lane: &Lane) -> Result<(), Halt> {
        self.hooks_before(Level::Activity(site), lane).await
    }

    /// Returns the record if a hook changed it.
    pub(crate) async fn activity_hooks_after(
        &self,
        site: Site,
        record: &mut dyn FnMut() -> Option<Map>,
        lane: &Lane,
    ) -> Result<Option<Map>, Halt> {
        self.hooks_after_with(Level::Activity(site), record, lane).await
    }

    /// `state` is asked for only if there are hooks.
    async fn hooks_after_with(
        &self,
        level: Level,
        state: &mut dyn FnMut() -> Option<Map>,
        lane: &Lane,
    ) -> Result<Option<Map>, Halt> {
        if self.applicable(level, false).is_empty() {
            return Ok(None);
        }
        let mut value = state().map(Value::Map);
        self.hooks_after(level, &mut value, lane).await?;
        Ok(value.and_then(|value| match value {
            Value::Map(map) => Some(map),
            _ => None,
        }))
    }

    async fn hooks_before(&self, level: Level, lane: &Lane) -> Result<(), Halt> {
        for control in self.applicable(level, true) {
            self.call_hook(level, true, &control, &mut None, lane).await?;
        }
        Ok(())
    }

    async fn hooks_after(&self, level: Level, state: &mut Option<Value>, lane: &Lane) -> Result<(), Halt> {
        for control in self.applicable(level, false) {
            self.call_hook(level, false, &control, state, lane).await?;
        }
        Ok(())
    }

    async fn call_hook(
        &self,
        level: Level,
        before: bool,
        control: &Map,
        state: &mut Option<Value>,
        lane: &Lane,
    ) -> Result<(), Halt> {
        let Some(call) = self.hook_call(level.hook(before), control).await else {
            return Ok(());
        };
        let name = control_name(control);
        self.say(&Event::HookStarted {
            control: &name,
            hook: call.hook,
        });
        let end = {
            let path = level.context();
            let hook = bridge::Hook {
                module: &call.module,
                name: call.hook,
                arguments: &call.arguments,
                context: Context::At(&path),
                scene: call.scene(state.as_ref()),
            };
            self.wait(lane, self.ports.bridge.hook(&hook, bridge_lane(lane)))
                .await?
        };
        match self.hook_ended(&name, call.hook, end, state) {
            Err(PythonError::Interrupt { text, .. }) => Err(Halt::Stop(Cause::Asked(text))),
            Err(PythonError::Exit(code)) => Err(Halt::Stop(exit_cause(code))),
            _ => Ok(()),
        }
    }

    /// Tells of a hook's end and takes over what it changed.
    fn hook_ended(
        &self,
        control: &str,
        hook: &str,
        end: HookEnd,
        state: &mut Option<Value>,
    ) -> Result<(), PythonError> {
        let raised = end.outcome.as_ref().err().map(ToString::to_string);
        self.say(&Event::HookEnded {
            control,
            hook,
            raised: raised.as_deref(),
        });
        self.apply(end.changes, state);
        end.outcome
    }

    /// Did the dead run that is being recovered get to the end of this hook?
    fn is_done(&self, control: &str, hook: &str) -> bool {
        let state = self.state.borrow();
        state
            .hooks_done
            .iter()
            .any(|(name, function)| name == control && function == hook)
    }

    /// The call of a hook, unless the control's module does not have it, cannot be imported, or the hook was called
    /// before the run died that is being recovered.
    async fn hook_call(&self, hook: &'static str, control: &Map) -> Option<Call> {
        let provider = control.get("provider")?.as_map()?;
        if provider.get("type").and_then(Value::as_str) != Some("python") {
            return None;
        }
        let module = provider.get("module")?.as_str()?.to_owned();
        let hooks = self.ports.bridge.inspect_control(&module).await.ok()?;
        if !hooks.contains(hook) || self.is_done(&control_name(control), hook) {
            return None;
        }
        let live = self.state.borrow();
        let arguments = provider.get("arguments").cloned().unwrap_or_default();
        let substituted = hook != CONFIGURE && !live.scope.is_empty();
        let arguments = if substituted {
            substitute(&arguments, &live.scope)
        } else {
            arguments
        };
        let settings = self.plan.has_settings.then(|| live.settings.clone());
        Some(Call {
            module,
            hook,
            arguments: arguments.as_map().cloned().unwrap_or_default(),
            experiment: live.experiment.clone().into(),
            configuration: live.scope.configuration.clone(),
            secrets: live.scope.secrets.clone(),
            settings: settings.map(Value::Map).unwrap_or_default(),
        })
    }

    /// Hooks share the live objects: what they changed holds from here on.
    pub(crate) fn apply(&self, changes: Changes, state: &mut Option<Value>) {
        let experiment = match changes.experiment {
            Some(Value::Map(experiment)) => Some(experiment),
            _ => None,
        };
        if experiment.is_some() || changes.configuration.is_some() {
            let (experiment, configuration) = (experiment.as_ref(), changes.configuration.as_ref());
            self.say(&Event::Changed {
                experiment,
                configuration,
            });
        }
        let mut live = self.state.borrow_mut();
        if let Some(experiment) = experiment {
            let live = &mut *live;
            live.journal.experiment.keep_lost(&live.experiment, &experiment);
            live.experiment = experiment;
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

    fn applicable(&self, level: Level, before: bool) -> Vec<Map> {
        let state = self.state.borrow();
        let mut controls = state.controls_at(level);
        controls.retain(|control| is_in_scope(control, before));
        controls
    }

    /// Configures global controls, then the experiment's, each name once. A global one that fails is left out.
    pub(crate) async fn configure_controls(&self) {
        let global = self.state.borrow().global_controls.clone();
        let mut configured = Vec::new();
        for control in global {
            let Some(map) = control.as_map() else { continue };
            if self.configure(map, true).await {
                configured.push(control);
            }
        }
        self.state.borrow_mut().global_controls = configured;
        for control in self.declared_controls() {
            self.configure(&control, false).await;
        }
    }

    /// False when the hook raised. Settings are shown to global controls only, as in the peer.
    async fn configure(&self, control: &Map, global: bool) -> bool {
        let Some(mut call) = self.hook_call(CONFIGURE, control).await else {
            return true;
        };
        let live_settings = self.state.borrow().settings.clone().into();
        call.settings = if global { live_settings } else { Value::Null };
        let name = control_name(control);
        self.say(&Event::HookStarted {
            control: &name,
            hook: CONFIGURE,
        });
        let scene = call.scene(None);
        let configured = self
            .ports
            .bridge
            .configure_control(&call.module, &call.arguments, &scene);
        match self.ports.stop.guard(configured).await {
            Ok(end) => {
                let ended = self.hook_ended(&name, CONFIGURE, end, &mut None);
                if let Err(PythonError::Exit(code)) = &ended {
                    self.ports.stop.put_back(exit_cause(code.clone()));
                }
                ended.is_ok()
            }
            Err(cause) => {
                // taken up again by the first thing that the run waits for
                self.ports.stop.put_back(cause);
                true
            }
        }
    }

    /// Cleans up in the order of configuration, global controls last.
    pub(crate) async fn cleanup_controls(&self) {
        let global = std::mem::take(&mut self.state.borrow_mut().global_controls);
        let global = global.into_iter().filter_map(|control| match control {
            Value::Map(control) => Some(control),
            _ => None,
        });
        for control in self.declared_controls().into_iter().chain(global) {
            let Some(call) = self.hook_call(CLEANUP, &control).await else {
                continue;
            };
            let name = control_name(&control);
            self.say(&Event::HookStarted {
                control: &name,
                hook: CLEANUP,
            });
            let Ok(end) = self
                .ports
                .stop
                .guard(self.ports.bridge.cleanup_control(&call.module))
                .await
            else {
                continue;
            };
            let raised = end.err().map(|error| error.to_string());
            self.say(&Event::HookEnded {
                control: &name,
                hook: CLEANUP,
                raised: raised.as_deref(),
            });
        }
    }

    /// The experiment's own controls, each name once, in the order of declaration.
    fn declared_controls(&self) -> Vec<Map> {
        let state = self.state.borrow();
        let mut controls: Vec<Map> = Vec::new();
        for control in all_controls(&state.experiment) {
            let name = control
                .get("name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty());
            let seen = controls
                .iter()
                .any(|known| known.get("name").and_then(Value::as_str) == name);
            if name.is_some() && !seen {
                controls.push(control.clone());
            }
        }
        controls
    }
}

impl State {
    fn controls_at(&self, level: Level) -> Vec<Map> {
        let global = self.global_controls.iter().filter_map(Value::as_map).cloned();
        let top = || list(self.experiment.get("controls")).cloned();
        let automatic = || top().filter(|control| control.get("automatic").is_none_or(python::truthy));
        let local: Vec<Map> = match level {
            Level::Experiment => return global.chain(top()).collect(),
            Level::Method | Level::Rollbacks => Vec::new(),
            Level::Hypothesis => {
                let hypothesis = self.experiment.get("steady-state-hypothesis");
                self.local_controls(hypothesis.and_then(Value::as_map))
            }
            Level::Activity(site) => self.local_controls(activity_at(&self.experiment, site)),
        };
        let replaced = |control: &Map| local.iter().any(|l| l.get("name") == control.get("name"));
        let inherited: Vec<Map> = automatic().filter(|control| !replaced(control)).collect();
        global.chain(inherited).chain(local.clone()).collect()
    }

    fn local_controls(&self, owner: Option<&Map>) -> Vec<Map> {
        let declared: Vec<&Map> = list(owner.and_then(|owner| owner.get("controls"))).collect();
        let named = |name: &Value| {
            list(self.experiment.get("controls")).find(|control| control.get("name") == Some(name))
        };
        // the validation wants a provider of a reference too: that one is applied as well, as in the peer
        let own = declared
            .iter()
            .copied()
            .filter(|control| control.contains_key("provider"));
        let referenced = declared.iter().filter_map(|control| named(control.get("ref")?));
        own.chain(referenced).cloned().collect()
    }
}

fn section_level(section: Section) -> Level {
    match section {
        Section::Rollbacks => Level::Rollbacks,
        Section::Method | Section::Hypothesis(_) => Level::Method,
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Map> {
    value
        .and_then(Value::as_list)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_map)
}

/// Every control of an experiment: its own, the hypothesis', then those of all activities.
pub(crate) fn all_controls(experiment: &Map) -> Vec<&Map> {
    let hypothesis = experiment.get("steady-state-hypothesis").and_then(Value::as_map);
    let in_hypothesis = |key: &str| hypothesis.and_then(|hypothesis| hypothesis.get(key));
    let activities = list(in_hypothesis("probes"))
        .chain(list(experiment.get("method")))
        .chain(list(experiment.get("rollbacks")));
    list(experiment.get("controls"))
        .chain(list(in_hypothesis("controls")))
        .chain(activities.flat_map(|activity| list(activity.get("controls"))))
        .collect()
}

/// A control without a scope has both kinds of hooks.
pub fn is_in_scope(control: &Map, before: bool) -> bool {
    let scope = control.get("scope").filter(|scope| python::truthy(scope));
    scope.is_none_or(|scope| scope.as_str() == Some(if before { "before" } else { "after" }))
}

fn control_name(control: &Map) -> String {
    control.get("name").map_or("None".to_owned(), python::text)
}
