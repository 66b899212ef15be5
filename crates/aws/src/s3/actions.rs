//! What can be done to S3 (`chaosaws.s3.actions`).

use aws_sdk_s3::types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration};
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::{ENABLED, SUSPENDED, require, versioning};
use crate::client::{Aws, answer};
use crate::given::filled;

const MODULE: &str = "chaosaws.s3.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<DeleteObject>().with::<ToggleVersioning>()
}

/// Deletes an object, or one version of it for good, from one of one's own buckets. An object that is not there is
/// no error.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteObject {
    /// The bucket.
    bucket_name: String,
    /// The object's key.
    object_key: String,
    /// The version to delete.
    #[serde(default)]
    version_id: Option<String>,
}

impl NativeActivity for DeleteObject {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_object";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] =
        &["s3:ListAllMyBuckets", "s3:DeleteObject", "s3:DeleteObjectVersion"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let s3 = Aws::of(&context).await?.s3();
        require(&s3, &self.bucket_name).await?;
        let request = s3
            .delete_object()
            .bucket(self.bucket_name)
            .key(self.object_key)
            .set_version_id(filled(self.version_id));
        answer(request.send()).await?;
        Ok(Value::Null)
    }
}

/// Turns the versioning of a bucket on or off; without a status it becomes the opposite of what it is.
#[derive(Deserialize, JsonSchema)]
pub struct ToggleVersioning {
    /// The bucket.
    bucket_name: String,
    /// Whether deleting a version takes multi-factor authentication: `Enabled` or `Disabled`.
    #[serde(default)]
    mfa_delete: Option<String>,
    /// `Enabled` or `Suspended`. Without it `Suspended` becomes `Enabled` and the other way round; where versioning
    /// was never on, it counts as suspended.
    #[serde(default)]
    status: Option<String>,
    /// Serial number of the authentication device, a blank, and the code that it shows.
    #[serde(default)]
    mfa: Option<String>,
    /// The account that the bucket must belong to.
    #[serde(default)]
    owner: Option<String>,
}

impl NativeActivity for ToggleVersioning {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "toggle_versioning";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] = &[
        "s3:ListAllMyBuckets",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let s3 = Aws::of(&context).await?.s3();
        require(&s3, &self.bucket_name).await?;
        let found = versioning(&s3, &self.bucket_name).await?;
        let opposite = if found == SUSPENDED { ENABLED } else { SUSPENDED };
        let status = filled(self.status).unwrap_or_else(|| opposite.to_owned());
        let mfa_delete = filled(self.mfa_delete);
        let wanted = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::from(status.as_str()))
            .set_mfa_delete(mfa_delete.as_deref().map(MfaDelete::from))
            .build();
        let request = s3
            .put_bucket_versioning()
            .bucket(self.bucket_name)
            .set_mfa(filled(self.mfa))
            .set_expected_bucket_owner(filled(self.owner))
            .versioning_configuration(wanted);
        answer(request.send()).await?;
        Ok(Value::Null)
    }
}
