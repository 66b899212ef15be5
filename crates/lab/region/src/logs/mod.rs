//! CloudWatch Logs of jobs and tasks. Everything is in memory, so a stream keeps its latest events only (see [`store`]).
//!
//! What differs from AWS: retention is noted and not carried out, events can be read at once, and filter patterns are words and
//! phrases (no JSON or column patterns, no regular expressions).

mod filter;
mod follow;
mod groups;
mod pattern;
mod read;
mod store;
mod streams;
mod tags;
mod token;
mod write;

use std::sync::Arc;

use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
pub use follow::Follower;
pub use store::State;

/// Starts the service's loops: it has none.
pub fn start(_region: &Arc<Region>) {}

/// Ends what the service runs: nothing.
pub async fn stop(_region: &Arc<Region>) {}

/// Adds lines to a stream, as of now. Group and stream are made where they are missing.
pub fn append(state: &mut crate::State, group: &str, stream: &str, lines: impl IntoIterator<Item = String>) {
    let now = milliseconds();
    let group = state.logs.group_or_new(group, now);
    group.stream_or_new(stream, now);
    let name = group.name.clone();
    for line in lines {
        state.logs.add(&name, stream, now, now, line);
    }
}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    match operation {
        "CreateLogGroup" => groups::create(region, input),
        "CreateLogStream" => streams::create(region, input),
        "DeleteLogGroup" => groups::delete(region, input),
        "DeleteLogStream" => streams::delete(region, input),
        "DeleteRetentionPolicy" => groups::retain(region, input, None),
        "DescribeLogGroups" => groups::describe(region, input),
        "DescribeLogStreams" => streams::describe(region, input),
        "FilterLogEvents" => filter::filter(region, input),
        "GetLogEvents" => read::get(region, input),
        "ListTagsForResource" | "ListTagsLogGroup" => tags::list(region, input),
        "PutLogEvents" => write::put(region, input),
        "PutRetentionPolicy" => groups::retain(region, input, groups::days(input)?),
        "TagResource" | "TagLogGroup" => tags::add(region, input),
        "UntagResource" | "UntagLogGroup" => tags::remove(region, input),
        _ => Err(ApiError::not_here("logs", operation)),
    }
}

/// Milliseconds since 1970, as this service counts.
fn milliseconds() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

fn bad(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

fn required<'a>(input: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    crate::input::required(input, member).map_err(|error| bad(error.message))
}

fn integer(input: &Value, member: &str) -> Result<Option<i64>, ApiError> {
    crate::input::integer(input, member).map_err(|error| bad(error.message))
}

/// A `limit` between 1 and `most`; `most` is the default.
fn limit(input: &Value, most: i64) -> Result<usize, ApiError> {
    match integer(input, "limit")?.unwrap_or(most) {
        limit if (1..=most).contains(&limit) => Ok(usize::try_from(limit).unwrap_or(1)),
        limit => Err(bad(format!("limit is {limit}; it must be between 1 and {most}."))),
    }
}
