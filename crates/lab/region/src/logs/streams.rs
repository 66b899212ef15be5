//! Log streams.

use serde_json::{Value, json};

use super::store::Stream;
use super::{bad, groups, limit, milliseconds, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// Streams of an answer.
const MOST: i64 = 50;

/// CreateLogStream
pub fn create(region: &Region, input: &Value) -> Answer {
    let name = required(input, "logStreamName")?;
    if name.contains([':', '*']) || name.len() > 512 {
        return Err(bad(format!(
            "{name:?} is no name for a log stream: it has at most 512 characters, none of them ':' or '*'."
        )));
    }
    let mut state = region.state();
    let group = state.logs.group(&groups::named(input)?)?;
    if group.streams.contains_key(name) {
        return Err(ApiError::new(
            "ResourceAlreadyExistsException",
            "The specified log stream already exists",
        ));
    }
    group.stream_or_new(name, milliseconds());
    Ok(json!({}))
}

/// DeleteLogStream
pub fn delete(region: &Region, input: &Value) -> Answer {
    region
        .state()
        .logs
        .remove_stream(&groups::named(input)?, required(input, "logStreamName")?)?;
    Ok(json!({}))
}

/// DescribeLogStreams. Tokens are the number of streams that were told.
pub fn describe(region: &Region, input: &Value) -> Answer {
    let name = groups::named(input)?;
    let prefix = input::text(input, "logStreamNamePrefix");
    let by_time = input::text(input, "orderBy") == Some("LastEventTime");
    if by_time && prefix.is_some() {
        return Err(bad("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let most = limit(input, MOST)?;
    let told = input::text(input, "nextToken").map_or(Ok(0), |token| {
        token
            .parse()
            .map_err(|_| bad("The specified nextToken is invalid."))
    })?;
    let mut state = region.state();
    let group = state.logs.group(&name)?;
    let mut streams: Vec<(&String, &Stream)> = group
        .streams
        .iter()
        .filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)))
        .collect();
    if by_time {
        streams.sort_by_key(|(_, stream)| stream.events.back().map(|event| event.place));
    }
    if input::flag(input, "descending") == Some(true) {
        streams.reverse();
    }
    let page = streams.iter().skip(told).take(most);
    let page: Value = page
        .map(|(stream, content)| described(region, &name, stream, content))
        .collect();
    let next = (streams.len() > told + most).then(|| (told + most).to_string());
    Ok(json!({ "logStreams": page, "nextToken": next }))
}

fn described(region: &Region, group: &str, name: &str, stream: &Stream) -> Value {
    json!({
        "logStreamName": name,
        "arn": region.arn("logs", &format!("log-group:{group}:log-stream:{name}")),
        "creationTime": stream.created,
        "firstEventTimestamp": stream.events.front().map(|event| event.place.timestamp),
        "lastEventTimestamp": stream.events.back().map(|event| event.place.timestamp),
        "lastIngestionTime": stream.ingested,
        // no longer filled by AWS either
        "storedBytes": 0,
    })
}
