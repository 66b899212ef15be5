//! What is done to DB clusters.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::status::{Change, Status};
use super::super::timetable::{self, Course, First, Subject};
use super::super::{State, errors, names, snapshots};
use super::{Cluster, members};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// FailoverDBCluster
pub fn fail_over(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBClusterIdentifier")?;
    let asked = input::text(input, "TargetDBInstanceIdentifier").map(names::bare);
    let mut state = region.state();
    in_status(state.rds.cluster(&id)?, Status::Available)?;
    let target = members::successor(&state.rds, &id, asked.as_deref())?;
    promote(region, &mut state.rds, &id, target)?;
    answer(&mut state.rds, &id)
}

/// Makes a reader the writer. Clients lose their connections as at the end of the old writer.
fn promote(region: &Arc<Region>, state: &mut State, id: &str, target: String) -> Result<(), ApiError> {
    let cluster = state.cluster(id)?;
    let change = cluster.condition.begin(Status::FailingOver);
    let server = cluster.server.clone();
    let old: Vec<String> = cluster.writer.iter().cloned().collect();
    let old = members::begin(state, &old, Status::Available, Status::Rebooting);
    state.events.of_cluster(
        region,
        id,
        "failover",
        format!("Started failover to DB instance: {target}"),
    );
    let course = Course {
        server,
        first: First::Cut,
        seconds: timetable::CLUSTER_FAILOVER,
        event: ("failover", format!("Completed failover to DB instance: {target}")),
        ..slow(id, change, "")
    };
    let id = id.to_owned();
    region.keep(timetable::run(region.clone(), course, move |state, status| {
        members::end(state, &old, status);
        if let Some(cluster) = state.clusters.get_mut(&id) {
            cluster.writer = Some(target);
        }
    }));
    Ok(())
}

/// A member goes. If it is the writer, a reader takes over; without one the server ends, and the data stays.
pub fn lose(region: &Arc<Region>, state: &mut State, cluster: &str, member: &str) {
    let Some(found) = state
        .clusters
        .get_mut(cluster)
        .filter(|one| one.writer.as_deref() == Some(member))
    else {
        return;
    };
    let server = found.server.clone();
    match members::successor(state, cluster, None) {
        Ok(target) => {
            // the cluster is there: it was just found
            let _ = promote(region, state, cluster, target);
        }
        Err(_) => {
            if let Some(found) = state.clusters.get_mut(cluster) {
                found.writer = None;
            }
            if let Some(server) = server {
                region.keep(async move { server.down().await });
            }
        }
    }
}

/// A member is gone.
pub fn forget(state: &mut State, cluster: &str, member: &str) {
    if let Some(cluster) = state.clusters.get_mut(cluster) {
        cluster.members.retain(|id| id != member);
    }
}

/// StopDBCluster
pub fn stop(region: &Arc<Region>, input: &Value) -> Answer {
    let course = Course {
        first: First::Down,
        last: Status::Stopped,
        ..slow("", Change::NONE, "DB cluster stopped")
    };
    together(region, input, Status::Available, Status::Stopping, course)
}

/// StartDBCluster
pub fn start(region: &Arc<Region>, input: &Value) -> Answer {
    together(
        region,
        input,
        Status::Stopped,
        Status::Starting,
        slow("", Change::NONE, "DB cluster started"),
    )
}

/// Changes a cluster and its members alike.
fn together(region: &Arc<Region>, input: &Value, from: Status, status: Status, course: Course) -> Answer {
    let id = names::identifier(input, "DBClusterIdentifier")?;
    let mut state = region.state();
    let cluster = state.rds.cluster(&id)?;
    in_status(cluster, from)?;
    let change = cluster.condition.begin(status);
    // without instances there is nothing to connect to
    let server = cluster.server.clone().filter(|_| cluster.writer.is_some());
    let members = cluster.members.clone();
    let begun = members::begin(&mut state.rds, &members, from, status);
    let course = Course {
        subject: Subject::Cluster(id.clone()),
        change,
        server,
        ..course
    };
    region.keep(timetable::run(region.clone(), course, move |state, status| {
        members::end(state, &begun, status)
    }));
    answer(&mut state.rds, &id)
}

/// DeleteDBCluster
pub fn delete(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBClusterIdentifier")?;
    let mut state = region.state();
    let cluster = state.rds.cluster(&id)?;
    if cluster.protected {
        return Err(errors::combination(
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
        ));
    }
    if cluster.condition.status() == Status::Deleting {
        return Err(errors::cluster_state(format!(
            "DB cluster {id} is already being deleted."
        )));
    }
    let members = cluster.members.clone();
    let stays = |id: &String| {
        state
            .rds
            .instances
            .get(id)
            .is_some_and(|one| one.condition.status() != Status::Deleting)
    };
    if members.iter().any(stays) {
        return Err(errors::cluster_state(
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        ));
    }
    if let Some(name) = snapshots::last(input)? {
        snapshots::take(region, &mut state.rds, name, &id)?;
    }
    let change = state.rds.cluster(&id)?.condition.begin(Status::Deleting);
    region.keep(vanish(region.clone(), id.clone(), change));
    answer(&mut state.rds, &id)
}

async fn vanish(region: Arc<Region>, id: String, change: Change) {
    let course = Course {
        last: Status::Deleting,
        ..slow(&id, change, "DB cluster deleted")
    };
    timetable::run(region.clone(), course, |_, _| ()).await;
    let removed = region.state().rds.clusters.remove(&id);
    let Some(cluster) = removed else { return };
    if let Some(server) = &cluster.server {
        server.remove().await;
    }
    region.state().rds.release(cluster.address);
}

fn slow(id: &str, change: Change, message: &str) -> Course {
    Course {
        subject: Subject::Cluster(id.to_owned()),
        change,
        server: None,
        first: First::Nothing,
        seconds: timetable::STOP,
        last: Status::Available,
        event: ("notification", message.to_owned()),
    }
}

fn in_status(cluster: &Cluster, wanted: Status) -> Result<(), ApiError> {
    let status = cluster.condition.status();
    if status == wanted {
        return Ok(());
    }
    let (wanted, status) = (wanted.name(), status.name());
    Err(errors::cluster_state(format!(
        "DbCluster {} is in {status} state, but {wanted} is needed for this.",
        cluster.id
    )))
}

fn answer(state: &mut State, id: &str) -> Answer {
    let cluster = state.clusters.get(id).ok_or_else(|| errors::no_cluster(id))?;
    Ok(json!({ "DBCluster": cluster.described(state) }))
}
