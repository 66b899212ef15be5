//! What users write in arguments of many activities: filters and tags, with the API's member names.

use std::collections::BTreeMap;

use chaos_engine::value::{Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::text;

/// A condition on what a listing returns, as `{"Name": …, "Values": […]}`: one of the values must fit, and every
/// filter of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Filter {
    /// What is compared, for example `tag:app` or `availability-zone`.
    pub name: String,
    /// The values that fit.
    #[serde(default)]
    pub values: Vec<String>,
}

impl Filter {
    /// The filter that lets one value pass.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            values: vec![value.into()],
        }
    }

    /// The filter `tag:key` of EC2 that lets what has this tag pass.
    pub fn of_tag(tag: &Tag) -> Self {
        Self::new(format!("tag:{}", tag.key), &tag.value)
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, self.values.join("|"))
    }
}

impl From<&Filter> for aws_sdk_ec2::types::Filter {
    fn from(filter: &Filter) -> Self {
        Self::builder()
            .name(&filter.name)
            .set_values(Some(filter.values.clone()))
            .build()
    }
}

/// A tag as `{"Key": …, "Value": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Tag {
    /// A tag of that key and value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }

    /// True when the tag stands in a list `[{"Key": …, "Value": …}, …]` of an answer.
    pub fn is_in(&self, tags: &[Value]) -> bool {
        tags.iter()
            .any(|tag| text(tag, &["Key"]) == Some(&self.key) && text(tag, &["Value"]) == Some(&self.value))
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl From<&Tag> for aws_sdk_ec2::types::Tag {
    fn from(tag: &Tag) -> Self {
        Self::builder().key(&tag.key).value(&tag.value).build()
    }
}

/// Tags as text `k=v,x=y` or as a list of `{"Key": …, "Value": …}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "tags are a text such as `k=v,x=y` or a list of {\"Key\": …, \"Value\": …}"
)]
pub enum TagList {
    /// `k=v,x=y`.
    Text(String),
    /// The tags one by one.
    List(Vec<Tag>),
}

impl TagList {
    /// The tags, in their order.
    ///
    /// # Errors
    /// A part of the text without `=`.
    pub fn read(&self) -> Result<Vec<Tag>, AwsError> {
        match self {
            Self::Text(text) => parse_tags(text),
            Self::List(tags) => Ok(tags.clone()),
        }
    }
}

/// Tags as text `k=v,x=y` or as a mapping of keys to values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "tags are a text such as `k=v,x=y` or a mapping of keys to values"
)]
pub enum TagMap {
    /// `k=v,x=y`.
    Text(String),
    /// Values by key; what is not text is written as text.
    Map(BTreeMap<String, serde_json::Value>),
}

impl TagMap {
    /// The tags; those of a mapping by key.
    ///
    /// # Errors
    /// A part of the text without `=`.
    pub fn read(&self) -> Result<Vec<Tag>, AwsError> {
        match self {
            Self::Text(text) => parse_tags(text),
            Self::Map(map) => Ok(map
                .iter()
                .map(|(key, value)| Tag::new(key, python::text(&value.clone().into())))
                .collect()),
        }
    }
}

/// The tags of a text `k=v,x=y`; of the same key twice, the later value. No text, no tags.
///
/// # Errors
/// A part without `=`.
pub fn parse_tags(text: &str) -> Result<Vec<Tag>, AwsError> {
    let mut tags: Vec<Tag> = Vec::new();
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let (key, value) = part.split_once('=').ok_or_else(|| {
            AwsError::because(format!(
                "tags `{text}`: `{part}` is not key=value; write tags as `k=v,x=y`"
            ))
        })?;
        match tags.iter_mut().find(|tag| tag.key == key) {
            Some(tag) => value.clone_into(&mut tag.value),
            None => tags.push(Tag::new(key, value)),
        }
    }
    Ok(tags)
}

/// The items in one text for people, separated by commas.
pub fn join<T: std::fmt::Display>(items: &[T]) -> String {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_from_text() {
        assert_eq!(parse_tags("").unwrap(), []);
        assert_eq!(
            parse_tags("a=1,b=x=y,a=2").unwrap(),
            [Tag::new("a", "2"), Tag::new("b", "x=y")]
        );
        let error = parse_tags("a=1,b").unwrap_err().to_string();
        assert!(error.contains("`b` is not key=value"), "{error}");
    }

    #[test]
    fn tags_are_read_from_a_list_and_from_a_mapping() {
        let list: TagList = serde_json::from_str(r#"[{"Key": "a", "Value": "1"}]"#).unwrap();
        assert_eq!(list.read().unwrap(), [Tag::new("a", "1")]);
        let text: TagList = serde_json::from_str(r#""a=1""#).unwrap();
        assert_eq!(text.read().unwrap(), [Tag::new("a", "1")]);
        let map: TagMap = serde_json::from_str(r#"{"b": true, "a": 1}"#).unwrap();
        assert_eq!(map.read().unwrap(), [Tag::new("a", "1"), Tag::new("b", "True")]);
    }

    #[test]
    fn what_is_no_tags_is_told() {
        let error = serde_json::from_str::<TagList>(r#"[{"key": "a"}]"#).unwrap_err();
        assert!(error.to_string().contains("list of {\"Key\""), "{error}");
        assert!(serde_json::from_str::<Filter>(r#"{"Name": "a", "Value": ["b"]}"#).is_err());
    }

    #[test]
    fn a_tag_is_found_by_key_and_value() {
        let tags = chaos_engine::value::json::parse(r#"[{"Key": "a", "Value": "1"}]"#).unwrap();
        assert!(Tag::new("a", "1").is_in(tags.as_list().unwrap()));
        assert!(!Tag::new("a", "2").is_in(tags.as_list().unwrap()));
    }
}
