//! One thread that spawns processes and lives as long as they may.
//!
//! PR_SET_PDEATHSIG, which the guard sets, fires when the *thread* that spawned the process ends (prctl(2)). Threads of an
//! async runtime come and go, so a process spawned from one could be killed at any time.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::{io, thread};

use tokio::sync::oneshot;

use crate::Error;

type Order = (Command, oneshot::Sender<io::Result<Child>>);

pub(super) struct Keeper {
    orders: mpsc::Sender<Order>,
}

impl Keeper {
    /// The thread ends with the `Keeper`.
    pub(super) fn new() -> Keeper {
        let (orders, received) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, reply) in received {
                // Where nobody waits any more, the process would be nobody's.
                if let Err(Ok(child)) = reply.send(command.spawn()) {
                    drop(Running { child });
                }
            }
        });
        Keeper { orders }
    }

    pub(super) async fn spawn(&self, command: Command, program: &Path) -> Result<Running, Error> {
        let failed = |source| Error::Spawn {
            program: program.to_owned(),
            source,
        };
        let (reply, answer) = oneshot::channel();
        let gone = || failed(io::Error::other("the thread that starts processes ended"));
        self.orders.send((command, reply)).map_err(|_| gone())?;
        let child = answer.await.map_err(|_| gone())?.map_err(failed)?;
        Ok(Running { child })
    }
}

/// A process that is killed when it is dropped.
pub(super) struct Running {
    child: Child,
}

impl Running {
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, where it did.
    pub(super) fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(status) => status.map(|status| status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    pub(super) fn succeeded(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(status)) if status.success())
    }

    pub(super) fn kill(&mut self) -> Result<(), Error> {
        self.child.kill().map_err(|source| Error::Kill {
            process: self.child.id(),
            source,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_none() && self.child.kill().is_ok() {
            let _ = self.child.wait();
        }
    }
}
