//! Tags of instances and clusters.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{State, errors, names};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// Tags: keys and values.
pub type Tags = IndexMap<String, String>;

/// The tags in the member `Tags`.
pub fn read(input: &Value) -> Tags {
    let tag = |tag: &Value| {
        Some((
            input::text(tag, "Key")?.to_owned(),
            input::text(tag, "Value").unwrap_or_default().to_owned(),
        ))
    };
    input::list(input, "Tags").iter().filter_map(tag).collect()
}

/// Tags as answers list them.
pub fn described(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn find<'a>(state: &'a mut State, input: &Value) -> Result<&'a mut Tags, ApiError> {
    let arn = input::required(input, "ResourceName")?;
    let id = names::bare(arn);
    match arn.rsplit(':').nth(1) {
        Some("db") => state
            .instances
            .get_mut(&id)
            .map(|instance| &mut instance.tags)
            .ok_or_else(|| errors::no_instance(&id)),
        Some("cluster") => state
            .clusters
            .get_mut(&id)
            .map(|cluster| &mut cluster.tags)
            .ok_or_else(|| errors::no_cluster(&id)),
        _ => Err(errors::value(format!("Invalid resource name: {arn}"))),
    }
}

/// AddTagsToResource
pub fn add(region: &Region, input: &Value) -> Answer {
    find(&mut region.state().rds, input)?.extend(read(input));
    Ok(json!({}))
}

/// RemoveTagsFromResource
pub fn remove(region: &Region, input: &Value) -> Answer {
    let keys = input::texts(input, "TagKeys");
    find(&mut region.state().rds, input)?.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

/// ListTagsForResource
pub fn list(region: &Region, input: &Value) -> Answer {
    Ok(json!({ "TagList": described(find(&mut region.state().rds, input)?) }))
}
