//! The instances of a cluster, as far as they change with it.

use super::super::State;
use super::super::errors;
use super::super::status::{Change, Status};
use crate::wire::ApiError;

/// Instances that change together with their cluster, and their changes.
pub type Members = Vec<(String, Change)>;

/// Begins a change of those members that are in status `from`.
pub fn begin(state: &mut State, members: &[String], from: Status, status: Status) -> Members {
    let mut begun = Members::new();
    for id in members {
        if let Some(instance) = state
            .instances
            .get_mut(id)
            .filter(|instance| instance.condition.status() == from)
        {
            begun.push((id.clone(), instance.condition.begin(status)));
        }
    }
    begun
}

/// Ends what [`begin`] began.
pub fn end(state: &mut State, members: &Members, status: Status) {
    for (id, change) in members {
        if let Some(instance) = state.instances.get_mut(id) {
            instance.condition.end(*change, status);
        }
    }
}

/// The reader that becomes the writer: the one asked for, else the available one of the lowest promotion tier.
///
/// # Errors
/// When there is none, or the one asked for is no available reader of the cluster.
pub fn successor(state: &State, cluster: &str, asked: Option<&str>) -> Result<String, ApiError> {
    let cluster = state
        .clusters
        .get(cluster)
        .ok_or_else(|| errors::no_cluster(cluster))?;
    let readers = cluster
        .members
        .iter()
        .filter(|id| cluster.writer.as_ref() != Some(*id));
    let available = readers
        .filter_map(|id| state.instances.get(id))
        .filter(|one| one.condition.is_available());
    let Some(asked) = asked else {
        let best = available.min_by_key(|one| one.tier).map(|one| one.id.clone());
        return best.ok_or_else(|| {
            errors::cluster_state(format!(
                "DB cluster {} has no available reader to fail over to.",
                cluster.id
            ))
        });
    };
    if !cluster.members.iter().any(|id| id == asked) {
        return Err(errors::no_instance(asked));
    }
    let wanted = available.map(|one| one.id.clone()).find(|id| id == asked);
    wanted.ok_or_else(|| {
        errors::instance_state(format!(
            "Cannot fail over to DB instance {asked}: it is not an available reader of DB cluster {}.",
            cluster.id
        ))
    })
}
