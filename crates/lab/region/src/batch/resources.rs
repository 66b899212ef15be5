//! Compute environments, job queues and job definitions: what they were made with, and a little more.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::refused;
use crate::input;
use crate::wire::{Answer, ApiError};

/// A resource as the API describes it.
pub struct Resource(pub Value);

impl Resource {
    /// What it was made with, and what the service says of it.
    pub fn new(input: &Value, more: Value) -> Resource {
        let mut members = input.as_object().cloned().unwrap_or_default();
        members.extend(more.as_object().cloned().unwrap_or_default());
        members.entry("tags").or_insert_with(|| json!({}));
        Resource(Value::Object(members))
    }

    /// A text member.
    pub fn text(&self, member: &str) -> &str {
        input::text(&self.0, member).unwrap_or_default()
    }

    /// Whether it takes work.
    pub fn is_enabled(&self) -> bool {
        self.text("state") == "ENABLED"
    }

    /// Changes the members that are given, besides `besides`.
    pub fn update(&mut self, input: &Value, besides: &str) {
        let given = input
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| *name != besides);
        if let Some(members) = self.0.as_object_mut() {
            members.extend(given.map(|(name, value)| (name.clone(), value.clone())));
        }
    }

    /// Its tags.
    pub fn tags(&mut self) -> Option<&mut Map<String, Value>> {
        self.0.get_mut("tags")?.as_object_mut()
    }
}

/// The name of what a name or ARN means.
pub fn bare(text: &str) -> &str {
    if text.starts_with("arn:") {
        text.rsplit('/').next().unwrap_or_default()
    } else {
        text
    }
}

/// `ENABLED` or `DISABLED` in the member `state`; the first where nothing is given.
///
/// # Errors
/// `ClientException`
pub fn state(input: &Value) -> Result<&str, ApiError> {
    match input::text(input, "state").unwrap_or("ENABLED") {
        state @ ("ENABLED" | "DISABLED") => Ok(state),
        other => Err(refused(format!("state {other} is neither ENABLED nor DISABLED."))),
    }
}

/// A page of resources, those that `asked` names or all, as the member `member`.
pub fn page(all: &BTreeMap<String, Resource>, input: &Value, asked: &str, member: &str) -> Answer {
    let names = input::texts(input, asked);
    let wanted = all
        .iter()
        .filter(|(name, _)| names.is_empty() || names.iter().any(|asked| bare(asked) == name.as_str()));
    pages(
        wanted.map(|(name, resource)| (name.clone(), resource.0.clone())),
        input,
        member,
    )
}

/// A page of descriptions, in the order of their names.
pub fn pages(items: impl Iterator<Item = (String, Value)>, input: &Value, member: &str) -> Answer {
    let most = super::integer(input, "maxResults")?.unwrap_or(100).clamp(1, 100);
    let after = input::text(input, "nextToken").unwrap_or_default();
    let mut items = items
        .skip_while(|(name, _)| !after.is_empty() && name.as_str() <= after)
        .peekable();
    let mut page = Vec::new();
    let mut last = String::new();
    while let Some((name, value)) = items.next_if(|_| (page.len() as i64) < most) {
        last = name;
        page.push(value);
    }
    Ok(json!({ member: page, "nextToken": items.peek().map(|_| last) }))
}
