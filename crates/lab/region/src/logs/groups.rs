//! Log groups.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::store::Group;
use super::{bad, integer, limit, milliseconds, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// Groups of an answer.
const MOST: i64 = 50;

/// The name of the group that a request is about: `logGroupName`, or `logGroupIdentifier`, which may be an ARN.
pub fn named(input: &Value) -> Result<String, ApiError> {
    match input::text(input, "logGroupIdentifier") {
        Some(identifier) => Ok(of_arn(identifier)),
        None => required(input, "logGroupName").map(str::to_owned),
    }
}

/// The name in `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, perhaps with `:*`, or the name itself.
pub fn of_arn(text: &str) -> String {
    let name = text.split_once(":log-group:").map_or(text, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name).to_owned()
}

/// A new name: 1 to 512 letters, digits and `_-/.#`.
fn new_name(input: &Value) -> Result<&str, ApiError> {
    let name = required(input, "logGroupName")?;
    let allowed = name
        .bytes()
        .all(|one| one.is_ascii_alphanumeric() || b"_-/.#".contains(&one));
    match allowed && name.len() <= 512 {
        true => Ok(name),
        false => Err(bad(format!(
            "{name:?} is no name for a log group: it has 1 to 512 letters, digits and _ - / . #"
        ))),
    }
}

/// The tags in the member `tags`.
pub fn tags(input: &Value) -> IndexMap<String, String> {
    let tags = input.get("tags").and_then(Value::as_object).into_iter().flatten();
    tags.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// CreateLogGroup
pub fn create(region: &Region, input: &Value) -> Answer {
    let name = new_name(input)?;
    let mut state = region.state();
    if state.logs.groups.contains_key(name) {
        return Err(ApiError::new(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ));
    }
    state.logs.group_or_new(name, milliseconds()).tags = tags(input);
    Ok(json!({}))
}

/// DeleteLogGroup
pub fn delete(region: &Region, input: &Value) -> Answer {
    region
        .state()
        .logs
        .remove_group(required(input, "logGroupName")?)?;
    Ok(json!({}))
}

/// PutRetentionPolicy and DeleteRetentionPolicy
pub fn retain(region: &Region, input: &Value, days: Option<i64>) -> Answer {
    region
        .state()
        .logs
        .group(required(input, "logGroupName")?)?
        .retention = days;
    Ok(json!({}))
}

/// DescribeLogGroups
pub fn describe(region: &Region, input: &Value) -> Answer {
    let prefix = input::text(input, "logGroupNamePrefix").unwrap_or_default();
    let pattern = input::text(input, "logGroupNamePattern").unwrap_or_default();
    let after = input::text(input, "nextToken").unwrap_or_default();
    let most = limit(input, MOST)?;
    let state = region.state();
    let groups = state.logs.groups.values();
    let mut wanted = groups.filter(|group| {
        group.name.as_str() > after && group.name.starts_with(prefix) && group.name.contains(pattern)
    });
    let page: Vec<&Group> = wanted.by_ref().take(most).collect();
    let last = page
        .last()
        .filter(|_| wanted.next().is_some())
        .map(|group| &group.name);
    Ok(
        json!({ "logGroups": page.iter().map(|group| described(region, group)).collect::<Value>(), "nextToken": last }),
    )
}

fn described(region: &Region, group: &Group) -> Value {
    let arn = region.arn("logs", &format!("log-group:{}", group.name));
    json!({
        "logGroupName": group.name,
        "creationTime": group.created,
        "retentionInDays": group.retention,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.streams.values().map(|stream| stream.bytes).sum::<usize>(),
        "logGroupClass": "STANDARD",
    })
}

/// Checks `retentionInDays` before it is kept.
///
/// # Errors
/// `InvalidParameterException`
pub fn days(input: &Value) -> Result<Option<i64>, ApiError> {
    match integer(input, "retentionInDays")? {
        Some(days) if (1..=3653).contains(&days) => Ok(Some(days)),
        _ => Err(bad(
            "retentionInDays must be a number of days between 1 and 3653.",
        )),
    }
}
