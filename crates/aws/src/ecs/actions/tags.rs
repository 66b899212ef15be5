//! Tags of ECS resources.

use aws_sdk_ecs::types;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::{Aws, answer};

/// One tag, with the names that the API of ECS has.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// Its name.
    #[serde(default)]
    key: Option<String>,
    /// Its value.
    #[serde(default)]
    value: Option<String>,
}

impl From<Tag> for types::Tag {
    fn from(tag: Tag) -> Self {
        Self::builder().set_key(tag.key).set_value(tag.value).build()
    }
}

/// Adds tags to a cluster, service, task, task definition, container instance or capacity provider.
#[derive(Deserialize, JsonSchema)]
pub struct TagResource {
    /// The tags, each `{"key": …, "value": …}`.
    tags: Vec<Tag>,
    /// Long ARN of the resource.
    resource_arn: String,
}

impl NativeActivity for TagResource {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "tag_resource";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] = &["ecs:TagResource"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let tags = self.tags.into_iter().map(types::Tag::from).collect();
        let request = ecs.tag_resource().resource_arn(self.resource_arn);
        answer(request.set_tags(Some(tags)).send()).await?;
        Ok(Value::Null)
    }
}

/// Removes tags from an ECS resource.
#[derive(Deserialize, JsonSchema)]
pub struct UntagResource {
    /// Names of the tags.
    tag_keys: Vec<String>,
    /// Long ARN of the resource.
    resource_arn: String,
}

impl NativeActivity for UntagResource {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "untag_resource";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] = &["ecs:UntagResource"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let request = ecs.untag_resource().resource_arn(self.resource_arn);
        answer(request.set_tag_keys(Some(self.tag_keys)).send()).await?;
        Ok(Value::Null)
    }
}
