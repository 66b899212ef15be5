//! What is done to DB instances.

use std::sync::Arc;

use serde_json::{Value, json};

use super::instance::Instance;
use super::server::Server;
use super::status::{Change, Status};
use super::timetable::{self, Course, First, Subject};
use super::{State, cluster, errors, names, snapshots};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// RebootDBInstance
pub fn reboot(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBInstanceIdentifier")?;
    let failover = input::flag(input, "ForceFailover").unwrap_or(false);
    let mut state = region.state();
    let instance = available(&mut state.rds, &id)?;
    if failover && instance.standby.is_none() {
        return Err(errors::combination(
            "ForceFailover cannot be specified since the instance is not configured for Multi-AZ.",
        ));
    }
    let change = instance.condition.begin(Status::Rebooting);
    let described = instance.described();
    let server = state.rds.felt_server(&id);
    let (seconds, event) = match failover {
        true => (
            timetable::FAILOVER,
            ("failover", "Multi-AZ instance failover completed".to_owned()),
        ),
        false => (
            timetable::REBOOT,
            ("availability", "DB instance restarted".to_owned()),
        ),
    };
    let begun = if failover {
        "Multi-AZ instance failover started."
    } else {
        "DB instance shutdown"
    };
    state.rds.events.of_instance(region, &id, event.0, begun);
    drop(state);
    let course = Course {
        subject: Subject::Instance(id.clone()),
        change,
        server,
        first: First::Cut,
        seconds,
        last: Status::Available,
        event,
    };
    region.keep(timetable::run(region.clone(), course, move |state, _| {
        swap_zones(state, &id, failover)
    }));
    Ok(json!({ "DBInstance": described }))
}

fn swap_zones(state: &mut State, id: &str, failover: bool) {
    let Some(instance) = state.instances.get_mut(id).filter(|_| failover) else {
        return;
    };
    if let Some(standby) = &mut instance.standby {
        std::mem::swap(&mut instance.zone, standby);
    }
}

/// StopDBInstance
pub fn stop(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBInstanceIdentifier")?;
    let mut state = region.state();
    not_in_cluster(state.rds.instance(&id)?, "stopping")?;
    available(&mut state.rds, &id)?;
    if let Some(snapshot) = input::text(input, "DBSnapshotIdentifier") {
        snapshots::take(region, &mut state.rds, snapshot, &id)?;
    }
    let change = state.rds.instance(&id)?.condition.begin(Status::Stopping);
    let course = Course {
        first: First::Down,
        last: Status::Stopped,
        ..slow(&id, change, state.rds.felt_server(&id), "DB instance stopped")
    };
    begun(region, state.rds.instance(&id)?, course)
}

/// StartDBInstance
pub fn start(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBInstanceIdentifier")?;
    let mut state = region.state();
    let instance = state.rds.instance(&id)?;
    not_in_cluster(instance, "starting")?;
    if instance.condition.status() != Status::Stopped {
        return Err(errors::instance_state(format!(
            "Instance {id} is not stopped, therefore it cannot be started."
        )));
    }
    let change = instance.condition.begin(Status::Starting);
    let course = slow(&id, change, state.rds.felt_server(&id), "DB instance started");
    begun(region, state.rds.instance(&id)?, course)
}

fn slow(id: &str, change: Change, server: Option<Server>, message: &str) -> Course {
    Course {
        subject: Subject::Instance(id.to_owned()),
        change,
        server,
        first: First::Nothing,
        seconds: timetable::STOP,
        last: Status::Available,
        event: ("notification", message.to_owned()),
    }
}

fn begun(region: &Arc<Region>, instance: &Instance, course: Course) -> Answer {
    region.keep(timetable::run(region.clone(), course, |_, _| ()));
    Ok(json!({ "DBInstance": instance.described() }))
}

/// DeleteDBInstance
pub fn delete(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBInstanceIdentifier")?;
    let mut state = region.state();
    let instance = state.rds.instance(&id)?;
    if instance.condition.status() == Status::Deleting {
        return Err(errors::instance_state(format!(
            "Instance {id} is already being deleted."
        )));
    }
    if instance.protected {
        return Err(errors::combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ));
    }
    let cluster = instance.cluster.clone();
    if cluster.is_none() {
        let snapshot = snapshots::last(input)?;
        snapshot.map_or(Ok(()), |name| snapshots::take(region, &mut state.rds, name, &id))?;
    }
    let change = state.rds.instance(&id)?.condition.begin(Status::Deleting);
    let described = state.rds.instance(&id)?.described();
    let server = state.rds.instance(&id)?.server.clone();
    if let Some(cluster) = cluster {
        cluster::operate::lose(region, &mut state.rds, &cluster, &id);
    }
    drop(state);
    region.keep(vanish(region.clone(), id, change, server));
    Ok(json!({ "DBInstance": described }))
}

async fn vanish(region: Arc<Region>, id: String, change: Change, server: Option<Server>) {
    let course = Course {
        first: First::Down,
        last: Status::Deleting,
        ..slow(&id, change, server.clone(), "DB instance deleted")
    };
    timetable::run(region.clone(), course, |_, _| ()).await;
    if let Some(server) = &server {
        server.remove().await;
    }
    let mut state = region.state();
    let removed = state.rds.instances.remove(&id);
    if let Some(cluster) = removed.and_then(|instance| instance.cluster) {
        cluster::operate::forget(&mut state.rds, &cluster, &id);
    }
    if let Some(server) = server {
        state.rds.release(server.address());
    }
}

/// ModifyDBInstance: what can be modified is at once.
pub fn modify(region: &Arc<Region>, input: &Value) -> Answer {
    let id = names::identifier(input, "DBInstanceIdentifier")?;
    for refused in [
        "MasterUserPassword",
        "NewDBInstanceIdentifier",
        "DBPortNumber",
        "Engine",
    ] {
        if input::text(input, refused).is_some() {
            return Err(errors::combination(format!(
                "chaos-lab cannot modify {refused}: delete the instance and create it anew."
            )));
        }
    }
    let second = super::create::zones(region);
    let mut state = region.state();
    let instance = available(&mut state.rds, &id)?;
    if let Some(multiple) = input::flag(input, "MultiAZ") {
        not_in_cluster(instance, "Multi-AZ")?;
        let other = second.into_iter().find(|zone| *zone != instance.zone);
        instance.standby = if multiple {
            instance.standby.take().or(other)
        } else {
            None
        };
    }
    instance.storage = input::integer(input, "AllocatedStorage")?.unwrap_or(instance.storage);
    instance.backups = input::integer(input, "BackupRetentionPeriod")?.unwrap_or(instance.backups);
    instance.tier = input::integer(input, "PromotionTier")?.unwrap_or(instance.tier);
    instance.protected = input::flag(input, "DeletionProtection").unwrap_or(instance.protected);
    if let Some(class) = input::text(input, "DBInstanceClass") {
        instance.class = class.to_owned();
    }
    Ok(json!({ "DBInstance": instance.described() }))
}

fn available<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Instance, ApiError> {
    let instance = state.instance(id)?;
    match instance.condition.is_available() {
        true => Ok(instance),
        false => Err(errors::instance_state(format!(
            "Instance {id} is not in available state: its status is {}.",
            instance.condition.status().name()
        ))),
    }
}

fn not_in_cluster(instance: &Instance, what: &str) -> Result<(), ApiError> {
    match &instance.cluster {
        None => Ok(()),
        Some(cluster) => Err(errors::combination(format!(
            "{} DB instances are not eligible for {what}: {} is an instance of cluster {cluster}.",
            instance.engine, instance.id
        ))),
    }
}
