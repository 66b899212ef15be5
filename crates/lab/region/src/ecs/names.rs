//! Names, ARNs and the members that many requests share.

use serde_json::{Value, json};

use crate::Region;
use crate::input::{integer, text};
use crate::wire::ApiError;

/// The last part of an ARN; a name as it is.
pub fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The name of the cluster that a request means: a name, an ARN, or `default`.
pub fn cluster_name(input: &Value) -> &str {
    text(input, "cluster").map_or("default", last)
}

pub fn cluster_arn(region: &Region, cluster: &str) -> String {
    region.arn("ecs", &format!("cluster/{cluster}"))
}

/// `InvalidParameterException`
pub fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

/// `ClientException`
pub fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new("ClientException", message)
}

/// A text that must be there.
///
/// # Errors
/// `InvalidParameterException`
pub fn needed<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(input, name).ok_or_else(|| invalid(format!("{name} cannot be blank.")))
}

/// A number that is not negative.
///
/// # Errors
/// `InvalidParameterException`
pub fn count(input: &Value, name: &str) -> Result<Option<u32>, ApiError> {
    let wrong = || invalid(format!("{name} must be a whole number that is not negative."));
    match integer(input, name).map_err(|_| wrong())? {
        None => Ok(None),
        Some(number) => u32::try_from(number).map(Some).map_err(|_| wrong()),
    }
}

/// What describing a resource that is not there adds to `failures`.
pub fn missing(arn: &str) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}

/// Whether the optional member `include` has this word.
pub fn includes(input: &Value, word: &str) -> bool {
    crate::input::list(input, "include")
        .iter()
        .any(|item| item.as_str() == Some(word))
}

/// One page of `items` under the name `member`, with `nextToken` where there are more.
///
/// # Errors
/// `InvalidParameterException` for a token that is not one of ours.
pub fn page(input: &Value, member: &str, items: Vec<String>) -> Result<Value, ApiError> {
    let start = match text(input, "nextToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("after-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| invalid("Invalid token"))?,
    };
    let size = count(input, "maxResults")?.map_or(100, |size| size.clamp(1, 100)) as usize;
    let total = items.len();
    let shown: Vec<String> = items.into_iter().skip(start).take(size).collect();
    let next = start.saturating_add(size);
    let token = (next < total).then(|| format!("after-{next}"));
    Ok(json!({ member: shown, "nextToken": token }))
}
