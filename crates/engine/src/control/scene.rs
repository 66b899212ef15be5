//! What a hook of a native control is shown, and what it may change.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::activity::Context;
use crate::host::Host;
use crate::run::activity::{Site, activity_at, activity_at_mut};
use crate::run::beside::Beside;
use crate::value::{Map, Value};

/// One of the run's objects: whatever a hook changes in it holds for the run from the hook's end on.
#[derive(Clone)]
pub struct Live<T> {
    value: Rc<T>,
    changed: bool,
}

impl<T: Clone> Live<T> {
    pub(crate) fn of(value: Rc<T>) -> Self {
        Self {
            value,
            changed: false,
        }
    }

    /// The value, if it was changed.
    pub(crate) fn news(self) -> Option<T> {
        self.changed.then(|| Rc::unwrap_or_clone(self.value))
    }
}

impl<T> Deref for Live<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Clone> DerefMut for Live<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.changed = true;
        Rc::make_mut(&mut self.value)
    }
}

/// What a hook is shown of the run, and may change of it.
pub struct Scene {
    /// The experiment as it is now.
    pub experiment: Live<Map>,
    /// The resolved configuration.
    pub configuration: Live<Map>,
    /// The resolved secrets, by groups. Never shown.
    pub secrets: Live<Map>,
    /// The settings; empty where the Chaos Toolkit would show none.
    pub settings: Live<Map>,
    /// What a hook after something is about: the journal after the experiment, the state after the hypothesis, the
    /// records after method and rollbacks, the record after an activity. Null where nothing was done.
    pub state: Live<Value>,
    /// Environment and working folder.
    pub host: Rc<Host>,
    /// For what is to be done beside the experiment, during the hook and after it.
    pub beside: Beside,
    pub(crate) about: About,
    pub(crate) left_out: bool,
}

/// The activity that a hook is about.
pub(crate) enum About {
    /// None.
    Nothing,
    /// One of the experiment.
    Site(Site),
    /// One that is played beside it.
    Aside(Live<Map>),
}

impl Scene {
    /// The activity that is about to run, or has run.
    pub fn activity(&self) -> Option<&Map> {
        match &self.about {
            About::Nothing => None,
            About::Site(site) => activity_at(&self.experiment, *site),
            About::Aside(activity) => Some(activity),
        }
    }

    /// The same, to change it.
    pub fn activity_mut(&mut self) -> Option<&mut Map> {
        match &mut self.about {
            About::Nothing => None,
            About::Site(site) => activity_at_mut(&mut self.experiment, *site),
            About::Aside(activity) => Some(activity),
        }
    }

    /// What an activity of this run would be given, with the entries of all secret groups: for clients that are made
    /// from it.
    pub fn context(&self) -> Context {
        let groups = self.secrets.values().filter_map(Value::as_map);
        let secrets =
            groups.flat_map(|group| group.iter().map(|(name, value)| (name.clone(), value.clone())));
        Context::new(
            Rc::new(Map::clone(&self.configuration)),
            Rc::new(secrets.collect()),
            Rc::clone(&self.host),
            0,
        )
    }

    /// Has the activity that is about to run not be executed this time: it succeeds without output, no tolerance is
    /// checked and no pause taken. Activities that are played beside the experiment run nonetheless.
    pub fn leave_out(&mut self) {
        self.left_out = true;
    }
}
