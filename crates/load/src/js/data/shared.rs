//! What all users of a test share: the elements of each SharedArray, once, as JSON.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use rquickjs::JsLifetime;

/// The elements of one array, each as JSON.
pub type Elements = Arc<[Box<str>]>;

/// The arrays of one test, by name. Clones share them; each user's runtime has one as userdata.
///
/// One thread builds at a time, whatever the name: users that ask meanwhile wait, and an array may be built inside
/// the function of another. (A lock per name could let two users wait for each other.)
#[derive(Clone, Debug, Default, JsLifetime)]
pub struct SharedData(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    free: Condvar,
}

#[derive(Debug, Default)]
struct State {
    arrays: HashMap<String, Elements>,
    /// Who builds, and what: the outermost array first.
    builder: Option<ThreadId>,
    building: Vec<String>,
}

/// Why there is no array.
#[derive(Debug, thiserror::Error)]
pub enum BuildError<E> {
    /// Its function asks for the array that it builds.
    #[error("SharedArray '{0}' is asked for inside its own function: build it from something else")]
    Itself(String),
    /// Its function failed.
    #[error(transparent)]
    Failed(E),
}

impl SharedData {
    /// The array of that name; built by `build` when this user is the first to ask. A build that fails leaves
    /// nothing, and the next user tries again, as k6 does.
    ///
    /// # Errors
    ///
    /// When `build` fails, or when it asks for the same name.
    pub fn get_or_build<E>(
        &self,
        name: &str,
        build: impl FnOnce() -> Result<Elements, E>,
    ) -> Result<Elements, BuildError<E>> {
        let mut turn = match self.wait(name)? {
            Wait::Found(elements) => return Ok(elements),
            Wait::Turn(turn) => turn,
        };
        let elements = build().map_err(BuildError::Failed)?;
        turn.built = Some(Arc::clone(&elements));
        Ok(elements)
    }

    fn wait<E>(&self, name: &str) -> Result<Wait<'_>, BuildError<E>> {
        let me = thread::current().id();
        let free = |state: &mut State| {
            !state.arrays.contains_key(name) && state.builder.is_some_and(|builder| builder != me)
        };
        let state = self.0.free.wait_while(self.0.lock(), free);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if let Some(elements) = state.arrays.get(name) {
            return Ok(Wait::Found(Arc::clone(elements)));
        }
        if state.building.iter().any(|other| other == name) {
            return Err(BuildError::Itself(name.to_owned()));
        }
        state.builder = Some(me);
        state.building.push(name.to_owned());
        Ok(Wait::Turn(Turn {
            inner: &self.0,
            built: None,
        }))
    }
}

enum Wait<'a> {
    Found(Elements),
    Turn(Turn<'a>),
}

/// The right to build one array; given back when it goes, also when the function fails.
struct Turn<'a> {
    inner: &'a Inner,
    built: Option<Elements>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.inner.lock();
        let name = state.building.pop();
        if let (Some(name), Some(elements)) = (name, self.built.take()) {
            state.arrays.insert(name, elements);
        }
        if state.building.is_empty() {
            state.builder = None;
        }
        drop(state);
        self.inner.free.notify_all();
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
