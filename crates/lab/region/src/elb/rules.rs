//! Operations on rules.

use std::sync::Arc;

use serde_json::{Value, json};

use super::actions::Action;
use super::conditions::Conditions;
use super::model::{Rule, State, no_rule};
use super::{paging, tags, wiring};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name};

/// The highest priority's number.
const LAST: i64 = 50_000;

/// An action may only forward to a target group that is there, and that no other load balancer uses.
pub(super) fn verify(state: &State, balancer: &str, action: &Action) -> Result<(), ApiError> {
    let Some(arn) = action.group() else { return Ok(()) };
    state.group(arn)?;
    match state.balancers_of(arn).iter().find(|other| other.arn != balancer) {
        None => Ok(()),
        Some(other) => Err(ApiError::new(
            "TargetGroupAssociationLimit",
            format!(
                "The target group '{arn}' is used by the load balancer '{}' already",
                other.arn
            ),
        )),
    }
}

pub(super) fn create(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let state = &mut state.elb;
    let listener = state.listener(input::required(input, "ListenerArn")?)?;
    let (listener, balancer) = (listener.arn.clone(), listener.balancer.clone());
    let priority = priority(input)?;
    free(state, &listener, priority)?;
    let action = Action::read(input, "Actions")?;
    verify(state, &balancer, &action)?;
    let rule = Rule {
        arn: format!(
            "{}/{}",
            listener.replacen(":listener/", ":listener-rule/", 1),
            name::hex(16)
        ),
        listener,
        priority: Some(priority),
        conditions: Conditions::read(input)?,
        action,
        tags: tags::read(input, "Tags")?,
    };
    let described = describe_one(&rule);
    state.rules.insert(rule.arn.clone(), rule);
    wiring::apply(state);
    Ok(json!({ "Rules": [described] }))
}

fn priority(input: &Value) -> Result<u32, ApiError> {
    let given = input::integer(input, "Priority")?;
    let given = given
        .filter(|priority| (1..=LAST).contains(priority))
        .and_then(|priority| u32::try_from(priority).ok());
    given.ok_or_else(|| ApiError::validation(format!("Priority must be in the range 1 to {LAST}")))
}

fn free(state: &State, listener: &str, priority: u32) -> Result<(), ApiError> {
    match state
        .rules_of(listener)
        .iter()
        .any(|rule| rule.priority == Some(priority))
    {
        true => Err(ApiError::new(
            "PriorityInUse",
            format!("Priority '{priority}' is currently in use"),
        )),
        false => Ok(()),
    }
}

pub(super) fn describe(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let state = &state.elb;
    let arns = input::texts(input, "RuleArns");
    if let Some(missing) = arns.iter().find(|arn| !state.rules.contains_key(*arn)) {
        return Err(no_rule(missing));
    }
    let rules: Vec<&Rule> = match (input::text(input, "ListenerArn"), arns.is_empty()) {
        (Some(listener), _) => state.rules_of(&state.listener(listener)?.arn),
        (None, false) => arns.iter().filter_map(|arn| state.rules.get(arn)).collect(),
        (None, true) => {
            return Err(ApiError::validation(
                "You must specify either listener rule ARNs or a listener ARN",
            ));
        }
    };
    paging::page("Rules", rules.into_iter().map(describe_one).collect(), input, 400)
}

fn describe_one(rule: &Rule) -> Value {
    json!({
        "RuleArn": rule.arn,
        "Priority": rule.priority.map_or_else(|| "default".to_owned(), |priority| priority.to_string()),
        "Conditions": rule.conditions.describe(),
        "Actions": rule.action.describe(),
        "IsDefault": rule.priority.is_none(),
    })
}

pub(super) fn modify(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let state = &mut state.elb;
    let arn = input::required(input, "RuleArn")?;
    let listener = changeable(state.rule_mut(arn)?)?.listener.clone();
    let action = match input::list(input, "Actions") {
        [] => None,
        _ => Some(Action::read(input, "Actions")?),
    };
    if let Some(action) = &action {
        verify(state, &state.listener(&listener)?.balancer, action)?;
    }
    let conditions = match input::list(input, "Conditions") {
        [] => None,
        _ => Some(Conditions::read(input)?),
    };
    let rule = state.rule_mut(arn)?;
    rule.action = action.unwrap_or_else(|| rule.action.clone());
    rule.conditions = conditions.unwrap_or_else(|| rule.conditions.clone());
    let described = describe_one(rule);
    wiring::apply(state);
    Ok(json!({ "Rules": [described] }))
}

fn changeable(rule: &mut Rule) -> Result<&mut Rule, ApiError> {
    match rule.priority {
        Some(_) => Ok(rule),
        None => Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "Default rule '{}' cannot be modified or deleted; modify its listener instead",
                rule.arn
            ),
        )),
    }
}

pub(super) fn set_priorities(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let state = &mut state.elb;
    let pairs: Vec<(String, u32)> = input::list(input, "RulePriorities")
        .iter()
        .map(|pair| Ok((input::required(pair, "RuleArn")?.to_owned(), priority(pair)?)))
        .collect::<Result<_, ApiError>>()?;
    for (arn, priority) in &pairs {
        let listener = changeable(state.rule_mut(arn)?)?.listener.clone();
        let stays = |rule: &&Rule| {
            rule.priority == Some(*priority) && !pairs.iter().any(|(other, _)| *other == rule.arn)
        };
        if state.rules_of(&listener).into_iter().any(|rule| stays(&rule)) {
            return Err(ApiError::new(
                "PriorityInUse",
                format!("Priority '{priority}' is currently in use"),
            ));
        }
    }
    let mut described = Vec::new();
    for (arn, priority) in &pairs {
        let rule = state.rule_mut(arn)?;
        rule.priority = Some(*priority);
        described.push(describe_one(rule));
    }
    wiring::apply(state);
    Ok(json!({ "Rules": described }))
}

pub(super) fn delete(_region: &Arc<Region>, state: &mut crate::State, input: &Value) -> Answer {
    let state = &mut state.elb;
    let arn = input::required(input, "RuleArn")?;
    changeable(state.rule_mut(arn)?)?;
    state.rules.shift_remove(arn);
    wiring::apply(state);
    Ok(json!({}))
}
