//! The users that are free.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};

use super::worker::{Birth, Worker};
use super::{Abort, Test};
use crate::vu::{Command, Exports, ScriptError};

/// How a user is commanded.
pub type Commander = mpsc::UnboundedSender<Command>;

/// The users that are free, and the threads to make more on.
pub struct Pool {
    test: Arc<Test>,
    workers: Vec<Worker>,
    free: RefCell<Vec<Commander>>,
    made: Cell<u64>,
}

impl Pool {
    /// A pool without users.
    pub fn new(test: Arc<Test>, workers: Vec<Worker>) -> Self {
        Self {
            test,
            workers,
            free: RefCell::default(),
            made: Cell::new(0),
        }
    }

    /// Makes a user that is none of the pool's: for the options, setup, teardown and the summary.
    ///
    /// # Errors
    /// What its init code threw.
    pub async fn single(&self) -> Result<(Commander, Exports), ScriptError> {
        self.make(0).await
    }

    /// Makes so many users.
    ///
    /// # Errors
    /// What the init code of one of them threw.
    pub async fn fill(&self, users: u64) -> Result<(), ScriptError> {
        let births = (0..users).map(|_| {
            let id = self.made.get() + 1;
            self.made.set(id);
            self.make(id)
        });
        let born: Result<Vec<_>, _> = join_all(births).await.into_iter().collect();
        let mut free = self.free.borrow_mut();
        free.extend(born?.into_iter().rev().map(|(commander, _)| commander));
        self.test.users.store(self.made.get(), Ordering::Relaxed);
        Ok(())
    }

    /// Takes so many users, and makes what is missing. Fewer if the script cannot be run again, which ends the test.
    pub async fn take(&self, users: u64) -> Vec<Commander> {
        let have = self.free.borrow().len() as u64;
        if have < users
            && let Err(error) = self.fill(users - have).await
        {
            self.test
                .abort(Abort::failure(format!("a further user cannot be made: {error}")));
        }
        let mut free = self.free.borrow_mut();
        let keep = free
            .len()
            .saturating_sub(usize::try_from(users).unwrap_or(usize::MAX));
        let mut taken = free.split_off(keep);
        taken.reverse();
        taken
    }

    /// Takes users back.
    pub fn give_back(&self, users: Vec<Commander>) {
        self.free.borrow_mut().extend(users.into_iter().rev());
    }

    /// Lets all users end, and their threads.
    pub fn close(self) {
        self.free.borrow_mut().clear();
        for worker in self.workers {
            worker.join();
        }
    }

    async fn make(&self, id: u64) -> Result<(Commander, Exports), ScriptError> {
        let (commander, commands) = mpsc::unbounded_channel();
        let (ready, born) = oneshot::channel();
        let place = usize::try_from(id).unwrap_or_default() % self.workers.len();
        self.workers[place].bear(Birth { id, commands, ready });
        match born.await {
            Ok(exports) => exports.map(|exports| (commander, exports)),
            Err(_) => Err(ScriptError::plain("the thread of the virtual user ended")),
        }
    }
}
