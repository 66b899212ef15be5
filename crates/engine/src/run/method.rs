//! The method: activities in order, and those in the background beside them.

use std::rc::Rc;

use tokio::task::JoinHandle;

use super::activity::{Lane, Site, section_list};
use super::event::{Event, Section};
use super::listeners::Told;
use super::{Halt, Runner};
use crate::journal::Status;
use crate::value::{Value, python};

/// Activities started in the background, whose ends nobody has waited for yet.
pub(crate) type Pending = Vec<JoinHandle<Result<(), Halt>>>;

impl Runner {
    /// Plays the method between its hooks.
    pub(crate) async fn play_method(self: &Rc<Self>) -> Result<(), Halt> {
        self.say(&Event::MethodStarted);
        self.inform(Told::MethodStarted, &Lane::Foreground).await;
        let played = match self.section_hooks_before(Section::Method).await {
            Ok(()) => {
                let mut pending = Vec::new();
                let played = self.play_activities(Section::Method, &mut pending).await;
                let ended = self.await_background(pending).await;
                self.section_hooks_after(Section::Method, true)
                    .await
                    .and(played)
                    .and(ended)
            }
            Err(halt) => {
                // the hook after is told of no record, as nothing was played
                let _ = self.section_hooks_after(Section::Method, false).await;
                Err(halt)
            }
        };
        self.say(&Event::MethodEnded);
        self.inform(Told::MethodEnded(&played), &Lane::Foreground).await;
        played
    }

    async fn play_activities(self: &Rc<Self>, section: Section, pending: &mut Pending) -> Result<(), Halt> {
        if self.count(section) == 0 {
            self.say(&Event::NoActivities);
        }
        let mut index = 0;
        // counted anew each time: a control may have changed the list
        while index < self.count(section) && !self.has_ended() {
            self.play_one(Site { section, index }, pending).await?;
            index += 1;
        }
        Ok(())
    }

    /// Plays one activity, or starts it if it is a background one.
    pub(crate) async fn play_one(self: &Rc<Self>, site: Site, pending: &mut Pending) -> Result<(), Halt> {
        if !self.is_background(site) {
            return self.perform(site, &Lane::Foreground).await.map(drop);
        }
        let runner = Rc::clone(self);
        let lane = Lane::Background(self.ports.stop.background().clone());
        pending.push(tokio::task::spawn_local(async move {
            let ended = runner.perform(site, &lane).await.map(drop);
            if let Err(Halt::Stop(cause)) = &ended
                && !lane_is_stopped(&lane)
            {
                runner.ports.stop.ask(cause.clone());
            }
            ended
        }));
        // so that it begins before the next activity does
        tokio::task::yield_now().await;
        Ok(())
    }

    /// Waits for background activities; a stop that asks for it makes them end at once.
    pub(crate) async fn await_background(&self, pending: Pending) -> Result<(), Halt> {
        let mut stopped = Ok(());
        for task in pending {
            let mut task = task;
            loop {
                match self.ports.stop.guard(&mut task).await {
                    Ok(_) => break,
                    Err(cause) => stopped = Err(Halt::Stop(cause)),
                }
            }
        }
        stopped
    }

    fn has_ended(&self) -> bool {
        matches!(
            self.status(),
            Some(Status::Failed | Status::Interrupted | Status::Aborted)
        )
    }

    pub(crate) fn count(&self, section: Section) -> usize {
        section_list(&self.state.borrow().experiment, section).map_or(0, <[Value]>::len)
    }

    fn is_background(&self, site: Site) -> bool {
        let state = self.state.borrow();
        let declared = section_list(&state.experiment, site.section).and_then(|list| list.get(site.index));
        declared
            .and_then(|activity| activity.get("background"))
            .is_some_and(python::truthy)
    }
}

fn lane_is_stopped(lane: &Lane) -> bool {
    matches!(lane, Lane::Background(token) if token.is_cancelled())
}
