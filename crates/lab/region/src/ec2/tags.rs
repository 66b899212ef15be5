//! Tags of all resources of EC2.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::filters::Filters;
use super::{State, done};
use crate::ec2::pages::page;
use crate::input::{list, text, texts};
use crate::wire::{Answer, ApiError};

/// Keys and values.
pub type Tags = IndexMap<String, String>;

/// Reads `[{Key, Value}]`.
pub fn read(items: &[Value]) -> Tags {
    let one = |tag: &Value| {
        Some((
            text(tag, "Key")?.to_owned(),
            text(tag, "Value").unwrap_or_default().to_owned(),
        ))
    };
    items.iter().filter_map(one).collect()
}

/// The tags that a request gives to new resources of a type, such as `instance`.
pub fn specified(input: &Value, kind: &str) -> Tags {
    let of_kind = list(input, "TagSpecification")
        .iter()
        .filter(|one| text(one, "ResourceType") == Some(kind));
    of_kind.flat_map(|one| read(list(one, "Tag"))).collect()
}

/// As answers of EC2 list them; nothing where there are none.
pub fn set(tags: &Tags) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    tags.iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// `CreateTags`
pub fn create(state: &mut State, input: &Value) -> Answer {
    let tags = read(list(input, "Tag"));
    if tags.keys().any(|key| key.starts_with("aws:")) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            "Tag keys starting with 'aws:' are reserved for internal use",
        ));
    }
    change(state, input, |own| own.extend(tags.clone()))
}

/// `DeleteTags`: by key, or by key and value; all tags where none is given.
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let given = list(input, "Tag");
    let is_meant = |key: &str, value: &str| {
        let fits = |tag: &Value| {
            let wanted = tag.get("Value").and_then(Value::as_str);
            text(tag, "Key") == Some(key) && wanted.is_none_or(|wanted| wanted == value)
        };
        given.is_empty() || given.iter().any(fits)
    };
    change(state, input, |own| {
        own.retain(|key, value| key.starts_with("aws:") || !is_meant(key, value))
    })
}

/// Changes the tags of all resources of the request, or of none.
fn change(state: &mut State, input: &Value, change: impl Fn(&mut Tags)) -> Answer {
    let ids = texts(input, "ResourceId");
    if ids.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter ResourceId",
        ));
    }
    if let Some(unknown) = ids.iter().find(|id| owned(state, id).is_none()) {
        return Err(ApiError::new(
            "InvalidID",
            format!("The ID '{unknown}' is not valid"),
        ));
    }
    for id in &ids {
        if let Some(own) = owned(state, id) {
            change(own);
        }
    }
    done()
}

fn owned<'a>(state: &'a mut State, id: &str) -> Option<&'a mut Tags> {
    match id.split_once('-')?.0 {
        "i" => state.instances.get_mut(id).map(|one| &mut one.tags),
        "vol" => state.volumes.get_mut(id).map(|one| &mut one.tags),
        "vpc" => state.vpcs.get_mut(id).map(|one| &mut one.tags),
        "subnet" => state.subnets.get_mut(id).map(|one| &mut one.tags),
        "sg" => state.security.get_mut(id).map(|one| &mut one.tags),
        "sir" => state.spot.get_mut(id).map(|one| &mut one.tags),
        "lt" => state.templates.get_mut(id).map(|one| &mut one.tags),
        _ => None,
    }
}

/// `DescribeTags`
pub fn describe(state: &State, input: &Value) -> Answer {
    let filters = Filters::read(input, &["resource-id", "resource-type", "key", "value"])?;
    let mut found = Vec::new();
    for (kind, id, tags) in all(state) {
        for (key, value) in tags {
            let values = |name: &str| match name {
                "resource-id" => vec![id.clone()],
                "resource-type" => vec![kind.to_owned()],
                "key" => vec![key.clone()],
                _ => vec![value.clone()],
            };
            if filters.fit(&Tags::from([(key.clone(), value.clone())]), values) {
                found.push(json!({ "resourceId": id, "resourceType": kind, "key": key, "value": value }));
            }
        }
    }
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "tagSet": found, "nextToken": next }))
}

fn all(state: &State) -> Vec<(&'static str, &String, &Tags)> {
    let mut all = Vec::new();
    all.extend(
        state
            .instances
            .iter()
            .map(|(id, one)| ("instance", id, &one.tags)),
    );
    all.extend(state.volumes.iter().map(|(id, one)| ("volume", id, &one.tags)));
    all.extend(state.vpcs.iter().map(|(id, one)| ("vpc", id, &one.tags)));
    all.extend(state.subnets.iter().map(|(id, one)| ("subnet", id, &one.tags)));
    all.extend(
        state
            .security
            .iter()
            .map(|(id, one)| ("security-group", id, &one.tags)),
    );
    all.extend(
        state
            .spot
            .iter()
            .map(|(id, one)| ("spot-instances-request", id, &one.tags)),
    );
    all.extend(
        state
            .templates
            .iter()
            .map(|(id, one)| ("launch-template", id, &one.tags)),
    );
    all
}
