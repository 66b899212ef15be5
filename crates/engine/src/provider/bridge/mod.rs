//! The Python bridge: one long-lived `python3` that runs a user's own modules as the Chaos Toolkit would.
//!
//! A [`Bridge`] starts its worker when something is first asked of it, so a run without Python needs none. The
//! worker imports a module once and keeps it, and with it its globals, for the whole run. Foreground requests run
//! one after another on its main thread, where they can be interrupted; background requests get a thread each.
//!
//! Dropping the future of a request cancels it at once: the function on the main thread gets a
//! `KeyboardInterrupt`, whatever it waits for. One that goes on all the same costs the worker its life at the next
//! foreground request. The worker itself ends as soon as this process does, however that ends.
//!
//! Code that leaves by `chaoslib.exit` raises `SystemExit` in whatever runs on the main thread at that moment, which
//! may be a hook or an event: look for [`PythonError::Exit`] in every outcome. When nothing runs there, a
//! [`FromWorker::Exit`] comes instead.
//!
//! Everything runs on one thread, in a `tokio` [`LocalSet`](tokio::task::LocalSet).

mod bundle;
mod connection;
mod control;
mod error;
mod inspect;
mod interpreter;
mod message;
mod requests;
mod surroundings;
#[cfg(test)]
mod tests;
mod wire;

pub use control::{Argument, Changes, Context, Event, Hook, HookEnd, Scene, Step};
pub use error::{BridgeError, PythonError};
pub use inspect::{Function, Kind, Misfit, Parameter};
pub use message::{ExitRequest, FromWorker, LogRecord};
pub use requests::{Call, Returned};

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, mpsc};

use crate::host::Host;
use crate::value::{Map, Value};
use connection::{Connection, Sink};

/// How long a function that was interrupted keeps the next foreground request waiting, before its process is killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where in the worker a request runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// On the main thread: one at a time, interruptible.
    Foreground,
    /// In a thread of its own. A cancelled one is interrupted at its next step in Python, but nobody waits for it.
    Background,
}

/// The way to Python. Clones share the worker, which is killed with the last of them.
#[derive(Clone)]
pub struct Bridge {
    inner: Rc<Inner>,
}

struct Inner {
    sink: Rc<Sink>,
    worker: RefCell<Option<Rc<Connection>>>,
    /// Held by the foreground request under way.
    main_thread: Mutex<()>,
    /// What control modules define: they are imported once, so the answer stays.
    hooks: RefCell<HashMap<String, BTreeSet<String>>>,
    /// How many handlers are in the event registry.
    listeners: Cell<i64>,
}

/// The right to make one request.
struct Turn<'a> {
    worker: Rc<Connection>,
    lane: Lane,
    _main_thread: Option<MutexGuard<'a, ()>>,
}

impl Turn<'_> {
    /// The value of the answer, with the tags of the link.
    async fn ask(&self, request: Map, module: &str, function: &str) -> Result<Value, PythonError> {
        let answer = self.worker.request(self.lane, request).await?;
        match (answer.get("ok"), answer.get("error")) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(error)) => Err(PythonError::from_reply(error, module, function)),
            (None, None) => Err(BridgeError::Protocol("an answer without a value".to_owned()).into()),
        }
    }
}

impl Bridge {
    /// A bridge for a run on that host, and what its worker says unasked.
    ///
    /// The worker is told of changes to the host before each request. What a function changed of the environment
    /// and of the working folder is in the host when its request is answered; so nobody may hold a borrow of the
    /// host across an await. Likewise all messages that a function caused are in the receiver by then.
    pub fn new(host: Rc<RefCell<Host>>) -> (Self, mpsc::UnboundedReceiver<FromWorker>) {
        let (messages, receiver) = mpsc::unbounded_channel();
        let inner = Inner {
            sink: Rc::new(Sink { host, messages }),
            worker: RefCell::default(),
            main_thread: Mutex::default(),
            hooks: RefCell::default(),
            listeners: Cell::default(),
        };
        (
            Self {
                inner: Rc::new(inner),
            },
            receiver,
        )
    }

    /// Lets the worker end in order: threads that the user's code left are awaited, exit functions called. One that
    /// needs longer than `bound` is killed. A later request starts a new worker.
    pub async fn close(&self, bound: Duration) {
        let worker = self.inner.worker.borrow().clone();
        if let Some(worker) = worker {
            worker.close(bound).await;
            self.forget(&worker, "was ended");
        }
    }

    async fn turn(&self, lane: Lane) -> Result<Turn<'_>, BridgeError> {
        let main_thread = match lane {
            Lane::Foreground => Some(self.inner.main_thread.lock().await),
            Lane::Background => None,
        };
        let worker = self.inner.worker.borrow().clone();
        if let (Some(worker), Lane::Foreground) = (worker, lane)
            && !worker.is_free_within(PATIENCE).await
        {
            self.forget(
                &worker,
                "was killed, because a function that was interrupted went on running",
            );
        }
        Ok(Turn {
            worker: self.worker()?,
            lane,
            _main_thread: main_thread,
        })
    }

    fn worker(&self) -> Result<Rc<Connection>, BridgeError> {
        let mut slot = self.inner.worker.borrow_mut();
        if let Some(worker) = slot.as_ref().filter(|worker| !worker.is_over()) {
            return Ok(worker.clone());
        }
        // a new one has neither the modules nor the event registry of the old one
        self.inner.hooks.borrow_mut().clear();
        self.inner.listeners.set(0);
        Ok(slot.insert(Connection::start(self.inner.sink.clone())?).clone())
    }

    /// Ends the worker, unless another took its place already.
    fn forget(&self, worker: &Rc<Connection>, how: &str) {
        worker.kill(how);
        let mut slot = self.inner.worker.borrow_mut();
        if slot.as_ref().is_some_and(|current| Rc::ptr_eq(current, worker)) {
            *slot = None;
        }
    }
}
