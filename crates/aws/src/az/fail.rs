//! The fault: zones are taken from resources.

use std::collections::BTreeSet;

use super::resource::{Resource, select};
use super::store::already_saved;
use super::target::Target;
use super::zones::{Cut, Zones, zone_of};
use super::{FailAz, State};
use crate::AwsError;

/// A resource and what it is to lose.
struct Planned {
    resource: Resource,
    cut: Cut,
}

impl FailAz {
    /// Fails zones for all that the targets select: everything is found and checked before anything is saved, and
    /// saved before anything is changed.
    ///
    /// # Errors
    /// Whatever speaks against it (all reasons at once); nothing is changed then, and what this call had saved is
    /// removed. When AWS refuses in the middle of the faults the error says so: [`FailAz::recover`] is needed then.
    pub async fn fail(&self, namespace: &str, zones: &[String], targets: &[Target]) -> Result<(), AwsError> {
        let zones = Zones::of(zones, &self.aws, &self.log).await?;
        self.log.say(format!("Failing availability zones {zones}"));
        let resources = self.select(targets).await?;
        self.refuse_failed(namespace, &resources).await?;
        let plan = self.plan(resources, &zones).await?;
        if plan.is_empty() {
            self.log.warn(format!(
                "No selected resource is in {zones}: there is nothing to change"
            ));
            return Ok(());
        }
        self.store.ensure(&self.log).await?;
        self.save(namespace, &plan).await?;
        self.inject(namespace, &plan).await
    }

    /// All selected resources, each once.
    async fn select(&self, targets: &[Target]) -> Result<Vec<Resource>, AwsError> {
        let mut seen = BTreeSet::new();
        let mut resources = Vec::new();
        for target in targets {
            let found = select(target, self).await?;
            if found.is_empty() {
                self.log.warn(format!("Target {target} selects nothing"));
            }
            let new = found
                .into_iter()
                .filter(|found| seen.insert((found.kind(), found.key())));
            resources.extend(new);
        }
        if resources.is_empty() {
            return Err(AwsError::because(
                "the targets select no resource at all, so nothing can fail: check the tags, the region and the account",
            ));
        }
        Ok(resources)
    }

    /// What each resource is to lose; those that are not in the zones are left out.
    async fn plan(&self, resources: Vec<Resource>, zones: &Zones) -> Result<Vec<Planned>, AwsError> {
        self.log.say(format!("Checking {} resources", resources.len()));
        let subnets = resources.iter().flat_map(Resource::subnets).collect();
        let zone_of = zone_of(&self.aws.ec2(), subnets).await?;
        let (mut plan, mut problems) = (Vec::new(), Vec::new());
        for resource in resources {
            let cut = Cut::of(&resource.subnets(), zones, &zone_of);
            match problem(&resource, &cut) {
                Some(problem) => problems.push(format!("{resource}: {problem}")),
                None if cut.lost.is_empty() => self.log.say(format!("{resource} is not in {zones}")),
                None => plan.push(Planned { resource, cut }),
            }
        }
        if problems.is_empty() {
            return Ok(plan);
        }
        problems.iter().for_each(|problem| self.log.error(problem));
        Err(AwsError::because(format!(
            "nothing is failed, because of {}",
            problems.join("; ")
        )))
    }

    /// Refuses resources that are failed already: what they had would be lost, or nothing would happen to them.
    async fn refuse_failed(&self, namespace: &str, resources: &[Resource]) -> Result<(), AwsError> {
        if !self.store.exists().await? {
            return Ok(());
        }
        let known = self.store.read(namespace).await?;
        // whatever they were saved under
        let failed = |state: &&State| resources.iter().any(|resource| resource.is_of(state));
        match known.iter().find(failed) {
            Some(state) => Err(already_saved(namespace, &state.kind, &state.key)),
            None => Ok(()),
        }
    }

    /// Saves all states, or none.
    async fn save(&self, namespace: &str, plan: &[Planned]) -> Result<(), AwsError> {
        self.log.say("Saving what is to be restored");
        let (mut saved, created) = (Vec::new(), State::now());
        for Planned { resource, .. } in plan {
            let state = State {
                // what is failed together is as old
                created,
                ..State::new(
                    namespace,
                    resource.kind().name(),
                    resource.key(),
                    resource.state()?,
                )
            };
            let result = self.store.save(&state).await;
            // an error does not say that it is not saved
            saved.push(state);
            if let Err(error) = result {
                return Err(self.taken_back(&saved, error).await);
            }
        }
        Ok(())
    }

    /// Removes what this call has saved, and returns why.
    pub(crate) async fn taken_back(&self, saved: &[State], why: AwsError) -> AwsError {
        match self.store.take_back(saved).await {
            Ok(()) => why,
            Err(error) => AwsError::because(format!(
                "{why}. Nothing is changed, but states that were saved for it could not be removed ({error}): recover \
                 removes them"
            )),
        }
    }

    async fn inject(&self, namespace: &str, plan: &[Planned]) -> Result<(), AwsError> {
        for Planned { resource, cut } in plan {
            self.log.say(format!("{resource} loses {}", cut.lost.join(", ")));
            resource.fail(cut, self).await.map_err(|error| {
                AwsError::because(format!(
                    "{resource} is failed in part or not at all, and others may be failed; recover namespace \
                     {namespace} to restore them: {error}"
                ))
            })?;
        }
        Ok(())
    }
}

fn problem(resource: &Resource, cut: &Cut) -> Option<String> {
    if let Some(reason) = resource.unfit() {
        return Some(reason);
    }
    let (kept, minimum) = (cut.kept.len(), resource.minimum());
    (!cut.lost.is_empty() && kept < minimum).then(|| {
        format!(
            "it would keep {kept} of its {} subnets, and needs {minimum} outside {}",
            kept + cut.lost.len(),
            cut.zones
        )
    })
}
