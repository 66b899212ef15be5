//! Operations on alarms.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::State;
use super::alarm::{Alarm, AlarmState, Settings};
use super::history::Kind;
use super::{ask, notify, watch};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, now};

pub(super) fn put(region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    let name = input::required(input, "AlarmName")?;
    if name.len() > 255 {
        return Err(ApiError::validation(
            "AlarmName must have 255 characters at most.",
        ));
    }
    let settings = Settings::read(input)?;
    let summary = match state.alarms.get_mut(name) {
        Some(alarm) => {
            // state and tags stay; the next evaluation is by the new settings
            alarm.settings = settings;
            alarm.configured = now();
            alarm.due = alarm.due.min(watch::next(&alarm.settings, region.pace().speed()));
            format!("Alarm \"{name}\" updated")
        }
        None => {
            let arn = region.arn("cloudwatch", &format!("alarm:{name}"));
            let due = watch::next(&settings, region.pace().speed());
            state.alarms.insert(
                name.to_owned(),
                Alarm::new(name, arn, settings, tags(input)?, due),
            );
            format!("Alarm \"{name}\" created")
        }
    };
    state
        .history
        .add(name, Kind::Configuration, summary, json!({ "version": "1.0" }));
    Ok(json!({}))
}

pub(super) fn describe(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    let (names, prefix) = (
        input::texts(input, "AlarmNames"),
        input::text(input, "AlarmNamePrefix"),
    );
    if !names.is_empty() && prefix.is_some() {
        return Err(ApiError::validation(
            "AlarmNames and AlarmNamePrefix exclude each other.",
        ));
    }
    let types = input::texts(input, "AlarmTypes");
    let wanted = input::text(input, "StateValue")
        .map(AlarmState::read)
        .transpose()?;
    let action = input::text(input, "ActionPrefix");
    let chosen = state.alarms.values().filter(|alarm| {
        (names.is_empty() || names.contains(&alarm.name))
            && (types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm"))
            && prefix.is_none_or(|prefix| alarm.name.starts_with(prefix))
            && wanted.is_none_or(|state| alarm.state == state)
            && action.is_none_or(|prefix| has_action(alarm, prefix))
    });
    let mut answer = ask::page(
        "MetricAlarms",
        chosen.map(Alarm::describe).collect(),
        input,
        50.max(names.len()),
    )?;
    answer.insert("CompositeAlarms".to_owned(), json!([]));
    Ok(Value::Object(answer))
}

fn has_action(alarm: &Alarm, prefix: &str) -> bool {
    let all = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
    all.iter()
        .flat_map(|state| alarm.settings.actions(*state))
        .any(|action| action.starts_with(prefix))
}

pub(super) fn describe_for_metric(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    let (namespace, name) = (
        input::required(input, "Namespace")?,
        input::required(input, "MetricName")?,
    );
    let statistic = input::text(input, "Statistic").or_else(|| input::text(input, "ExtendedStatistic"));
    let (unit, period) = (input::text(input, "Unit"), input::integer(input, "Period")?);
    let mut dimensions = ask::dimensions(input)?;
    dimensions.sort();
    let chosen = state.alarms.values().filter(|alarm| {
        alarm.settings.stat().is_some_and(|stat| {
            let mut own = stat.dimensions.clone();
            own.sort();
            (stat.namespace.as_str(), stat.name.as_str(), own) == (namespace, name, dimensions.clone())
                && statistic.is_none_or(|statistic| statistic == stat.named)
                && unit.is_none_or(|unit| stat.unit == Some(unit))
                && period.is_none_or(|period| period == stat.period)
        })
    });
    Ok(json!({ "MetricAlarms": chosen.map(Alarm::describe).collect::<Vec<Value>>() }))
}

pub(super) fn history(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    state.history.describe(input)
}

/// Sets a state, which holds until the next evaluation decides otherwise; its actions run as after an evaluation.
pub(super) fn set_state(region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    let (name, reason) = (
        input::required(input, "AlarmName")?,
        input::required(input, "StateReason")?,
    );
    let wanted = AlarmState::read(input::required(input, "StateValue")?)?;
    let data = input::text(input, "StateReasonData");
    if data.is_some_and(|data| serde_json::from_str::<Value>(data).is_err()) {
        return Err(ApiError::new(
            "InvalidFormat",
            "StateReasonData was not valid JSON",
        ));
    }
    let alarm = state.alarms.get_mut(name).ok_or_else(|| not_found(name))?;
    let before = alarm.clone();
    alarm.enter(wanted, reason.to_owned(), data.map(str::to_owned), now());
    if before.state != wanted {
        let alarm = alarm.clone();
        state.history.state(&before, &alarm);
        notify::act(region, before, alarm);
    }
    Ok(json!({}))
}

fn not_found(name: &str) -> ApiError {
    ApiError::new("ResourceNotFound", format!("There is no alarm {name}."))
        .with_status(http::StatusCode::NOT_FOUND)
}

pub(super) fn enable_actions(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    switch(state, input, true)
}

pub(super) fn disable_actions(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    switch(state, input, false)
}

fn switch(state: &mut State, input: &Value, enabled: bool) -> Answer {
    for name in input::texts(input, "AlarmNames") {
        if let Some(alarm) = state.alarms.get_mut(&name) {
            alarm.settings.actions_enabled = enabled;
            alarm.configured = now();
        }
    }
    Ok(json!({}))
}

/// Alarms that are not there are no error.
pub(super) fn delete(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    for name in input::texts(input, "AlarmNames") {
        if state.alarms.remove(&name).is_some() {
            state.history.add(
                &name,
                Kind::Configuration,
                format!("Alarm \"{name}\" deleted"),
                json!({ "version": "1.0" }),
            );
        }
    }
    Ok(json!({}))
}

fn tags(input: &Value) -> Result<IndexMap<String, String>, ApiError> {
    let pair = |tag| {
        Ok((
            input::required(tag, "Key")?.to_owned(),
            input::text(tag, "Value").unwrap_or_default().to_owned(),
        ))
    };
    input::list(input, "Tags").iter().map(pair).collect()
}

fn tagged<'a>(state: &'a mut State, input: &Value) -> Result<&'a mut IndexMap<String, String>, ApiError> {
    let arn = input::required(input, "ResourceARN")?;
    let alarm = state.alarms.values_mut().find(|alarm| alarm.arn == arn);
    alarm.map(|alarm| &mut alarm.tags).ok_or_else(|| ApiError {
        code: "ResourceNotFoundException".to_owned(),
        ..not_found(arn)
    })
}

pub(super) fn tag(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    tagged(state, input)?.extend(tags(input)?);
    Ok(json!({}))
}

pub(super) fn untag(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    let keys = input::texts(input, "TagKeys");
    tagged(state, input)?.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

pub(super) fn list_tags(_region: &Arc<Region>, state: &mut State, input: &Value) -> Answer {
    let tags = tagged(state, input)?
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "Tags": tags.collect::<Vec<Value>>() }))
}
