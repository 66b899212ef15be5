//! PutLogEvents

use serde_json::{Map, Value, json};

use super::store::OVERHEAD;
use super::{bad, groups, integer, milliseconds, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// Events of a batch, and their bytes, as AWS limits them.
const MOST: usize = 10_000;
const SIZE: usize = 1 << 20;
/// How old and how new an event may be, in milliseconds.
const OLDEST: i64 = 14 * 24 * 3_600_000;
const NEWEST: i64 = 2 * 3_600_000;

/// PutLogEvents
pub fn put(region: &Region, input: &Value) -> Answer {
    let (group, stream) = (groups::named(input)?, required(input, "logStreamName")?);
    let events = batch(input)?;
    let now = milliseconds();
    let mut state = region.state();
    // must be there before anything is kept
    state.logs.stream(&group, stream)?;
    let old = events.partition_point(|(time, _)| *time < now - OLDEST);
    let new = events.partition_point(|(time, _)| *time <= now + NEWEST);
    let mut rejected = Map::new();
    if old > 0 {
        rejected.insert("tooOldLogEventEndIndex".to_owned(), json!(old));
    }
    if new < events.len() {
        rejected.insert("tooNewLogEventStartIndex".to_owned(), json!(new));
    }
    for (time, message) in events.get(old..new).unwrap_or_default() {
        state.logs.add(&group, stream, *time, now, (*message).to_owned());
    }
    let rejected = if rejected.is_empty() {
        Value::Null
    } else {
        Value::Object(rejected)
    };
    Ok(json!({ "nextSequenceToken": crate::name::hex(56), "rejectedLogEventsInfo": rejected }))
}

/// Timestamps and messages, checked.
fn batch(input: &Value) -> Result<Vec<(i64, &str)>, ApiError> {
    let event = |event| {
        let time = integer(event, "timestamp")?.filter(|time| *time >= 0);
        Ok((
            time.ok_or_else(|| bad("Each log event needs a timestamp."))?,
            required(event, "message")?,
        ))
    };
    let events: Vec<(i64, &str)> = input::list(input, "logEvents")
        .iter()
        .map(event)
        .collect::<Result<_, ApiError>>()?;
    let size: usize = events.iter().map(|(_, message)| message.len() + OVERHEAD).sum();
    if events.is_empty() || events.len() > MOST || size > SIZE {
        return Err(bad(format!(
            "A batch has 1 to {MOST} log events of together at most {SIZE} bytes."
        )));
    }
    if !events.is_sorted_by_key(|(time, _)| *time) {
        return Err(bad(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(events)
}
