//! Spot requests: each Spot instance has one, which is one-time.

use serde_json::{Value, json};

use super::State;
use super::filters::Filters;
use super::pages::page;
use super::tags::{self, Tags};
use crate::input::texts;
use crate::wire::{Answer, ApiError, time};
use crate::{name, now};

/// A request for one Spot instance.
#[derive(Clone, Debug)]
pub struct Request {
    id: String,
    instance: String,
    kind: String,
    zone: String,
    created: f64,
    cancelled: bool,
    pub(super) tags: Tags,
}

/// Notes a request that has been fulfilled with an instance; returns its id.
pub fn fulfilled(state: &mut State, instance: &str, kind: &str, zone: &str) -> String {
    let id = format!("sir-{}", name::hex(8));
    let request = Request {
        id: id.clone(),
        instance: instance.to_owned(),
        kind: kind.to_owned(),
        zone: zone.to_owned(),
        created: now(),
        cancelled: false,
        tags: Tags::new(),
    };
    state.spot.insert(id.clone(), request);
    id
}

impl Request {
    /// `active`, `closed` when its instance has ended, or `cancelled`.
    fn state(&self, state: &State) -> &'static str {
        match state.instance(&self.instance) {
            _ if self.cancelled => "cancelled",
            Some(instance) if !instance.state.is_ending() => "active",
            _ => "closed",
        }
    }

    fn view(&self, state: &State) -> Value {
        let status = match self.state(state) {
            "cancelled" => "request-canceled-and-instance-running",
            "active" => "fulfilled",
            _ => "instance-terminated-by-user",
        };
        json!({
            "spotInstanceRequestId": self.id,
            "instanceId": self.instance,
            "state": self.state(state),
            "status": { "code": status, "updateTime": time(self.created) },
            "type": "one-time",
            "launchedAvailabilityZone": self.zone,
            "launchSpecification": { "instanceType": self.kind },
            "createTime": time(self.created),
            "tagSet": tags::set(&self.tags),
        })
    }
}

fn asked(state: &State, input: &Value) -> Result<Vec<String>, ApiError> {
    let ids = texts(input, "SpotInstanceRequestId");
    if let Some(unknown) = ids.iter().find(|id| !state.spot.contains_key(*id)) {
        let message = format!("The spot instance request ID '{unknown}' does not exist");
        return Err(ApiError::new("InvalidSpotInstanceRequestID.NotFound", message));
    }
    Ok(ids)
}

/// `DescribeSpotInstanceRequests`
pub fn describe(state: &State, input: &Value) -> Answer {
    let filters = Filters::read(
        input,
        &["instance-id", "spot-instance-request-id", "state", "type"],
    )?;
    let ids = asked(state, input)?;
    let values = |one: &Request, name: &str| match name {
        "instance-id" => vec![one.instance.clone()],
        "spot-instance-request-id" => vec![one.id.clone()],
        "state" => vec![one.state(state).to_owned()],
        _ => vec!["one-time".to_owned()],
    };
    let meant = |one: &&Request| {
        (ids.is_empty() || ids.contains(&one.id)) && filters.fit(&one.tags, |name| values(one, name))
    };
    let found = state
        .spot
        .values()
        .filter(meant)
        .map(|one| one.view(state))
        .collect();
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "spotInstanceRequestSet": found, "nextToken": next }))
}

/// `CancelSpotInstanceRequests`; the instances go on.
pub fn cancel(state: &mut State, input: &Value) -> Answer {
    let ids = asked(state, input)?;
    if ids.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter SpotInstanceRequestId",
        ));
    }
    for id in &ids {
        if let Some(request) = state.spot.get_mut(id) {
            request.cancelled = true;
        }
    }
    let views: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "spotInstanceRequestId": id, "state": "cancelled" }))
        .collect();
    Ok(json!({ "spotInstanceRequestSet": views }))
}
