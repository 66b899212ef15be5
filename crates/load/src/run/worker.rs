//! The threads that users live on. Each has a runtime of its own; a user never leaves its thread.

use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::Test;
use crate::metrics::Shard;
use crate::vu::coroutine::{Coroutine, Waiter};
use crate::vu::{Command, Exports, ScriptError, Vu, live};

/// A user to be made.
pub struct Birth {
    /// Its number.
    pub id: u64,
    /// Where it hears what to do.
    pub commands: mpsc::UnboundedReceiver<Command>,
    /// Where it tells how its init code ended.
    pub ready: oneshot::Sender<Result<Exports, ScriptError>>,
}

/// A thread for users.
pub struct Worker {
    births: mpsc::UnboundedSender<Birth>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Starts a thread; its users record into the shard.
    ///
    /// # Errors
    /// The system gives no thread or no event queue.
    pub fn start(test: &Arc<Test>, shard: Arc<Mutex<Shard>>) -> io::Result<Self> {
        let (births, queue) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let test = Arc::clone(test);
        let thread = std::thread::Builder::new()
            .name("users".to_owned())
            .spawn(move || {
                let local = tokio::task::LocalSet::new();
                local.block_on(&runtime, accept(&test, &shard, queue));
                // Users end when nobody can command them any more.
                runtime.block_on(local);
            })?;
        Ok(Self { births, thread })
    }

    /// Has a user made.
    pub fn bear(&self, birth: Birth) {
        let _ = self.births.send(birth);
    }

    /// Waits until all users have ended. Their commanders must be gone.
    pub fn join(self) {
        drop(self.births);
        let _ = self.thread.join();
    }
}

async fn accept(test: &Arc<Test>, shard: &Arc<Mutex<Shard>>, mut queue: mpsc::UnboundedReceiver<Birth>) {
    while let Some(birth) = queue.recv().await {
        let waiter = Waiter::default();
        let vu = Rc::new(Vu::new(
            Arc::clone(test),
            birth.id,
            Arc::clone(shard),
            waiter.clone(),
        ));
        tokio::task::spawn_local(Coroutine::new(waiter, move || {
            live(&vu, birth.commands, birth.ready);
        }));
        // What is running goes on between the init codes of many.
        tokio::task::yield_now().await;
    }
}
