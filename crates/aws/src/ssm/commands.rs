//! SSM commands.

use std::collections::HashMap;

use aws_sdk_ssm::types;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::{Aws, answer};
use crate::given::given;

/// Which instances, as `{"Key": "tag:app", "Values": ["shop"]}`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Target {
    /// `InstanceIds`, `tag:…`, `tag-key`, `resource-groups:…`.
    #[serde(default)]
    key: Option<String>,
    /// The values, one of which must fit.
    #[serde(default)]
    values: Option<Vec<String>>,
}

impl Target {
    fn for_sdk(self) -> types::Target {
        types::Target::builder()
            .set_key(self.key)
            .set_values(self.values)
            .build()
    }
}

/// Runs a Systems Manager document on managed instances; does not wait for it to end.
#[derive(Deserialize, JsonSchema)]
pub struct SendCommand {
    /// Name of the document.
    document_name: String,
    /// The instances.
    #[serde(default)]
    targets: Option<Vec<Target>>,
    /// The version of the document, a number or `$DEFAULT` or `$LATEST`.
    #[serde(default)]
    document_version: Option<String>,
    /// The document's parameters, each with a list of values.
    #[serde(default)]
    parameters: Option<HashMap<String, Vec<String>>>,
    /// How many seconds an instance may take to begin.
    #[serde(default)]
    timeout_seconds: Option<i32>,
    /// On how many instances it runs at once, as a number or percentage.
    #[serde(default)]
    max_concurrency: Option<String>,
    /// After how many errors it goes to no more instances, as a number or percentage.
    #[serde(default)]
    max_errors: Option<String>,
    /// Not used: the command goes to the region of the configuration.
    #[serde(default)]
    #[allow(dead_code)]
    region: Option<String>,
}

impl NativeActivity for SendCommand {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "send_command";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ssm:SendCommand.";
    const IAM: &'static [&'static str] = &["ssm:SendCommand"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("document_name", "name of the document", &self.document_name)?;
        let targets = self.targets.unwrap_or_default().into_iter();
        let targets: Vec<types::Target> = targets.map(Target::for_sdk).collect();
        let ssm = Aws::of(&context).await?.ssm();
        let request = ssm
            .send_command()
            .document_name(&self.document_name)
            .set_document_version(self.document_version)
            .set_targets(Some(targets).filter(|targets| !targets.is_empty()))
            .set_timeout_seconds(self.timeout_seconds)
            .set_parameters(self.parameters)
            .set_max_concurrency(self.max_concurrency)
            .set_max_errors(self.max_errors);
        answer(request.send()).await.map_err(|error| {
            let name = &self.document_name;
            ActivityError::failed(format!("could not run the document {name}: {error}"))
        })
    }
}
