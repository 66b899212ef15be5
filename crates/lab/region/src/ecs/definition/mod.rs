//! Task definitions: families and their revisions.

mod check;
mod operations;
mod spec;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value, json};

pub use operations::{delete, deregister, describe, families, list, register};
pub use spec::{ContainerSpec, Spec, pairs};

use super::names::{last, refused};
use crate::wire::{ApiError, time};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionStatus {
    Active,
    Inactive,
    DeleteInProgress,
}

impl DefinitionStatus {
    pub fn word(self) -> &'static str {
        match self {
            DefinitionStatus::Active => "ACTIVE",
            DefinitionStatus::Inactive => "INACTIVE",
            DefinitionStatus::DeleteInProgress => "DELETE_IN_PROGRESS",
        }
    }
}

/// One revision.
#[derive(Debug)]
pub struct Definition {
    pub spec: Arc<Spec>,
    pub status: DefinitionStatus,
    pub deregistered: Option<f64>,
    pub delete_requested: Option<f64>,
}

impl Definition {
    /// As answers have it.
    pub fn shown(&self) -> Value {
        let mut shown = self.spec.body.clone();
        shown["taskDefinitionArn"] = json!(self.spec.arn);
        shown["revision"] = json!(self.spec.revision);
        shown["status"] = json!(self.status.word());
        shown["registeredAt"] = time(self.spec.registered);
        shown["deregisteredAt"] = self.deregistered.map_or(Value::Null, time);
        shown["deleteRequestedAt"] = self.delete_requested.map_or(Value::Null, time);
        shown
    }
}

/// All families.
#[derive(Debug, Default)]
pub struct Definitions {
    families: IndexMap<String, Family>,
}

#[derive(Debug, Default)]
struct Family {
    /// Numbers of revisions are not used again.
    last: u32,
    revisions: Vec<Definition>,
}

impl Definitions {
    /// A revision by `family:revision`, the newest active one by `family`, or either as an ARN.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        let (family, revision) = parts(name);
        let revisions = &self.families.get(family)?.revisions;
        match revision {
            Some(number) => revisions.iter().find(|one| Some(one.spec.revision) == number),
            None => revisions
                .iter()
                .rev()
                .find(|one| one.status == DefinitionStatus::Active),
        }
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Definition> {
        let arn = self.get(name)?.spec.arn.clone();
        let family = self.families.get_mut(parts(name).0)?;
        family.revisions.iter_mut().find(|one| one.spec.arn == arn)
    }

    /// A definition that new tasks may have.
    ///
    /// # Errors
    /// `ClientException` where there is none, or only an inactive one.
    pub fn active(&self, name: &str) -> Result<Arc<Spec>, ApiError> {
        let found = self
            .get(name)
            .ok_or_else(|| refused("TaskDefinition not found."))?;
        match found.status {
            DefinitionStatus::Active => Ok(Arc::clone(&found.spec)),
            _ => Err(refused("TaskDefinition is inactive")),
        }
    }

    /// Forgets definitions that are to be deleted and that nobody uses.
    pub fn prune(&mut self, in_use: impl Fn(&str) -> bool) {
        for family in self.families.values_mut() {
            let stays =
                |one: &Definition| one.status != DefinitionStatus::DeleteInProgress || in_use(&one.spec.arn);
            family.revisions.retain(stays);
        }
    }
}

/// The family, and the revision where one is given; a revision that is no number is one that does not exist.
fn parts(name: &str) -> (&str, Option<Option<u32>>) {
    match last(name).split_once(':') {
        Some((family, revision)) => (family, Some(revision.parse().ok())),
        None => (last(name), None),
    }
}
