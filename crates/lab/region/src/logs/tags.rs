//! Tags of log groups.

use serde_json::{Value, json};

use super::groups::{named, of_arn, tags};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

fn group(input: &Value) -> Result<String, ApiError> {
    input::text(input, "resourceArn").map_or_else(|| named(input), |arn| Ok(of_arn(arn)))
}

/// TagResource and TagLogGroup
pub fn add(region: &Region, input: &Value) -> Answer {
    region
        .state()
        .logs
        .group(&group(input)?)?
        .tags
        .extend(tags(input));
    Ok(json!({}))
}

/// UntagResource and UntagLogGroup
pub fn remove(region: &Region, input: &Value) -> Answer {
    let mut keys = input::texts(input, "tagKeys");
    keys.extend(input::texts(input, "tags"));
    region
        .state()
        .logs
        .group(&group(input)?)?
        .tags
        .retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

/// ListTagsForResource and ListTagsLogGroup
pub fn list(region: &Region, input: &Value) -> Answer {
    Ok(json!({ "tags": region.state().logs.group(&group(input)?)?.tags }))
}
