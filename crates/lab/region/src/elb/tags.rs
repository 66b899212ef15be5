//! Tags of load balancers, target groups, listeners and rules.

use std::sync::Arc;

use serde_json::{Value, json};

use super::model::{Pairs, State, no_balancer, no_group, no_listener, no_rule};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// How many tags a resource may have.
const MOST: usize = 50;

/// Reads `Tags` (or `Attributes`, which have the same shape).
///
/// # Errors
/// `ValidationError` without a key.
pub(super) fn read(input: &Value, member: &str) -> Result<Pairs, ApiError> {
    let pair = |item| {
        Ok((
            input::required(item, "Key")?.to_owned(),
            input::text(item, "Value").unwrap_or_default().to_owned(),
        ))
    };
    input::list(input, member).iter().map(pair).collect()
}

/// As answers show them.
pub(super) fn written(pairs: &Pairs) -> Value {
    pairs
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

pub(super) fn describe(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let arns = input::texts(input, "ResourceArns");
    let described: Result<Vec<Value>, ApiError> = arns
        .iter()
        .map(|arn| Ok(json!({ "ResourceArn": arn, "Tags": written(of(&mut state.elb, arn)?) })))
        .collect();
    Ok(json!({ "TagDescriptions": described? }))
}

pub(super) fn add(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let given = read(input, "Tags")?;
    for arn in input::texts(input, "ResourceArns") {
        let tags = of(&mut state.elb, &arn)?;
        let new = given.keys().filter(|key| !tags.contains_key(*key)).count();
        if tags.len() + new > MOST {
            return Err(ApiError::new(
                "TooManyTags",
                format!("A resource has {MOST} tags at most."),
            ));
        }
        tags.extend(given.clone());
    }
    Ok(json!({}))
}

pub(super) fn remove(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let keys = input::texts(input, "TagKeys");
    for arn in input::texts(input, "ResourceArns") {
        of(&mut state.elb, &arn)?.retain(|key, _| !keys.contains(key));
    }
    Ok(json!({}))
}

fn of<'a>(state: &'a mut State, arn: &str) -> Result<&'a mut Pairs, ApiError> {
    let kind = arn.split([':', '/']).nth(5).unwrap_or_default();
    match kind {
        "targetgroup" => state
            .groups
            .get_mut(arn)
            .map(|group| &mut group.tags)
            .ok_or_else(|| no_group(arn)),
        "listener" => state
            .listeners
            .get_mut(arn)
            .map(|listener| &mut listener.tags)
            .ok_or_else(|| no_listener(arn)),
        "listener-rule" => state
            .rules
            .get_mut(arn)
            .map(|rule| &mut rule.tags)
            .ok_or_else(|| no_rule(arn)),
        _ => state
            .balancers
            .get_mut(arn)
            .map(|balancer| &mut balancer.tags)
            .ok_or_else(|| no_balancer(arn)),
    }
}
