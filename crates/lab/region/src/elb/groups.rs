//! Operations on target groups.

use std::sync::Arc;

use chaos_lab_balancer::{Pace, TargetGroup};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::balancers::valid_name;
use super::checks::Check;
use super::model::{Group, State, TargetKind, no_group};
use super::{attributes, paging, tags};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name};

pub(super) fn create(region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let group = made(region, &mut state.elb, input)?;
    if let Some(there) = state.elb.groups.values().find(|there| there.name == group.name) {
        return match same(there, &group) {
            true => Ok(json!({ "TargetGroups": [describe_one(&state.elb, there)] })),
            false => Err(ApiError::new(
                "DuplicateTargetGroupName",
                format!(
                    "A target group with the same name '{}' exists, but with different settings",
                    there.name
                ),
            )),
        };
    }
    let described = describe_one(&state.elb, &group);
    state.elb.groups.insert(group.arn.clone(), group);
    Ok(json!({ "TargetGroups": [described] }))
}

fn same(one: &Group, other: &Group) -> bool {
    (one.port, one.kind, &one.vpc, &one.check) == (other.port, other.kind, &other.vpc, &other.check)
}

fn made(region: &Arc<Region>, state: &mut State, input: &Value) -> Result<Group, ApiError> {
    let name = valid_name(input::required(input, "Name")?, "Target group")?;
    if let Some(other) = input::text(input, "Protocol").filter(|protocol| *protocol != "HTTP") {
        return Err(ApiError::validation(format!(
            "chaos-lab offers target groups of the protocol HTTP, not {other}."
        )));
    }
    let port = port(input, "Port")?.ok_or_else(|| ApiError::validation("A port must be specified"))?;
    let check = Check::default().changed(input, port)?;
    let suffix = format!("targetgroup/{name}/{}", name::hex(16));
    let plane = TargetGroup::new(
        &suffix,
        check.plane(),
        Pace(region.pace().speed()),
        state.meter(region),
    );
    plane.in_use(false);
    Ok(Group {
        arn: region.arn("elasticloadbalancing", &suffix),
        name,
        suffix,
        port,
        vpc: input::text(input, "VpcId").map(str::to_owned),
        kind: kind(input)?,
        check,
        attributes: attributes::of_group(),
        tags: tags::read(input, "Tags")?,
        plane,
        ids: IndexMap::new(),
        wired: None,
    })
}

fn kind(input: &Value) -> Result<TargetKind, ApiError> {
    match input::text(input, "TargetType") {
        None | Some("instance") => Ok(TargetKind::Instance),
        Some("ip") => Ok(TargetKind::Ip),
        Some(other) => Err(ApiError::validation(format!(
            "chaos-lab does not offer targets of the type '{other}'."
        ))),
    }
}

/// A port of TCP.
pub(super) fn port(input: &Value, member: &str) -> Result<Option<u16>, ApiError> {
    match input::integer(input, member)? {
        None => Ok(None),
        Some(port @ 1..=65535) => Ok(u16::try_from(port).ok()),
        Some(_) => Err(ApiError::validation(format!(
            "{member} must be in the range 1 to 65535"
        ))),
    }
}

pub(super) fn describe(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let (arns, names) = (
        input::texts(input, "TargetGroupArns"),
        input::texts(input, "Names"),
    );
    let state = &state.elb;
    if let Some(missing) = arns.iter().find(|arn| !state.groups.contains_key(*arn)) {
        return Err(no_group(missing));
    }
    if let Some(missing) = names
        .iter()
        .find(|name| !state.groups.values().any(|group| group.name == **name))
    {
        return Err(no_group(missing));
    }
    let balancer = input::text(input, "LoadBalancerArn");
    if let Some(arn) = balancer {
        state.balancer(arn)?;
    }
    let named = |group: &Group| {
        (arns.is_empty() && names.is_empty()) || arns.contains(&group.arn) || names.contains(&group.name)
    };
    let used = |group: &Group| {
        balancer.is_none_or(|arn| state.balancers_of(&group.arn).iter().any(|one| one.arn == arn))
    };
    let chosen = state.groups.values().filter(|group| named(group) && used(group));
    paging::page(
        "TargetGroups",
        chosen.map(|group| describe_one(state, group)).collect(),
        input,
        400,
    )
}

fn describe_one(state: &State, group: &Group) -> Value {
    let balancers: Vec<&str> = state
        .balancers_of(&group.arn)
        .iter()
        .map(|balancer| balancer.arn.as_str())
        .collect();
    let described = json!({
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": "HTTP",
        "ProtocolVersion": "HTTP1",
        "Port": group.port,
        "VpcId": group.vpc,
        "TargetType": match group.kind { TargetKind::Instance => "instance", TargetKind::Ip => "ip" },
        "LoadBalancerArns": balancers,
        "IpAddressType": "ipv4",
    });
    let Value::Object(mut members) = described else {
        return Value::Object(Map::new());
    };
    group.check.describe(&mut members);
    Value::Object(members)
}

pub(super) fn modify(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "TargetGroupArn")?;
    let group = state.elb.group_mut(arn)?;
    group.check = group.check.changed(input, group.port)?;
    group.plane.set_health_check(group.check.plane());
    let state = &state.elb;
    Ok(json!({ "TargetGroups": [describe_one(state, state.group(arn)?)] }))
}

pub(super) fn delete(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "TargetGroupArn")?;
    if state
        .elb
        .rules
        .values()
        .any(|rule| rule.action.group() == Some(arn))
    {
        let why = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(ApiError::new("ResourceInUse", why));
    }
    // deleting what is not there succeeds
    if let Some(group) = state.elb.groups.shift_remove(arn) {
        group.plane.close();
    }
    Ok(json!({}))
}
