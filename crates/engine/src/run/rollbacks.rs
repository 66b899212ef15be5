//! The rollbacks: whether they are played, and their playing.

use std::rc::Rc;

use super::activity::{Lane, Site, activity_at};
use super::event::{Event, Section};
use super::listeners::Told;
use super::plan::RollbackStrategy;
use super::stop::Cause;
use super::{Halt, Runner};
use crate::journal::Status;
use crate::value::Value;

impl Runner {
    /// Plays the rollbacks if the strategy says so for how the run ended.
    pub(crate) async fn play_rollbacks(self: &Rc<Self>) {
        let stop = &self.ports.stop;
        if stop.abandoned() {
            return;
        }
        let (status, deviated) = {
            let journal = &self.state.borrow().journal;
            (journal.status, journal.deviated)
        };
        let play = wanted(&self.plan.rollbacks, status, deviated);
        self.say(&Event::RollbacksDecided {
            strategy: self.plan.rollbacks.name(),
            play,
        });
        if !play {
            return;
        }
        match stop.second_signal() {
            Some(cause) => self.cut_rollbacks(&cause),
            None => self.play_owed_rollbacks(&|_| true).await,
        }
    }

    /// Plays those rollbacks, by their position, that are still owed.
    pub(crate) async fn play_owed_rollbacks(self: &Rc<Self>, owed: &dyn Fn(usize) -> bool) {
        self.inform(Told::RollbacksStarted, &Lane::Foreground).await;
        self.say(&Event::RollbacksStarted);
        if let Err(Halt::Stop(cause)) = self.play_rollbacks_between_hooks(owed).await {
            self.cut_rollbacks(&cause);
        }
        self.inform(Told::RollbacksEnded, &Lane::Foreground).await;
    }

    fn cut_rollbacks(&self, cause: &Cause) {
        self.set_status(Status::Interrupted);
        self.say(&Event::RollbacksCut(cause));
    }

    async fn play_rollbacks_between_hooks(self: &Rc<Self>, owed: &dyn Fn(usize) -> bool) -> Result<(), Halt> {
        if let Err(halt) = self.section_hooks_before(Section::Rollbacks).await {
            // the hook after is told of no record, as nothing was played
            let _ = self.section_hooks_after(Section::Rollbacks, false).await;
            return Err(halt);
        }
        let mut pending = Vec::new();
        let played = self.play_each_rollback(owed, &mut pending).await;
        let ended = self.await_background(pending).await;
        self.section_hooks_after(Section::Rollbacks, true)
            .await
            .and(played)
            .and(ended)
    }

    async fn play_each_rollback(
        self: &Rc<Self>,
        owed: &dyn Fn(usize) -> bool,
        pending: &mut super::method::Pending,
    ) -> Result<(), Halt> {
        if self.count(Section::Rollbacks) == 0 {
            self.say(&Event::NoRollbacks);
        }
        let mut index = 0;
        while index < self.count(Section::Rollbacks) {
            if owed(index) {
                self.play_rollback(index, pending).await?;
            }
            index += 1;
        }
        Ok(())
    }

    /// A rollback that cannot even be tried must not keep the others from being played.
    async fn play_rollback(
        self: &Rc<Self>,
        index: usize,
        pending: &mut super::method::Pending,
    ) -> Result<(), Halt> {
        let site = Site {
            section: Section::Rollbacks,
            index,
        };
        let name = {
            let state = self.state.borrow();
            let declared = activity_at(&state.experiment, site);
            declared
                .and_then(|a| a.get("name"))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        self.say(&Event::Rollback {
            name: name.as_deref(),
        });
        match self.play_one(site, pending).await {
            Err(Halt::Fatal(failure)) => {
                self.say(&Event::RollbackBroken {
                    index,
                    failure: &failure,
                });
                Ok(())
            }
            other => other,
        }
    }
}

fn wanted(strategy: &RollbackStrategy, status: Option<Status>, deviated: bool) -> bool {
    match strategy {
        RollbackStrategy::Default => !matches!(status, Some(Status::Failed | Status::Interrupted)),
        RollbackStrategy::Always => true,
        RollbackStrategy::Deviated => deviated,
        RollbackStrategy::Never | RollbackStrategy::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_strategy_plays_rollbacks_for_its_endings_only() {
        use RollbackStrategy::{Always, Default, Deviated, Never, Unknown};
        let endings = [
            (Some(Status::Completed), false, [true, true, false, false]),
            (Some(Status::Completed), true, [true, true, true, false]),
            (Some(Status::Failed), false, [false, true, false, false]),
            (Some(Status::Failed), true, [false, true, true, false]),
            (Some(Status::Aborted), false, [true, true, false, false]),
            (Some(Status::Interrupted), false, [false, true, false, false]),
            (None, false, [true, true, false, false]),
        ];
        for (status, deviated, expected) in endings {
            let played =
                [Default, Always, Deviated, Never].map(|strategy| wanted(&strategy, status, deviated));
            assert_eq!(played, expected, "{status:?} {deviated}");
            assert!(!wanted(&Unknown("often".into()), status, deviated));
        }
    }
}
