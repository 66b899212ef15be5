//! Instances as `DescribeInstances` and `DescribeInstanceStatus` show them.

use serde_json::{Value, json};

use super::State;
use super::filters::Filters;
use super::instance::{Instance, InstanceState, no_instance};
use super::pages::page;
use super::run::reservation_view;
use super::{tags, volumes};
use crate::Region;
use crate::input::{flag, texts};
use crate::wire::{Answer, ApiError, time};

const FILTERS: &[&str] = &[
    "architecture",
    "availability-zone",
    "block-device-mapping.device-name",
    "block-device-mapping.volume-id",
    "dns-name",
    "hypervisor",
    "iam-instance-profile.arn",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "key-name",
    "launch-index",
    "launch-time",
    "monitoring-state",
    "network-interface.availability-zone",
    "network-interface.group-id",
    "network-interface.private-ip-address",
    "network-interface.subnet-id",
    "network-interface.vpc-id",
    "owner-id",
    "platform",
    "private-dns-name",
    "private-ip-address",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "spot-instance-request-id",
    "subnet-id",
    "tenancy",
    "virtualization-type",
    "vpc-id",
];

/// The instances that a request names by `InstanceId`; all where it names none.
///
/// # Errors
/// `InvalidInstanceID.Malformed` and `InvalidInstanceID.NotFound`.
pub(super) fn asked(state: &State, input: &Value) -> Result<Vec<String>, ApiError> {
    let ids = texts(input, "InstanceId");
    let is_malformed = |id: &&String| {
        !id.strip_prefix("i-")
            .is_some_and(|rest| rest.chars().all(|one| one.is_ascii_hexdigit()))
    };
    if let Some(id) = ids.iter().find(is_malformed) {
        return Err(ApiError::new(
            "InvalidInstanceID.Malformed",
            format!("Invalid id: \"{id}\""),
        ));
    }
    let missing: Vec<&str> = ids
        .iter()
        .filter(|id| state.instance(id).is_none())
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        Ok(ids)
    } else {
        Err(no_instance(&missing))
    }
}

/// `DescribeInstances`
pub fn instances(state: &State, region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, FILTERS)?;
    let ids = asked(state, input)?;
    let meant = |one: &&Instance| {
        (ids.is_empty() || ids.contains(&one.id))
            && filters.fit(&one.tags, |name| values(state, region, one, name))
    };
    let found: Vec<&Instance> = state.instances().filter(meant).collect();
    let (found, next) = page(reservations(state, region, &found), input, "MaxResults", 1000)?;
    Ok(json!({ "reservationSet": found, "nextToken": next }))
}

/// Instances by their reservations, in the order of the first of each.
fn reservations(state: &State, region: &Region, found: &[&Instance]) -> Vec<Value> {
    let mut by: indexmap::IndexMap<&str, Vec<Value>> = indexmap::IndexMap::new();
    for instance in found {
        by.entry(&instance.reservation)
            .or_default()
            .push(view(state, region, instance));
    }
    by.into_iter()
        .map(|(id, views)| reservation_view(id, &region.settings().account, views))
        .collect()
}

/// One reservation with its instances.
pub(super) fn reservation(state: &State, region: &Region, id: &str) -> Value {
    let found: Vec<&Instance> = state.instances().filter(|one| one.reservation == id).collect();
    reservations(state, region, &found).pop().unwrap_or_default()
}

fn private_name(instance: &Instance) -> String {
    let [a, b, c, d] = instance.address.octets();
    format!("ip-{a}-{b}-{c}-{d}.ec2.internal")
}

fn lifecycle(instance: &Instance) -> Option<&'static str> {
    instance.spot_request.as_ref().map(|_| "spot")
}

fn values(state: &State, region: &Region, one: &Instance, name: &str) -> Vec<String> {
    let is_there = one.state != InstanceState::Terminated;
    let placed = |value: &str| {
        if is_there {
            vec![value.to_owned()]
        } else {
            Vec::new()
        }
    };
    let optional = |value: &Option<String>| value.iter().cloned().collect();
    match name {
        "availability-zone" | "network-interface.availability-zone" => vec![one.zone.clone()],
        "instance-id" => vec![one.id.clone()],
        "instance-lifecycle" => lifecycle(one).map(str::to_owned).into_iter().collect(),
        "instance-state-name" => vec![one.state.name().to_owned()],
        "instance-state-code" => vec![one.state.code().to_string()],
        "instance-type" => vec![one.kind.clone()],
        "image-id" => vec![one.image.clone()],
        "subnet-id" | "network-interface.subnet-id" => placed(&one.subnet),
        "vpc-id" | "network-interface.vpc-id" => placed(&one.vpc),
        "private-ip-address" | "network-interface.private-ip-address" => placed(&one.address.to_string()),
        "private-dns-name" => placed(&private_name(one)),
        "instance.group-id" | "network-interface.group-id" => one.security_groups.clone(),
        "instance.group-name" => one
            .security_groups
            .iter()
            .filter_map(|id| Some(state.security_group(id)?.name.clone()))
            .collect(),
        "key-name" => optional(&one.key),
        "iam-instance-profile.arn" => optional(&one.profile),
        "spot-instance-request-id" => optional(&one.spot_request),
        "reservation-id" => vec![one.reservation.clone()],
        "owner-id" => vec![region.settings().account.clone()],
        "launch-index" => vec![one.index.to_string()],
        "launch-time" => vec![launch_time(one)],
        "architecture" => vec!["x86_64".to_owned()],
        "hypervisor" => vec!["xen".to_owned()],
        "monitoring-state" => vec!["disabled".to_owned()],
        "root-device-name" => vec![volumes::ROOT.to_owned()],
        "root-device-type" => vec!["ebs".to_owned()],
        "tenancy" => vec!["default".to_owned()],
        "virtualization-type" => vec!["hvm".to_owned()],
        "block-device-mapping.volume-id" => mapped(state, one, |volume| &volume["ebs"]["volumeId"]),
        "block-device-mapping.device-name" => mapped(state, one, |volume| &volume["deviceName"]),
        // no public addresses, no Windows
        _ => Vec::new(),
    }
}

fn mapped(state: &State, one: &Instance, member: fn(&Value) -> &Value) -> Vec<String> {
    let mappings = volumes::mappings_of(state, &one.id);
    mappings
        .iter()
        .filter_map(|volume| Some(member(volume).as_str()?.to_owned()))
        .collect()
}

fn launch_time(one: &Instance) -> String {
    let time = chrono::DateTime::from_timestamp_millis((one.launched * 1000.0) as i64);
    time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .unwrap_or_default()
}

/// An instance with its state.
pub(super) fn state_view(state: InstanceState) -> Value {
    json!({ "code": state.code(), "name": state.name() })
}

fn group_set(state: &State, one: &Instance) -> Vec<Value> {
    let view = |id: &String| json!({ "groupId": id, "groupName": state.security_group(id).map(|group| &group.name) });
    one.security_groups.iter().map(view).collect()
}

fn view(state: &State, region: &Region, one: &Instance) -> Value {
    let mut view = json!({
        "instanceId": one.id,
        "imageId": one.image,
        "instanceState": state_view(one.state),
        "reason": one.reason.map(|(_, sentence)| sentence).unwrap_or_default(),
        "stateReason": one.reason.map(|(code, message)| json!({ "code": code, "message": message })),
        "keyName": one.key,
        "amiLaunchIndex": one.index,
        "instanceType": one.kind,
        "launchTime": time(one.launched),
        "placement": { "availabilityZone": one.zone, "groupName": "", "tenancy": "default" },
        "monitoring": { "state": "disabled" },
        "architecture": "x86_64",
        "rootDeviceType": "ebs",
        "rootDeviceName": volumes::ROOT,
        "blockDeviceMapping": volumes::mappings_of(state, &one.id),
        "virtualizationType": "hvm",
        "hypervisor": "xen",
        "ebsOptimized": false,
        "cpuOptions": { "coreCount": one.vcpus.div_ceil(2), "threadsPerCore": if one.vcpus > 1 { 2 } else { 1 } },
        "iamInstanceProfile": one.profile.as_ref().map(|arn| json!({ "arn": arn, "id": "AIPA00000000000000000" })),
        "instanceLifecycle": lifecycle(one),
        "spotInstanceRequestId": one.spot_request,
        "groupSet": [],
        "networkInterfaceSet": [],
        "tagSet": tags::set(&one.tags),
    });
    if one.state != InstanceState::Terminated {
        place(&mut view, state, region, one);
    }
    view
}

/// What a terminated instance does not have any more.
fn place(view: &mut Value, state: &State, region: &Region, one: &Instance) {
    let groups = group_set(state, one);
    view["privateDnsName"] = json!(private_name(one));
    view["privateIpAddress"] = json!(one.address);
    view["subnetId"] = json!(one.subnet);
    view["vpcId"] = json!(one.vpc);
    view["sourceDestCheck"] = json!(true);
    view["networkInterfaceSet"] = json!([{
        "networkInterfaceId": one.id.replacen("i-", "eni-", 1),
        "subnetId": one.subnet,
        "vpcId": one.vpc,
        "ownerId": region.settings().account,
        "status": "in-use",
        "privateIpAddress": one.address,
        "privateDnsName": private_name(one),
        "groupSet": groups,
        "attachment": { "deviceIndex": 0, "status": "attached", "deleteOnTermination": true, "attachTime": time(one.launched) },
        "privateIpAddressesSet": [{ "privateIpAddress": one.address, "primary": true }],
    }]);
    view["groupSet"] = json!(groups);
}

/// `DescribeInstanceStatus`: running instances, or all with `IncludeAllInstances`.
pub fn statuses(state: &State, input: &Value) -> Answer {
    let known = &[
        "availability-zone",
        "instance-state-code",
        "instance-state-name",
        "instance-status.status",
        "system-status.status",
    ];
    let filters = Filters::read(input, known)?;
    let ids = asked(state, input)?;
    let every = flag(input, "IncludeAllInstances").unwrap_or_default();
    let values = |one: &Instance, name: &str| match name {
        "availability-zone" => vec![one.zone.clone()],
        "instance-state-code" => vec![one.state.code().to_string()],
        "instance-state-name" => vec![one.state.name().to_owned()],
        _ => vec![checks(one).to_owned()],
    };
    let meant = |one: &&Instance| {
        (every || one.state == InstanceState::Running)
            && (ids.is_empty() || ids.contains(&one.id))
            && filters.fit(&one.tags, |name| values(one, name))
    };
    let found = state.instances().filter(meant).map(status_view).collect();
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "instanceStatusSet": found, "nextToken": next }))
}

fn checks(one: &Instance) -> &'static str {
    match one.state {
        InstanceState::Running if one.online => "ok",
        InstanceState::Running => "initializing",
        _ => "not-applicable",
    }
}

fn status_view(one: &Instance) -> Value {
    let check = json!({ "status": checks(one), "details": [] });
    json!({
        "instanceId": one.id,
        "availabilityZone": one.zone,
        "instanceState": state_view(one.state),
        "instanceStatus": check,
        "systemStatus": check,
    })
}
