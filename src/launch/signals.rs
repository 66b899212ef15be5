//! Signals of the operating system, and of `chaoslib.exit`, as stops of the run.

use std::rc::Rc;

use chaos_engine::run::stop::{Cause, StopSwitch};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

/// How many signals make the process leave, come what may.
const LAST: usize = 3;

/// Watches signals until it is dropped.
pub struct Watch {
    task: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The first signal stops the run, the second its rollbacks; with the third `leave` is called, which must not
/// return.
///
/// Handlers that cannot be installed leave a signal to its default, which ends the process.
pub fn watch(stop: Rc<StopSwitch>, leave: fn() -> !) -> Watch {
    // at once, not when the task first has its turn: a run may inject something before that
    let install = |kind| signal(kind).ok();
    let mut interrupt = install(SignalKind::interrupt());
    let mut terminate = install(SignalKind::terminate());
    let mut user1 = install(SignalKind::user_defined1());
    let mut user2 = install(SignalKind::user_defined2());
    let task = tokio::task::spawn_local(async move {
        loop {
            let cause = tokio::select! {
                () = received(&mut interrupt) => Cause::Interrupt,
                () = received(&mut terminate) => Cause::Terminate,
                () = received(&mut user1) => Cause::Leave,
                () = received(&mut user2) => Cause::Abandon,
            };
            stop.ask(cause);
            if stop.signals() >= LAST {
                leave();
            }
        }
    });
    Watch { task }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
