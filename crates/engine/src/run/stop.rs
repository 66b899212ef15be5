//! What can stop a run before its end, and how its parts learn of it.

use std::cell::{Cell, RefCell};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Why a run is to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGUSR1, or `chaoslib.exit.exit_gracefully()`: as an interrupt, but background activities end by themselves.
    Leave,
    /// SIGUSR2, or `chaoslib.exit.exit_ungracefully()`: no rollbacks, nothing is waited for.
    Abandon,
    /// A control asked for it, with its message.
    Asked(String),
    /// A Python activity raised `SystemExit` with this code.
    Exit(String),
    /// The write-ahead file could not be written: nothing more may be injected.
    Unrecorded(String),
}

impl Cause {
    /// Are background activities stopped too, rather than waited for?
    fn stops_background(&self) -> bool {
        !matches!(self, Self::Asked(_) | Self::Leave | Self::Exit(_))
    }

    fn is_signal(&self) -> bool {
        matches!(
            self,
            Self::Interrupt | Self::Terminate | Self::Leave | Self::Abandon
        )
    }
}

/// The one place where a stop is asked for and learnt of.
///
/// A stop is taken once, by whatever the run is waiting for at that moment; hooks that run while the run unwinds
/// are not disturbed by it, but by the next one.
#[derive(Debug, Default)]
pub struct StopSwitch {
    pending: RefCell<Option<Cause>>,
    notify: Notify,
    signals: RefCell<Vec<Cause>>,
    abandoned: Cell<bool>,
    background: CancellationToken,
}

impl StopSwitch {
    /// Asks the run to stop.
    pub fn ask(&self, cause: Cause) {
        if cause == Cause::Abandon {
            self.abandoned.set(true);
        }
        if cause.is_signal() {
            self.signals.borrow_mut().push(cause.clone());
        }
        if cause.stops_background() {
            self.background.cancel();
        }
        *self.pending.borrow_mut() = Some(cause);
        self.notify.notify_one();
    }

    /// Returns a stop that was taken where it could not be acted upon.
    pub fn put_back(&self, cause: Cause) {
        *self.pending.borrow_mut() = Some(cause);
        self.notify.notify_one();
    }

    /// Takes a stop that a control asked for and nobody has taken.
    pub fn take_asked(&self) -> Option<Cause> {
        let mut pending = self.pending.borrow_mut();
        match *pending {
            Some(Cause::Asked(_)) => pending.take(),
            _ => None,
        }
    }

    /// Drops a stop that nobody has taken: what it was about is over. A run that cannot be recorded stays stopped.
    pub fn forget(&self) {
        let mut pending = self.pending.borrow_mut();
        if !matches!(*pending, Some(Cause::Unrecorded(_))) {
            *pending = None;
        }
    }

    /// Waits until a stop is asked for, and takes it.
    pub async fn asked(&self) -> Cause {
        loop {
            if let Some(cause) = self.pending.borrow_mut().take() {
                return cause;
            }
            self.notify.notified().await;
        }
    }

    /// How many signals there were.
    pub fn signals(&self) -> usize {
        self.signals.borrow().len()
    }

    /// The last signal, if it was not the first; it counts as taken.
    pub fn second_signal(&self) -> Option<Cause> {
        let signals = self.signals.borrow();
        let last = signals.last().filter(|_| signals.len() > 1).cloned();
        if last.is_some() {
            self.pending.borrow_mut().take();
        }
        last
    }

    /// True once rollbacks are not to be played and nothing is to be waited for.
    pub fn abandoned(&self) -> bool {
        self.abandoned.get()
    }

    /// Remembers that the run is abandoned, for a cause that was learnt of elsewhere.
    pub fn abandon(&self) {
        self.abandoned.set(true);
        self.background.cancel();
    }

    /// Cancelled once background activities are to stop.
    pub fn background(&self) -> &CancellationToken {
        &self.background
    }

    /// Runs `work` unless a stop comes first, in which case `work` is dropped on the spot.
    ///
    /// # Errors
    /// The cause of the stop.
    pub async fn guard<T>(&self, work: impl Future<Output = T>) -> Result<T, Cause> {
        tokio::select! {
            biased;
            cause = self.asked() => Err(cause),
            done = work => Ok(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_stop_is_taken_once() {
        let switch = StopSwitch::default();
        switch.ask(Cause::Interrupt);
        assert_eq!(
            switch.guard(std::future::pending::<()>()).await,
            Err(Cause::Interrupt)
        );
        assert_eq!(switch.guard(async { 1 }).await, Ok(1));
        assert!(switch.background().is_cancelled());
        assert_eq!(switch.second_signal(), None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_stop_wakes_what_waits() {
        let switch = StopSwitch::default();
        let (stopped, ()) = tokio::join!(switch.guard(std::future::pending::<()>()), async {
            switch.ask(Cause::Leave)
        });
        assert_eq!(stopped, Err(Cause::Leave));
        assert!(!switch.background().is_cancelled());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_second_signal_is_told_from_a_stop_that_a_control_asked_for() {
        let switch = StopSwitch::default();
        switch.ask(Cause::Asked("unsafe".into()));
        switch.ask(Cause::Interrupt);
        assert_eq!(switch.second_signal(), None);
        switch.ask(Cause::Terminate);
        assert_eq!(switch.second_signal(), Some(Cause::Terminate));
        assert_eq!(switch.guard(async { 1 }).await, Ok(1));
    }
}
