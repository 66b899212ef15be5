//! The Parameter Store.

use aws_sdk_ssm::types::{self, ParameterTier, ParameterType};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::arguments::Tag;
use crate::client::{Aws, answer};
use crate::given::given;

/// Adds a parameter to the Parameter Store, or changes its value.
#[derive(Deserialize, JsonSchema)]
pub struct PutParameter {
    /// Name of the parameter.
    name: String,
    /// Its value.
    value: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// `String`, `StringList` or `SecureString`; needed for a new parameter.
    #[serde(default)]
    r#type: Option<String>,
    /// The KMS key that encrypts a `SecureString`.
    #[serde(default)]
    key_id: Option<String>,
    /// Whether the value of an existing parameter is changed.
    #[serde(default)]
    overwrite: bool,
    /// A regular expression that the value must fit.
    #[serde(default)]
    allowed_pattern: Option<String>,
    /// Tags of a new parameter.
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    /// `Standard`, `Advanced` or `Intelligent-Tiering`.
    #[serde(default)]
    tier: Option<String>,
    /// Policies of an advanced parameter, such as its expiration, as JSON.
    #[serde(default)]
    policies: Option<String>,
    /// What the value is: `text`, `aws:ec2:image` or `aws:ssm:integration`.
    #[serde(default)]
    data_type: Option<String>,
}

impl PutParameter {
    fn tags(&self) -> Result<Option<Vec<types::Tag>>, AwsError> {
        let given = self.tags.iter().flatten();
        let tag = |tag: &Tag| types::Tag::builder().key(&tag.key).value(&tag.value).build();
        let tags: Vec<types::Tag> = given.map(tag).collect::<Result<_, _>>()?;
        Ok(Some(tags).filter(|tags| !tags.is_empty()))
    }
}

impl NativeActivity for PutParameter {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_parameter";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ssm:PutParameter: the parameter's version and tier.";
    const IAM: &'static [&'static str] = &["ssm:PutParameter", "ssm:AddTagsToResource"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("name", "name of the parameter", &self.name)?;
        given("value", "value of the parameter", &self.value)?;
        let ssm = Aws::of(&context).await?.ssm();
        let request = ssm
            .put_parameter()
            .name(&self.name)
            .value(&self.value)
            .set_description(self.description.clone())
            .set_type(self.r#type.as_deref().map(ParameterType::from))
            .set_key_id(self.key_id.clone())
            .overwrite(self.overwrite)
            .set_allowed_pattern(self.allowed_pattern.clone())
            .set_tags(self.tags()?)
            .set_tier(self.tier.as_deref().map(ParameterTier::from))
            .set_policies(self.policies.clone())
            .set_data_type(self.data_type.clone());
        answer(request.send()).await.map_err(|error| {
            ActivityError::failed(format!("could not put the parameter {}: {error}", self.name))
        })
    }
}
