//! Hooks of controls, and the objects of the run that they share with it.

use crate::value::{Map, Value, map};

use super::connection::Connection;
use super::error::PythonError;
use super::wire;

/// One hook of a control, for example `before_activity_control`.
#[derive(Clone, Copy)]
pub struct Hook<'a> {
    /// Dotted name of the control's module.
    pub module: &'a str,
    /// Name of the function in it.
    pub name: &'a str,
    /// The control's arguments, substituted.
    pub arguments: &'a Map,
    /// What the hook is about.
    pub context: Context<'a>,
    /// The objects that its signature may name.
    pub scene: Scene<'a>,
}

/// The `context` of a hook.
#[derive(Clone, Copy)]
pub enum Context<'a> {
    /// A part of [`Scene::experiment`], the very same object: `[]` is the experiment, `["method", 0]` an activity.
    At(&'a [Step<'a>]),
    /// A value of its own, such as the source's text in the loading hooks.
    Value(&'a Value),
}

/// One step down into a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The entry of that name.
    Key(&'a str),
    /// The item at that place.
    Index(usize),
}

/// The run's objects at the moment. `None` is Python's `None`.
///
/// Only those that changed since the worker last had them cross the link, so give them all, always.
#[derive(Clone, Copy, Default)]
pub struct Scene<'a> {
    /// The experiment as loaded and changed so far.
    pub experiment: Option<&'a Value>,
    /// Resolved configuration.
    pub configuration: Option<&'a Map>,
    /// Resolved secrets, by groups.
    pub secrets: Option<&'a Map>,
    /// The settings file's content.
    pub settings: Option<&'a Value>,
    /// The journal so far, for events.
    pub journal: Option<&'a Value>,
    /// What an after hook is given: journal, hypothesis state, records, a record. Not kept between hooks.
    pub state: Option<&'a Value>,
}

/// The new values of what a hook changed; `None` for what it left as it was.
#[derive(Clone, Default, PartialEq)]
pub struct Changes {
    /// The whole experiment, a context inside it included.
    pub experiment: Option<Value>,
    /// The whole configuration.
    pub configuration: Option<Map>,
    /// All groups of secrets.
    pub secrets: Option<Map>,
    /// The whole settings.
    pub settings: Option<Value>,
    /// The whole journal of [`Scene::journal`].
    pub journal: Option<Value>,
    /// The state.
    pub state: Option<Value>,
    /// A context that was a [`Context::Value`].
    pub context: Option<Value>,
}

/// How a hook ended. What it changed counts even when it raised.
#[derive(Clone, Debug, PartialEq)]
pub struct HookEnd {
    /// What it changed.
    pub changes: Changes,
    /// What it raised, or why it could not be called.
    pub outcome: Result<(), PythonError>,
}

/// An event of the run, for the handlers that controls registered in the `event_registry`.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// Name of the handler's method: `start_activity`.
    pub name: &'a str,
    /// Its positional arguments.
    pub arguments: &'a [Argument<'a>],
    /// The objects that arguments refer to.
    pub scene: Scene<'a>,
}

/// One argument of an event.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    /// [`Scene::experiment`] or a part of it.
    Experiment(&'a [Step<'a>]),
    /// [`Scene::journal`] or a part of it.
    Journal(&'a [Step<'a>]),
    /// [`Scene::configuration`].
    Configuration,
    /// [`Scene::secrets`].
    Secrets,
    /// [`Scene::settings`].
    Settings,
    /// How the continuous hypothesis is checked, as a `chaoslib.types.Schedule`.
    Schedule {
        /// Seconds between two checks.
        frequency: f64,
        /// End the experiment at the first deviation.
        fail_fast: bool,
    },
    /// Any other value.
    Value(&'a Value),
}

impl Scene<'_> {
    /// The entries of a request that give it the run's objects.
    pub(super) fn entries(&self, connection: &Connection) -> Map {
        let objects = self.objects();
        let names = objects.iter().map(|(name, _)| (*name).into()).collect();
        let mut entries = map([
            ("names", Value::List(names)),
            ("live", connection.unshared(objects)),
        ]);
        if let Some(state) = self.state {
            entries.insert("state".to_owned(), wire::tagged(state));
        }
        entries
    }

    fn objects(&self) -> Vec<(&'static str, Value)> {
        let of_map = |map: Option<&Map>| map.cloned().map(Value::Map);
        let all = [
            ("experiment", self.experiment.cloned()),
            ("configuration", of_map(self.configuration)),
            ("secrets", of_map(self.secrets)),
            ("settings", self.settings.cloned()),
            ("journal", self.journal.cloned()),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

impl Context<'_> {
    pub(super) fn entry(&self) -> Value {
        match self {
            Self::At(steps) => live("experiment", steps),
            Self::Value(value) => map([("value", wire::tagged(value))]).into(),
        }
    }
}

impl Argument<'_> {
    pub(super) fn entry(&self) -> Value {
        match self {
            Self::Experiment(steps) => live("experiment", steps),
            Self::Journal(steps) => live("journal", steps),
            Self::Configuration => live("configuration", &[]),
            Self::Secrets => live("secrets", &[]),
            Self::Settings => live("settings", &[]),
            Self::Schedule { frequency, fail_fast } => {
                let entries = map([
                    ("continuous_hypothesis_frequency", (*frequency).into()),
                    ("fail_fast", (*fail_fast).into()),
                ]);
                map([("schedule", entries.into())]).into()
            }
            Self::Value(value) => map([("value", wire::tagged(value))]).into(),
        }
    }
}

fn live(name: &str, steps: &[Step<'_>]) -> Value {
    let steps = steps.iter().map(|step| match step {
        Step::Key(key) => Value::from(*key),
        Step::Index(index) => Value::from(i64::try_from(*index).unwrap_or(i64::MAX)),
    });
    let path = std::iter::once(Value::from(name)).chain(steps);
    map([("live", Value::List(path.collect()))]).into()
}

impl Changes {
    /// Reads the changes of an answer; the worker is known to have the objects in this state.
    pub(super) fn read(value: Option<&Value>, connection: &Connection) -> Self {
        let changed = |name: &str| value?.get(name).cloned().map(wire::untagged);
        let kept = |name: &'static str| {
            let value = changed(name)?;
            connection.shared(name, value.clone());
            Some(value)
        };
        let kept_map = |name| match kept(name) {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        };
        Self {
            experiment: kept("experiment"),
            configuration: kept_map("configuration"),
            secrets: kept_map("secrets"),
            settings: kept("settings"),
            journal: kept("journal"),
            state: changed("state"),
            context: changed("context"),
        }
    }
}

impl std::fmt::Debug for Changes {
    /// What changed, not to what: values may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let changed = [
            ("experiment", self.experiment.is_some()),
            ("configuration", self.configuration.is_some()),
            ("secrets", self.secrets.is_some()),
            ("settings", self.settings.is_some()),
            ("journal", self.journal.is_some()),
            ("state", self.state.is_some()),
            ("context", self.context.is_some()),
        ];
        f.debug_set()
            .entries(changed.iter().filter(|(_, is)| *is).map(|(name, _)| name))
            .finish()
    }
}

impl From<PythonError> for HookEnd {
    fn from(error: PythonError) -> Self {
        Self {
            changes: Changes::default(),
            outcome: Err(error),
        }
    }
}
