//! What an activity may know of the run that it is part of, and what it may leave behind in it.

use std::cell::Cell;
use std::rc::Rc;

use tokio_util::sync::CancellationToken;

use super::Random;
use crate::host::Host;
use crate::value::{Map, Value};

/// What an activity tells its run while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It makes random choices: the journal is to name the seed that repeats them.
    Random,
    /// A configuration entry for the activities after it.
    Configuration(String, Value),
    /// An environment variable for the activities after it.
    Variable(String, String),
}

/// What an activity may know of the run that it is part of.
///
/// An activity is cancelled by dropping its future: whatever it holds must clean up in `Drop`, at once. One that asks for
/// [`Context::stopping`] has a moment to end with an output before.
#[derive(Clone)]
pub struct Context {
    /// The resolved configuration.
    pub configuration: Rc<Map>,
    /// The entries of the secret groups that the activity's provider names, merged. Never shown.
    pub secrets: Rc<Map>,
    /// Environment and working folder.
    pub host: Rc<Host>,
    /// What the random choices of this one activity follow from: the run's seed (`chaos_seed`) and the activity's
    /// place in the experiment, so that concurrent activities do not disturb each other.
    pub seed: u64,
    ending: Ending,
    listener: Option<Rc<dyn Fn(News)>>,
}

/// How an activity is told that it is to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    asked_for: Rc<Cell<bool>>,
    token: CancellationToken,
}

impl Ending {
    /// Tells the activity; false if it never asked to be told.
    pub(crate) fn tell(&self) -> bool {
        self.token.cancel();
        self.asked_for.get()
    }
}

impl Context {
    /// A context that belongs to no run: what an activity leaves behind is lost.
    pub fn new(configuration: Rc<Map>, secrets: Rc<Map>, host: Rc<Host>, seed: u64) -> Self {
        Self {
            configuration,
            secrets,
            host,
            seed,
            ending: Ending::default(),
            listener: None,
        }
    }

    /// The same, with somebody who hears at once of what the activity tells.
    #[must_use]
    pub fn heard_by(mut self, listener: Rc<dyn Fn(News)>) -> Self {
        self.listener = Some(listener);
        self
    }

    /// The same, with somebody who may tell the activity to stop.
    pub(crate) fn ended_by(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Cancelled when the run wants the activity to end. From then on it has half a second to return an output, which its record
    /// gets although the activity was cut short; then its future is dropped.
    pub fn stopping(&self) -> CancellationToken {
        self.ending.asked_for.set(true);
        self.ending.token.clone()
    }

    /// A fresh generator for this activity's random choices. The journal of its run names the seed from now on.
    pub fn random(&self) -> Random {
        self.tell(News::Random);
        Random::new(self.seed)
    }

    /// Sets a configuration entry for the activities that begin after this call; this one keeps what it was given.
    /// A run that dies later is recovered with it.
    pub fn leave(&self, key: impl Into<String>, value: impl Into<Value>) {
        self.tell(News::Configuration(key.into(), value.into()));
    }

    /// Sets an environment variable for the activities that begin after this call, and for their processes.
    pub fn leave_variable(&self, name: impl Into<String>, text: impl Into<String>) {
        self.tell(News::Variable(name.into(), text.into()));
    }

    fn tell(&self, news: News) {
        if let Some(listener) = &self.listener {
            listener(news);
        }
    }
}

impl std::fmt::Debug for Context {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("configuration", &self.configuration.keys().collect::<Vec<_>>())
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::value::map;

    #[test]
    fn what_an_activity_tells_is_heard_and_secrets_do_not_show() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let secrets = Rc::new(map([("password", "hunter2".into())]));
        let apart = Context::new(Rc::default(), secrets, Rc::default(), 7);
        apart.leave("lost", true);
        let ear = Rc::clone(&heard);
        let context = apart.heard_by(Rc::new(move |news| ear.borrow_mut().push(news)));
        context.leave("port", 80);
        context.leave_variable("PORT", "80");
        context.random();
        let expected = [
            News::Configuration("port".to_owned(), Value::Int(80)),
            News::Variable("PORT".to_owned(), "80".to_owned()),
            News::Random,
        ];
        assert_eq!(*heard.borrow(), expected);
        let shown = format!("{context:?}");
        assert!(
            shown.contains("password") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
