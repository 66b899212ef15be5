//! Finishes a run that died: what it still owes, once each, and its journal.

use std::rc::Rc;

use super::beside::UNNUMBERED;
use super::dispatch::activity_id;
use super::event::{Event, Section};
use super::plan::Plan;
use super::seed::Seed;
use super::{Ports, RunError, Runner};
use crate::document::secrets;
use crate::journal::recovery::DeadRun;
use crate::journal::{Ended, Record, Status, timestamp};
use crate::provider::process;
use crate::scope::Scope;
use crate::value::{Map, Value};

impl Runner {
    /// A runner that stands where a dead run stood. Secrets are read again from where they came; the configuration
    /// is the one that the dead run had, because its dynamic entries may have been about what is broken now.
    ///
    /// # Errors
    /// When the secrets do not resolve here.
    pub fn revive(plan: Plan, ports: Ports, dead: &DeadRun) -> Result<Self, RunError> {
        let empty = Map::new();
        let declared = dead
            .experiment
            .get("secrets")
            .and_then(Value::as_map)
            .unwrap_or(&empty);
        let secrets = secrets::resolve(declared, &plan.secrets, &ports.host.borrow())?;
        let scope = Scope {
            configuration: dead.configuration.clone(),
            secrets,
        };
        for (name, text) in &dead.variables {
            ports.host.borrow_mut().set_var(name, text);
        }
        let seed = Seed::of(&dead.seed).unwrap_or_else(|_| Seed::fresh());
        let runner = Self::standing_at(
            plan,
            ports,
            dead.experiment.clone(),
            scope,
            seed,
            dead.journal.clone(),
        );
        runner.ids.set(dead.last_id);
        runner.begun.set(true);
        runner.recovering.set(true);
        runner.seed_taken.set(dead.seed_taken);
        runner
            .state
            .borrow_mut()
            .hooks_begun
            .clone_from(&dead.hooks_begun);
        Ok(runner)
    }

    /// Plays what is owed and returns the journal, marked as recovered. Must be called inside a `LocalSet`.
    ///
    /// A rollback that had begun but of which no end is known is played again: once too often is better than not
    /// at all.
    pub async fn recover(self: Rc<Self>, dead: DeadRun) -> Ended {
        let started = (self.ports.clock)();
        let owed = dead.owes_rollbacks(self.plan.rollbacks.name());
        self.say(&Event::Recovering { owed });
        let unended = dead.unended.iter().chain([&UNNUMBERED]);
        let unended: Vec<String> = unended.map(|id| activity_id(&self.plan.run_id, *id)).collect();
        process::end_leftovers(&unended);
        self.configure_controls().await;
        let before = self.state.borrow_mut().journal.rollbacks.len();
        if !dead.ended {
            self.set_status(self.status().unwrap_or(Status::Interrupted));
        }
        if owed {
            self.play_owed_rollbacks(&|index| !dead.rollbacks_done.contains(&index))
                .await;
        }
        let names = self.names_of_rollbacks(before);
        let note = dead.note(timestamp(started), names);
        self.state
            .borrow_mut()
            .journal
            .footer
            .insert("recovered".to_owned(), note);
        self.close_recovered(&dead).await
    }

    async fn close_recovered(self: &Rc<Self>, dead: &DeadRun) -> Ended {
        let began = chrono::DateTime::parse_from_rfc3339(&dead.journal.start).ok();
        let began = began.map_or_else(self.ports.clock, |time| time.to_utc());
        self.state.borrow_mut().hooks_done.clone_from(&dead.hooks_done);
        let whole = self.finish(began).await;
        self.cleanup_controls().await;
        self.settle_at_last().await;
        self.ended(whole)
    }

    fn names_of_rollbacks(&self, from: usize) -> Vec<String> {
        let mut state = self.state.borrow_mut();
        let records = state.journal.records(Section::Rollbacks);
        let name = |record: &Record| {
            Some(
                record
                    .to_value()
                    .get("activity")?
                    .get("name")?
                    .as_str()?
                    .to_owned(),
            )
        };
        records
            .map(|records| records.iter().skip(from).filter_map(name).collect())
            .unwrap_or_default()
    }
}
