//! Attributes of load balancers, target groups and listeners: AWS's keys and defaults. Those that the lab cannot make true are refused.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::model::{Balancer, Pairs};
use super::tags;
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

pub(super) const PROTECTION: &str = "deletion_protection.enabled";
const IDLE: &str = "idle_timeout.timeout_seconds";
const DELAY: &str = "deregistration_delay.timeout_seconds";

const BALANCER: &[(&str, &str)] = &[
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.prefix", ""),
    (IDLE, "60"),
    (PROTECTION, "false"),
    ("routing.http2.enabled", "true"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("waf.fail_open.enabled", "false"),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "false",
    ),
    ("zonal_shift.config.enabled", "false"),
    ("connection_logs.s3.enabled", "false"),
    ("connection_logs.s3.bucket", ""),
    ("connection_logs.s3.prefix", ""),
    ("client_keep_alive.seconds", "3600"),
];

const GROUP: &[(&str, &str)] = &[
    ("stickiness.enabled", "false"),
    (DELAY, "300"),
    ("stickiness.type", "lb_cookie"),
    ("stickiness.lb_cookie.duration_seconds", "86400"),
    ("stickiness.app_cookie.cookie_name", ""),
    ("stickiness.app_cookie.duration_seconds", "86400"),
    ("slow_start.duration_seconds", "0"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
    ),
];

const LISTENER: &[(&str, &str)] = &[("routing.http.response.server.enabled", "true")];

/// What the data plane cannot do, and the value that it does.
const FIXED: &[(&str, &str)] = &[
    ("stickiness.enabled", "false"),
    ("slow_start.duration_seconds", "0"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("routing.http.response.server.enabled", "true"),
];

fn pairs(defaults: &[(&str, &str)]) -> Pairs {
    defaults
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

pub(super) fn of_balancer() -> Pairs {
    pairs(BALANCER)
}

pub(super) fn of_group() -> Pairs {
    pairs(GROUP)
}

pub(super) fn of_listener() -> Pairs {
    pairs(LISTENER)
}

/// How long a target may take to answer. What a client asks for is real time.
pub(super) fn idle_timeout(balancer: &Balancer) -> Duration {
    seconds(&balancer.attributes, IDLE, 60)
}

fn seconds(attributes: &Pairs, key: &str, default: u64) -> Duration {
    Duration::from_secs(
        attributes
            .get(key)
            .and_then(|value| value.parse().ok())
            .unwrap_or(default),
    )
}

pub(super) fn describe_balancer(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let balancer = state.elb.balancer(input::required(input, "LoadBalancerArn")?)?;
    Ok(json!({ "Attributes": tags::written(&balancer.attributes) }))
}

pub(super) fn describe_group(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let group = state.elb.group(input::required(input, "TargetGroupArn")?)?;
    Ok(json!({ "Attributes": tags::written(&group.attributes) }))
}

pub(super) fn describe_listener(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let listener = state.elb.listener(input::required(input, "ListenerArn")?)?;
    Ok(json!({ "Attributes": tags::written(&listener.attributes) }))
}

pub(super) fn modify_balancer(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arn = input::required(input, "LoadBalancerArn")?;
    let balancer = state.elb.balancer_mut(arn)?;
    let changed = changed(&balancer.attributes, input)?;
    let is = |key, value| changed.get(key).is_some_and(|found: &String| found == value);
    if is("access_logs.s3.enabled", "true") && is("access_logs.s3.bucket", "") {
        let why = "The value of 'access_logs.s3.bucket' cannot be empty where access logs are enabled";
        return Err(ApiError::new("InvalidConfigurationRequest", why));
    }
    balancer.attributes = changed;
    let (idle, answer) = (idle_timeout(balancer), tags::written(&balancer.attributes));
    let own = state
        .elb
        .listeners
        .values()
        .filter(|listener| listener.balancer == arn);
    own.for_each(|listener| listener.plane.set_idle_timeout(idle));
    Ok(json!({ "Attributes": answer }))
}

pub(super) fn modify_group(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let group = state.elb.group_mut(input::required(input, "TargetGroupArn")?)?;
    group.attributes = changed(&group.attributes, input)?;
    group
        .plane
        .set_deregistration_delay(seconds(&group.attributes, DELAY, 300));
    Ok(json!({ "Attributes": tags::written(&group.attributes) }))
}

/// The attributes with those of a request.
fn changed(old: &Pairs, input: &Value) -> Result<Pairs, ApiError> {
    let mut new = old.clone();
    for (key, value) in tags::read(input, "Attributes")? {
        verify(old, &key, &value)?;
        new.insert(key, value);
    }
    Ok(new)
}

fn verify(known: &Pairs, key: &str, value: &str) -> Result<(), ApiError> {
    if !known.contains_key(key) {
        return Err(ApiError::validation(format!(
            "Attribute key '{key}' is not recognized"
        )));
    }
    let bounds = [
        (IDLE, 1, 4000),
        (DELAY, 0, 3600),
        ("client_keep_alive.seconds", 60, 604_800),
    ];
    if let Some((_, least, most)) = bounds.into_iter().find(|(name, ..)| *name == key)
        && !value
            .parse()
            .is_ok_and(|value: i64| (least..=most).contains(&value))
    {
        return Err(ApiError::validation(format!(
            "'{key}' must be a number from {least} to {most}"
        )));
    }
    if key.ends_with(".enabled") && !["true", "false", "use_load_balancer_configuration"].contains(&value) {
        return Err(ApiError::validation(format!("'{key}' must be true or false")));
    }
    match FIXED.iter().find(|(name, only)| *name == key && *only != value) {
        Some((_, only)) => Err(ApiError::validation(format!(
            "chaos-lab offers {key} = {only} only"
        ))),
        None => Ok(()),
    }
}
