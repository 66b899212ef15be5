//! Tags of groups, which instances get when they are launched.

use serde_json::{Value, json};

use super::State;
use super::done;
use super::group::no_group;
use crate::ec2::pages::page;
use crate::input::{flag, list, text, texts};
use crate::wire::{Answer, ApiError};

/// The only type of resource that has tags here.
const KIND: &str = "auto-scaling-group";

/// A tag of a group.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Whether instances that the group launches get it.
    pub propagated: bool,
    /// The group's name.
    pub group: String,
}

impl Tag {
    /// As answers list it.
    pub fn view(&self) -> Value {
        json!({
            "ResourceId": self.group,
            "ResourceType": KIND,
            "Key": self.key,
            "Value": self.value,
            "PropagateAtLaunch": self.propagated,
        })
    }

    fn value_of(&self, filter: &str) -> Option<String> {
        match filter {
            "auto-scaling-group" => Some(self.group.clone()),
            "key" => Some(self.key.clone()),
            "value" => Some(self.value.clone()),
            "propagate-at-launch" => Some(self.propagated.to_string()),
            _ => None,
        }
    }
}

/// Reads `Tags`. Where `group` is given, it is the group of all of them.
pub fn read(input: &Value, group: Option<&str>) -> Vec<Tag> {
    let one = |tag: &Value| {
        Some(Tag {
            key: text(tag, "Key")?.to_owned(),
            value: text(tag, "Value").unwrap_or_default().to_owned(),
            propagated: flag(tag, "PropagateAtLaunch").unwrap_or(group.is_some()),
            group: group.or(text(tag, "ResourceId")).unwrap_or_default().to_owned(),
        })
    };
    list(input, "Tags").iter().filter_map(one).collect()
}

fn check(state: &State, tags: &[Tag]) -> Result<(), ApiError> {
    match tags.iter().find(|tag| !state.groups.contains_key(&tag.group)) {
        Some(tag) => Err(no_group(&tag.group)),
        None => Ok(()),
    }
}

/// `CreateOrUpdateTags`
pub fn create(state: &mut State, input: &Value) -> Answer {
    let tags = read(input, None);
    check(state, &tags)?;
    for tag in tags {
        if let Some(group) = state.groups.get_mut(&tag.group) {
            group.tags.retain(|own| own.key != tag.key);
            group.tags.push(tag);
        }
    }
    done()
}

/// `DeleteTags`: by key; where a value is given, only with that value.
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let tags = read(input, None);
    check(state, &tags)?;
    for tag in tags {
        if let Some(group) = state.groups.get_mut(&tag.group) {
            group
                .tags
                .retain(|own| own.key != tag.key || !(tag.value.is_empty() || own.value == tag.value));
        }
    }
    done()
}

/// `DescribeTags`
pub fn describe(state: &State, input: &Value) -> Answer {
    let filters = list(input, "Filters");
    let known = ["auto-scaling-group", "key", "value", "propagate-at-launch"];
    let names = filters.iter().filter_map(|filter| text(filter, "Name"));
    if let Some(name) = names.into_iter().find(|name| !known.contains(name)) {
        return Err(ApiError::validation(format!(
            "Filter type {name} is not correct. Allowed Filter types are: {}",
            known.join(" ")
        )));
    }
    let fits = |tag: &&Tag| {
        filters.iter().all(|filter| {
            let has = text(filter, "Name").and_then(|name| tag.value_of(name));
            has.is_some_and(|has| texts(filter, "Values").contains(&has))
        })
    };
    let found = state
        .groups()
        .flat_map(|group| &group.tags)
        .filter(fits)
        .map(Tag::view)
        .collect();
    let (found, next) = page(found, input, "MaxRecords", 50)?;
    Ok(json!({ "Tags": found, "NextToken": next }))
}
