//! The way back: every resource of a namespace gets what it had.

use super::resource::restore;
use super::target::TargetType;
use super::{FailAz, State};
use crate::AwsError;

impl FailAz {
    /// Restores all resources of a namespace, the last saved first. States of other types (of task definitions) are
    /// left alone. It can be repeated.
    ///
    /// What is saved is sent whatever the resource looks like now: right after a fault AWS may still show the state
    /// before it.
    ///
    /// # Errors
    /// When something could not be restored, after everything else was; the error names it, and it stays saved.
    pub async fn recover(&self, namespace: &str) -> Result<(), AwsError> {
        if !self.store.exists().await? {
            self.log
                .say("There is no state table, so there is nothing to recover");
            return Ok(());
        }
        let mut states = self.store.read(namespace).await?;
        // if a resource is there twice (aws-fail-az allows it), the state from before the first fault comes last
        states.reverse();
        let (mut tried, mut left) = (0, Vec::new());
        for state in &states {
            let Some(kind) = TargetType::from_name(&state.kind) else {
                self.log.say(format!(
                    "{} {} is no resource in a zone and stays as it is",
                    state.kind, state.key
                ));
                continue;
            };
            tried += 1;
            if let Err(error) = self.restore(kind, state).await {
                self.log
                    .error(format!("{} {} is not restored: {error}", state.kind, state.key));
                left.push(format!("{} {} ({error})", state.kind, state.key));
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        Err(AwsError::because(format!(
            "{} of {tried} states of namespace {namespace} could not be restored, all others are: {}. Recover again once the \
             reasons are gone; a state that is of no use any more is removed with `chaos fail-az state-delete`",
            left.len(),
            left.join("; ")
        )))
    }

    async fn restore(&self, kind: TargetType, state: &State) -> Result<(), AwsError> {
        self.log.say(format!("Restoring {} {}", state.kind, state.key));
        restore(kind, state, self).await?;
        self.store.remove(state).await
    }
}
