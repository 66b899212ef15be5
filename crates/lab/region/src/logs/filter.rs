//! FilterLogEvents

use serde_json::{Value, json};

use super::pattern::Pattern;
use super::read::{SIZE, within};
use super::store::{Event, Group, OVERHEAD};
use super::{bad, groups, integer, limit, token};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// Events of an answer.
const MOST: i64 = 10_000;

/// FilterLogEvents: the events of several streams in the order of their timestamps.
pub fn filter(region: &Region, input: &Value) -> Answer {
    let pattern = Pattern::parse(input::text(input, "filterPattern").unwrap_or_default())?;
    let (from, to) = (integer(input, "startTime")?, integer(input, "endTime")?);
    let most = limit(input, MOST)?;
    let after = input::text(input, "nextToken").map(token::place).transpose()?;
    let group = groups::named(input)?;
    let mut state = region.state();
    let group = state.logs.group(&group)?;
    let streams = streams(group, input)?;
    let wanted = |event: &&Event| {
        within(event, from, to)
            && after.is_none_or(|after| event.place > after)
            && pattern.admits(&event.message)
    };
    let events = streams
        .iter()
        .filter_map(|name| Some((*name, group.streams.get(*name)?)));
    let mut found: Vec<(&str, &Event)> = events
        .flat_map(|(name, stream)| {
            stream
                .events
                .iter()
                .filter(wanted)
                .map(move |event| (name, event))
        })
        .collect();
    found.sort_by_key(|(_, event)| event.place);
    let shown = fitting(&found, most);
    let more = found.len() > shown;
    let last = shown
        .checked_sub(1)
        .and_then(|last| found.get(last))
        .filter(|_| more);
    Ok(json!({
        "events": found.iter().take(shown).map(|(name, event)| described(name, event)).collect::<Value>(),
        "searchedLogStreams": [],
        "nextToken": last.map(|(_, event)| event.place.digits()),
    }))
}

fn streams<'a>(group: &'a Group, input: &Value) -> Result<Vec<&'a str>, ApiError> {
    let names = input::texts(input, "logStreamNames");
    let prefix = input::text(input, "logStreamNamePrefix");
    if !names.is_empty() && prefix.is_some() {
        return Err(bad(
            "logStreamNames and logStreamNamePrefix are both given: give one of them.",
        ));
    }
    if let Some(unknown) = names.iter().find(|name| !group.streams.contains_key(*name)) {
        let message = format!("The specified log stream {unknown} does not exist.");
        return Err(ApiError::new("ResourceNotFoundException", message));
    }
    let wanted = |name: &&str| match prefix {
        Some(prefix) => name.starts_with(prefix),
        None => names.is_empty() || names.iter().any(|wanted| wanted == name),
    };
    Ok(group.streams.keys().map(String::as_str).filter(wanted).collect())
}

/// How many of them an answer holds.
fn fitting(found: &[(&str, &Event)], most: usize) -> usize {
    let mut size = 0;
    let fits = |(_, event): &&(&str, &Event)| {
        let first = size == 0;
        size += event.message.len() + OVERHEAD;
        first || size <= SIZE
    };
    found.iter().take(most).take_while(fits).count()
}

fn described(stream: &str, event: &Event) -> Value {
    json!({
        "logStreamName": stream,
        "timestamp": event.place.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": event.place.digits(),
    })
}
