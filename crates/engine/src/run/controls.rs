//! Controls: which apply where, and at which occasions their hooks are called.
//!
//! At the experiment itself all controls apply; around method and rollbacks the global and the experiment's
//! automatic ones; around hypothesis and activities these, then the local ones. A local control of the same name
//! takes the place of the experiment's. (The peer calls some twice, and leaves out global ones, when both kinds are
//! there: SPEC section 13 marks this as a bug.)

mod call;
mod lifecycle;

use std::rc::Rc;

use super::activity::{Lane, Site, activity_at};
use super::event::Section;
use super::{Halt, Runner, State};
use crate::control::Hook;
use crate::journal::Record;
use crate::provider::bridge::Step;
use crate::value::{Map, Value, python};

/// Where hooks are called, and what they are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Experiment,
    Hypothesis,
    Method,
    Rollbacks,
    Activity(Site),
    /// An activity that is played beside the experiment.
    Aside,
}

impl Level {
    fn hook(self, before: bool) -> Hook {
        match (self, before) {
            (Self::Experiment, true) => Hook::BeforeExperiment,
            (Self::Experiment, false) => Hook::AfterExperiment,
            (Self::Hypothesis, true) => Hook::BeforeHypothesis,
            (Self::Hypothesis, false) => Hook::AfterHypothesis,
            (Self::Method, true) => Hook::BeforeMethod,
            (Self::Method, false) => Hook::AfterMethod,
            (Self::Rollbacks, true) => Hook::BeforeRollbacks,
            (Self::Rollbacks, false) => Hook::AfterRollbacks,
            (Self::Activity(_) | Self::Aside, true) => Hook::BeforeActivity,
            (Self::Activity(_) | Self::Aside, false) => Hook::AfterActivity,
        }
    }

    pub(crate) fn context(self) -> Vec<Step<'static>> {
        const HYPOTHESIS: Step<'static> = Step::Key("steady-state-hypothesis");
        match self {
            Self::Experiment | Self::Method | Self::Rollbacks | Self::Aside => Vec::new(),
            Self::Hypothesis => vec![HYPOTHESIS],
            Self::Activity(Site { section, index }) => match section {
                Section::Hypothesis(_) => vec![HYPOTHESIS, Step::Key("probes"), Step::Index(index)],
                Section::Method => vec![Step::Key("method"), Step::Index(index)],
                Section::Rollbacks => vec![Step::Key("rollbacks"), Step::Index(index)],
            },
        }
    }
}

/// A moment at which hooks are called, and what they make of it.
pub(crate) struct Occasion<'a> {
    level: Level,
    hook: Hook,
    lane: &'a Lane,
    /// What a hook after something is shown and may change.
    state: Option<Value>,
    /// The activity beside the experiment that this is about.
    aside: Option<Map>,
    /// Has a hook said that the activity is not to be executed?
    left_out: bool,
}

impl<'a> Occasion<'a> {
    fn new(level: Level, hook: Hook, lane: &'a Lane) -> Self {
        Self {
            level,
            hook,
            lane,
            state: None,
            aside: None,
            left_out: false,
        }
    }

    fn before(level: Level, lane: &'a Lane) -> Self {
        Self::new(level, level.hook(true), lane)
    }

    fn after(level: Level, state: Option<Value>, lane: &'a Lane) -> Self {
        Self {
            state,
            ..Self::new(level, level.hook(false), lane)
        }
    }

    /// Before or after an activity beside the experiment.
    pub(super) fn aside(hook: Hook, lane: &'a Lane, activity: Map, record: Option<Value>) -> Self {
        Self {
            state: record,
            aside: Some(activity),
            ..Self::new(Level::Aside, hook, lane)
        }
    }

    /// The activity beside the experiment, as hooks left it.
    pub(super) fn into_aside(self) -> Map {
        self.aside.unwrap_or_default()
    }

    /// The state, as hooks left it.
    pub(super) fn into_state(self) -> Option<Value> {
        self.state
    }
}

impl Runner {
    pub(crate) async fn experiment_hooks_before(self: &Rc<Self>) -> Result<(), Halt> {
        self.hooks(&mut Occasion::before(Level::Experiment, &Lane::Foreground))
            .await
    }

    /// Is there a hook that wants to see the journal?
    pub(crate) fn has_experiment_hooks_after(&self) -> bool {
        self.is_any_after(Level::Experiment)
    }

    /// The last hooks: they may change the journal, and with it the exit code.
    pub(crate) async fn experiment_hooks_after(self: &Rc<Self>, journal: Map) -> Map {
        // a stop that nobody has taken was about what is over; what these hooks undo must be undone all the same
        self.ports.stop.forget();
        let mut occasion = Occasion::after(Level::Experiment, Some(journal.into()), &Lane::Foreground);
        let _ = self.hooks(&mut occasion).await;
        match occasion.state {
            Some(Value::Map(journal)) => journal,
            _ => Map::new(),
        }
    }

    pub(crate) async fn section_hooks_before(self: &Rc<Self>, section: Section) -> Result<(), Halt> {
        self.hooks(&mut Occasion::before(section_level(section), &Lane::Foreground))
            .await
    }

    /// `played` tells whether there are records to show to the hooks.
    pub(crate) async fn section_hooks_after(
        self: &Rc<Self>,
        section: Section,
        played: bool,
    ) -> Result<(), Halt> {
        let level = section_level(section);
        if !self.is_any_after(level) {
            return Ok(());
        }
        let records = self.state.borrow_mut().journal.records(section).cloned();
        let records = records.filter(|_| played);
        let state = records.map(|records| Value::List(records.iter().map(Record::to_value).collect()));
        let mut occasion = Occasion::after(level, state, &Lane::Foreground);
        let called = self.hooks(&mut occasion).await;
        if let (Some(Value::List(changed)), Some(records)) =
            (occasion.state, self.state.borrow_mut().journal.records(section))
        {
            *records = changed.iter().map(Record::of).collect();
        }
        called
    }

    pub(crate) async fn hypothesis_hooks_before(self: &Rc<Self>, lane: &Lane) -> Result<(), Halt> {
        self.hooks(&mut Occasion::before(Level::Hypothesis, lane)).await
    }

    /// Returns the state if a hook changed it.
    pub(crate) async fn hypothesis_hooks_after(
        self: &Rc<Self>,
        state: Option<&Map>,
        lane: &Lane,
    ) -> Result<Option<Map>, Halt> {
        self.hooks_after_with(Level::Hypothesis, &mut || state.cloned(), lane)
            .await
    }

    /// Is the activity to be left out?
    pub(crate) async fn activity_hooks_before(
        self: &Rc<Self>,
        site: Site,
        lane: &Lane,
    ) -> Result<bool, Halt> {
        let mut occasion = Occasion::before(Level::Activity(site), lane);
        self.hooks(&mut occasion).await?;
        Ok(occasion.left_out)
    }

    /// Returns the record if a hook changed it.
    pub(crate) async fn activity_hooks_after(
        self: &Rc<Self>,
        site: Site,
        record: &mut dyn FnMut() -> Option<Map>,
        lane: &Lane,
    ) -> Result<Option<Map>, Halt> {
        self.hooks_after_with(Level::Activity(site), record, lane).await
    }

    /// `state` is asked for only if there are hooks.
    async fn hooks_after_with(
        self: &Rc<Self>,
        level: Level,
        state: &mut dyn FnMut() -> Option<Map>,
        lane: &Lane,
    ) -> Result<Option<Map>, Halt> {
        if !self.is_any_after(level) {
            return Ok(None);
        }
        let mut occasion = Occasion::after(level, state().map(Value::Map), lane);
        self.hooks(&mut occasion).await?;
        Ok(occasion.state.and_then(|value| match value {
            Value::Map(map) => Some(map),
            _ => None,
        }))
    }

    /// Calls the hooks of all controls that apply, up to the first that ends the experiment. After the experiment
    /// there is nothing left to end, and native controls undo what they did: those are all called.
    pub(super) async fn hooks(self: &Rc<Self>, occasion: &mut Occasion<'_>) -> Result<(), Halt> {
        let mut ended = Ok(());
        for control in self.applicable(occasion.level, occasion.hook, occasion.aside.as_ref()) {
            let undoes = occasion.hook == Hook::AfterExperiment && self.native_control(&control).is_some();
            if ended.is_ok() || undoes {
                let called = self.call_hook(occasion, &control).await;
                ended = ended.and(called);
            }
        }
        ended
    }

    fn is_any_after(&self, level: Level) -> bool {
        !self.applicable(level, level.hook(false), None).is_empty()
    }

    /// The controls that may have that hook: of Python ones that is not known yet.
    fn applicable(&self, level: Level, hook: Hook, aside: Option<&Map>) -> Vec<Map> {
        let mut controls = self.state.borrow().controls_at(level, aside);
        controls.retain(|control| {
            let native = self.native_control(control);
            is_in_scope(control, hook.comes_before())
                && native.is_none_or(|entry| entry.hooks.contains(&hook))
        });
        controls
    }
}

impl State {
    fn controls_at(&self, level: Level, aside: Option<&Map>) -> Vec<Map> {
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
            Level::Aside => self.local_controls(aside),
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

pub(super) fn control_name(control: &Map) -> String {
    control.get("name").map_or("None".to_owned(), python::text)
}
