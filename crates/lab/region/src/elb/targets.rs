//! Operations on targets.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use chaos_lab_balancer::TargetView;
use serde_json::{Value, json};

use super::groups::port;
use super::model::{Group, TargetKind};
use super::places;
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// A target as a request names it.
struct Named {
    id: String,
    port: Option<u16>,
}

fn named(input: &Value) -> Result<Vec<Named>, ApiError> {
    let one = |target| {
        Ok(Named {
            id: input::required(target, "Id")?.to_owned(),
            port: port(target, "Port")?,
        })
    };
    input::list(input, "Targets").iter().map(one).collect()
}

pub(super) fn register(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "TargetGroupArn")?;
    let (kind, group_port) = state.elb.group(arn).map(|group| (group.kind, group.port))?;
    let found: Result<Vec<(SocketAddr, String, String)>, ApiError> = named(input)?
        .into_iter()
        .map(|target| {
            let (address, zone) = place(state, kind, &target.id)?;
            Ok((
                SocketAddr::new(address, target.port.unwrap_or(group_port)),
                target.id,
                zone,
            ))
        })
        .collect();
    let found = found?;
    if found.is_empty() {
        return Err(ApiError::validation("At least one target must be specified"));
    }
    let group = state.elb.group_mut(arn)?;
    found
        .iter()
        .for_each(|(address, id, zone)| group.register(*address, id, zone));
    Ok(json!({}))
}

fn place(state: &crate::State, kind: TargetKind, id: &str) -> Result<(IpAddr, String), ApiError> {
    match kind {
        TargetKind::Instance => places::instance(state, id).map(|(address, zone)| (address.into(), zone)),
        TargetKind::Ip => places::address(state, id),
    }
}

impl Named {
    /// Whether this names a target; without a port it names all ports of its id.
    fn is(&self, group: &Group, address: SocketAddr) -> bool {
        group.id_of(address) == self.id && self.port.is_none_or(|port| port == address.port())
    }
}

impl Group {
    fn id_of(&self, address: SocketAddr) -> String {
        self.ids
            .get(&address)
            .cloned()
            .unwrap_or_else(|| address.ip().to_string())
    }
}

pub(super) fn deregister(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "TargetGroupArn")?;
    let group = state.elb.group(arn)?;
    let named = named(input)?;
    // a target that is not registered is no error
    let chosen = group.plane.targets().into_iter().map(|target| target.address);
    let chosen = chosen.filter(|address| named.iter().any(|target| target.is(group, *address)));
    chosen.for_each(|address| group.plane.deregister(address));
    Ok(json!({}))
}

pub(super) fn health(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let group = state.elb.group(input::required(input, "TargetGroupArn")?)?;
    let targets = group.plane.targets();
    let asked = named(input)?;
    let chosen = targets
        .iter()
        .filter(|target| asked.is_empty() || asked.iter().any(|one| one.is(group, target.address)));
    let mut described: Vec<Value> = chosen.map(|target| described(group, target)).collect();
    let unknown = asked
        .iter()
        .filter(|one| !targets.iter().any(|target| one.is(group, target.address)));
    described.extend(unknown.map(|target| unregistered(group, target)));
    Ok(json!({ "TargetHealthDescriptions": described }))
}

fn described(group: &Group, target: &TargetView) -> Value {
    let zone = (group.kind == TargetKind::Ip).then_some(&target.zone);
    json!({
        "Target": { "Id": group.id_of(target.address), "Port": target.address.port(), "AvailabilityZone": zone },
        "HealthCheckPort": target.address.port().to_string(),
        "TargetHealth": {
            "State": target.state.as_str(), "Reason": target.reason, "Description": target.description,
        },
    })
}

fn unregistered(group: &Group, target: &Named) -> Value {
    json!({
        "Target": { "Id": target.id, "Port": target.port.unwrap_or(group.port) },
        "HealthCheckPort": target.port.unwrap_or(group.port).to_string(),
        "TargetHealth": {
            "State": "unused",
            "Reason": "Target.NotRegistered",
            "Description": "Target is not registered to the target group",
        },
    })
}
