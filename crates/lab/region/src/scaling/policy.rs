//! Target tracking policies.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::alarms::Alarms;
use super::target::none;
use super::{DIMENSION, asked, invalid, needed, page};
use crate::input::{flag, number, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, name, now};

/// What a policy follows.
#[derive(Clone, Debug, PartialEq)]
pub enum Metric {
    Cpu,
    Memory,
    /// Requests a minute per target, of the target group with this dimension value.
    Requests {
        group: String,
    },
}

#[derive(Debug)]
pub struct Policy {
    pub name: String,
    pub arn: String,
    pub metric: Metric,
    pub target: f64,
    pub out_cooldown: f64,
    pub in_cooldown: f64,
    pub scales_in: bool,
    pub configuration: Value,
    pub created: f64,
    /// The names of its alarms: high, low.
    pub alarms: [String; 2],
    /// What was measured, a minute of AWS's each, the newest last.
    pub points: VecDeque<Option<f64>>,
    pub measured: f64,
}

/// Seconds between two activities of a policy where it says nothing, for ECS: "TargetTrackingScalingPolicyConfiguration" in the API
/// reference of Application Auto Scaling.
const COOLDOWN: f64 = 300.0;

/// Creates a policy or changes it; tells which alarms it needs.
pub fn put(region: &Region, input: &Value) -> Result<(Answered, Alarms), ApiError> {
    let id = asked(input)?;
    let name = needed(input, "PolicyName")?;
    let state = &mut *region.state();
    let target = state.scaling.targets.get_mut(id).ok_or_else(|| none(id))?;
    let mut policy = read(region, id, name, input)?;
    if let Some(present) = target.policies.get(name) {
        policy.arn.clone_from(&present.arn);
        policy.alarms.clone_from(&present.alarms);
        policy.created = present.created;
    }
    let same = |other: &Policy| other.name != name && other.metric == policy.metric;
    if target.policies.values().any(same) {
        return Err(invalid(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        ));
    }
    let answer = json!({ "PolicyARN": policy.arn, "Alarms": alarms(region, &policy) });
    let wanted = Alarms::of(id, &policy, region.pace().speed());
    target.policies.insert(name.to_owned(), policy);
    Ok((answer, wanted))
}

type Answered = Value;

fn read(region: &Region, id: &str, name: &str, input: &Value) -> Result<Policy, ApiError> {
    let configuration = input
        .get("TargetTrackingScalingPolicyConfiguration")
        .filter(|given| given.is_object());
    let Some(configuration) =
        configuration.filter(|_| text(input, "PolicyType") == Some("TargetTrackingScaling"))
    else {
        return Err(invalid(
            "The lab has policies of PolicyType TargetTrackingScaling only, with their configuration.",
        ));
    };
    let value = |member| number(configuration, member).map_err(|error| invalid(error.message));
    let target = value("TargetValue")?.filter(|target| *target > 0.0);
    let uuid = name::uuid();
    Ok(Policy {
        arn: region.arn(
            "autoscaling",
            &format!("scalingPolicy:{uuid}:resource/ecs/{id}:policyName/{name}"),
        ),
        alarms: ["High", "Low"].map(|which| format!("TargetTracking-{id}-Alarm{which}-{}", name::uuid())),
        name: name.to_owned(),
        metric: metric(configuration)?,
        target: target.ok_or_else(|| invalid("TargetValue must be greater than 0."))?,
        out_cooldown: value("ScaleOutCooldown")?.unwrap_or(COOLDOWN),
        in_cooldown: value("ScaleInCooldown")?.unwrap_or(COOLDOWN),
        scales_in: flag(configuration, "DisableScaleIn") != Some(true),
        configuration: configuration.clone(),
        created: now(),
        points: VecDeque::new(),
        measured: now(),
    })
}

fn metric(configuration: &Value) -> Result<Metric, ApiError> {
    let given = configuration
        .get("PredefinedMetricSpecification")
        .unwrap_or(&Value::Null);
    match text(given, "PredefinedMetricType") {
        Some("ECSServiceAverageCPUUtilization") => Ok(Metric::Cpu),
        Some("ECSServiceAverageMemoryUtilization") => Ok(Metric::Memory),
        Some("ALBRequestCountPerTarget") => {
            let label = text(given, "ResourceLabel")
                .and_then(|label| label.find("targetgroup/").map(|at| &label[at..]));
            let group = label.ok_or_else(|| {
                invalid("ResourceLabel must be app/NAME/ID/targetgroup/NAME/ID for ALBRequestCountPerTarget.")
            })?;
            Ok(Metric::Requests {
                group: group.to_owned(),
            })
        }
        _ => Err(invalid(
            "The lab follows the predefined metrics ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization and \
             ALBRequestCountPerTarget.",
        )),
    }
}

fn alarms(region: &Region, policy: &Policy) -> Value {
    let one = |name: &String| json!({ "AlarmName": name, "AlarmARN": region.arn("cloudwatch", &format!("alarm:{name}")) });
    policy.alarms.iter().map(one).collect()
}

pub fn describe(region: &Region, input: &Value) -> Answer {
    needed(input, "ServiceNamespace")?;
    let (names, id) = (texts(input, "PolicyNames"), text(input, "ResourceId"));
    let state = region.state();
    let targets = state
        .scaling
        .targets
        .values()
        .filter(|target| id.is_none_or(|id| id == target.id));
    let policies = targets.flat_map(|target| {
        target
            .policies
            .values()
            .map(|policy| (target.id.as_str(), policy))
    });
    let wanted = policies.filter(|(_, policy)| {
        names.is_empty() || names.contains(&policy.name) || names.contains(&policy.arn)
    });
    page(
        input,
        "ScalingPolicies",
        wanted.map(|(id, policy)| shown(region, id, policy)).collect(),
    )
}

fn shown(region: &Region, id: &str, policy: &Policy) -> Value {
    json!({
        "PolicyARN": policy.arn,
        "PolicyName": policy.name,
        "ServiceNamespace": "ecs",
        "ResourceId": id,
        "ScalableDimension": DIMENSION,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": policy.configuration,
        "Alarms": alarms(region, policy),
        "CreationTime": time(policy.created),
    })
}

/// Forgets a policy; tells the names of its alarms.
pub fn delete(region: &Region, input: &Value) -> Result<Vec<String>, ApiError> {
    let (id, name) = (asked(input)?, needed(input, "PolicyName")?);
    let mut state = region.state();
    let gone = state
        .scaling
        .targets
        .get_mut(id)
        .and_then(|target| target.policies.shift_remove(name));
    let gone = gone.ok_or_else(|| {
        ApiError::new(
            "ObjectNotFoundException",
            format!(
                "No scaling policy found for service namespace: ecs, resource ID: {id}, policy name: {name}"
            ),
        )
    })?;
    Ok(gone.alarms.to_vec())
}
