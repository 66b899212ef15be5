//! GetLogEvents

use serde_json::{Value, json};

use super::store::{Event, OVERHEAD};
use super::token::{Place, Token};
use super::{groups, integer, limit, required};
use crate::wire::Answer;
use crate::{Region, input};

/// Events of an answer.
const MOST: i64 = 10_000;
/// Bytes of an answer, as AWS limits them.
pub const SIZE: usize = 1 << 20;

/// GetLogEvents
pub fn get(region: &Region, input: &Value) -> Answer {
    let group = groups::named(input)?;
    let (from, to) = (integer(input, "startTime")?, integer(input, "endTime")?);
    let most = limit(input, MOST)?;
    let token = match input::text(input, "nextToken") {
        Some(token) => Token::parse(token)?,
        None if input::flag(input, "startFromHead") == Some(true) => Token::Forward(Place::START),
        None => Token::Backward(Place {
            timestamp: i64::MAX,
            number: u64::MAX,
        }),
    };
    let mut state = region.state();
    let stream = state.logs.stream(&group, required(input, "logStreamName")?)?;
    let wanted = stream.events.iter().filter(|event| within(event, from, to));
    let page: Vec<&Event> = match token {
        Token::Forward(gap) => fitting(wanted.filter(|event| event.place > gap), most),
        Token::Backward(gap) => {
            let mut page = fitting(wanted.rev().filter(|event| event.place <= gap), most);
            page.reverse();
            page
        }
    };
    let (forward, backward) = ends(&page, token);
    Ok(json!({
        "events": page.iter().map(|event| described(event)).collect::<Value>(),
        "nextForwardToken": Token::Forward(forward).text(),
        "nextBackwardToken": Token::Backward(backward).text(),
    }))
}

/// The gaps after and before a page. Those of an empty page are where it was asked for, so that the same token comes back at an end.
fn ends(page: &[&Event], token: Token) -> (Place, Place) {
    match (page.first(), page.last(), token) {
        (Some(first), Some(last), _) => (last.place, first.place.before()),
        // before the first event there is, whatever its time will be
        (
            ..,
            Token::Backward(Place {
                timestamp: i64::MAX, ..
            }),
        ) => (Place::START, Place::START),
        (.., Token::Forward(gap) | Token::Backward(gap)) => (gap, gap),
    }
}

/// From `from`, before `to`.
pub fn within(event: &Event, from: Option<i64>, to: Option<i64>) -> bool {
    let time = event.place.timestamp;
    from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to)
}

/// As many events as an answer holds.
fn fitting<'a>(events: impl Iterator<Item = &'a Event>, most: usize) -> Vec<&'a Event> {
    let mut size = 0;
    let fits = move |event: &&Event| {
        let first = size == 0;
        size += event.message.len() + OVERHEAD;
        first || size <= SIZE
    };
    events.take(most).take_while(fits).collect()
}

fn described(event: &Event) -> Value {
    json!({ "timestamp": event.place.timestamp, "message": event.message, "ingestionTime": event.ingested })
}
