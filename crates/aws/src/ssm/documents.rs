//! SSM documents.

use aws_sdk_ssm::types::{DocumentFormat, DocumentType};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::client::{Aws, answer};
use crate::given::{filled, given};

/// Creates a Systems Manager document from a file.
#[derive(Deserialize, JsonSchema)]
pub struct CreateDocument {
    /// Path of the file with the document's content.
    path_content: String,
    /// Name of the document.
    name: String,
    /// Name of this version of it.
    #[serde(default)]
    version_name: Option<String>,
    /// Its type, for example `Command` (which AWS takes it for when none is given).
    #[serde(default)]
    document_type: Option<String>,
    /// Its format: `JSON` (which AWS takes it for when none is given), `YAML` or `TEXT`.
    #[serde(default)]
    document_format: Option<String>,
}

impl NativeActivity for CreateDocument {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "create_document";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ssm:CreateDocument.";
    const IAM: &'static [&'static str] = &["ssm:CreateDocument"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("name", "name of the document", &self.name)?;
        given("path_content", "path of the document's file", &self.path_content)?;
        let path = context.host.resolve(&self.path_content);
        let content = tokio::fs::read_to_string(&path).await;
        let content = content.map_err(|error| {
            AwsError::because(format!("cannot read the document {}: {error}", path.display()))
        })?;
        let ssm = Aws::of(&context).await?.ssm();
        let request = ssm
            .create_document()
            .content(content)
            .name(&self.name)
            .set_version_name(self.version_name)
            .set_document_type(self.document_type.as_deref().map(DocumentType::from))
            .set_document_format(self.document_format.as_deref().map(DocumentFormat::from));
        let created = answer(request.send()).await;
        created.map_err(|error| refused("create", &self.name, &error))
    }
}

/// Deletes a Systems Manager document, or one version of it.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDocument {
    /// Name of the document.
    name: String,
    /// Name of the version to delete; every version otherwise.
    #[serde(default)]
    version_name: Option<String>,
    /// Whether a document of a type that is otherwise kept, such as `ApplicationConfigurationSchema`, is deleted too.
    #[serde(default = "DeleteDocument::force")]
    force: bool,
}

impl DeleteDocument {
    fn force() -> bool {
        true
    }
}

impl NativeActivity for DeleteDocument {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_document";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ssm:DeleteDocument.";
    const IAM: &'static [&'static str] = &["ssm:DeleteDocument"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        given("name", "name of the document", &self.name)?;
        let ssm = Aws::of(&context).await?.ssm();
        let request = ssm
            .delete_document()
            .name(&self.name)
            .force(self.force)
            .set_version_name(filled(self.version_name));
        let deleted = answer(request.send()).await;
        deleted.map_err(|error| refused("delete", &self.name, &error))
    }
}

fn refused(verb: &str, name: &str, error: &AwsError) -> ActivityError {
    ActivityError::failed(format!("could not {verb} the document {name}: {error}"))
}
