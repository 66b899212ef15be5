//! What S3 can be asked (`chaosaws.s3.probes`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::{ENABLED, SUSPENDED, owns, require, versioning};
use crate::AwsError;
use crate::client::{Aws, answer};
use crate::given::filled;

const MODULE: &str = "chaosaws.s3.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<BucketExists>()
        .with::<ObjectExists>()
        .with::<VersioningStatus>()
}

/// Tells whether a bucket is among one's own.
#[derive(Deserialize, JsonSchema)]
pub struct BucketExists {
    /// The bucket.
    bucket_name: String,
}

impl NativeActivity for BucketExists {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "bucket_exists";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when it is.";
    const IAM: &'static [&'static str] = &["s3:ListAllMyBuckets"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let s3 = Aws::of(&context).await?.s3();
        Ok(owns(&s3, &self.bucket_name).await?.into())
    }
}

/// Tells whether an object in one of one's own buckets can be read. An object that may not be read counts as absent.
#[derive(Deserialize, JsonSchema)]
pub struct ObjectExists {
    /// The bucket.
    bucket_name: String,
    /// The object's key.
    object_key: String,
    /// A version of the object instead of the latest.
    #[serde(default)]
    version_id: Option<String>,
}

impl NativeActivity for ObjectExists {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "object_exists";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when it is there.";
    const IAM: &'static [&'static str] = &["s3:ListAllMyBuckets", "s3:GetObject", "s3:GetObjectVersion"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let s3 = Aws::of(&context).await?.s3();
        require(&s3, &self.bucket_name).await?;
        let request = s3
            .get_object()
            .bucket(self.bucket_name)
            .key(self.object_key)
            .set_version_id(filled(self.version_id));
        match answer(request.send()).await {
            Ok(_) => Ok(true.into()),
            Err(AwsError::Service { .. }) => Ok(false.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Tells whether the versioning of a bucket is as expected. Where it was never on, it counts as suspended.
#[derive(Deserialize, JsonSchema)]
pub struct VersioningStatus {
    /// The bucket.
    bucket_name: String,
    /// `Enabled` or `Suspended`.
    status: String,
}

impl NativeActivity for VersioningStatus {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "versioning_status";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when it is.";
    const IAM: &'static [&'static str] = &["s3:ListAllMyBuckets", "s3:GetBucketVersioning"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        if ![ENABLED, SUSPENDED].contains(&self.status.as_str()) {
            return Err(ActivityError::failed(format!(
                "status is {}, but a bucket's versioning is {ENABLED} or {SUSPENDED}",
                self.status
            )));
        }
        let s3 = Aws::of(&context).await?.s3();
        require(&s3, &self.bucket_name).await?;
        let found = versioning(&s3, &self.bucket_name).await?;
        Ok(found.eq_ignore_ascii_case(&self.status).into())
    }
}
