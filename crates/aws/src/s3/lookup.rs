//! What several activities ask of S3.

use aws_sdk_s3::Client;

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::answer;

/// The versioning status of a bucket where it is on.
pub(super) const ENABLED: &str = "Enabled";
/// The one where it is off, or was never on.
pub(super) const SUSPENDED: &str = "Suspended";

/// True when the bucket is among one's own.
pub(super) async fn owns(s3: &Client, bucket: &str) -> Result<bool, AwsError> {
    let listed = answer(s3.list_buckets().send()).await?;
    let mut names = list(&listed, "Buckets")
        .iter()
        .map(|found| text(found, &["Name"]));
    Ok(names.any(|name| name == Some(bucket)))
}

/// An error when the bucket is not among one's own.
pub(super) async fn require(s3: &Client, bucket: &str) -> Result<(), AwsError> {
    if owns(s3, bucket).await? {
        return Ok(());
    }
    Err(AwsError::because(format!(
        "bucket {bucket} is not among the buckets of this account"
    )))
}

/// `Enabled` or `Suspended`.
pub(super) async fn versioning(s3: &Client, bucket: &str) -> Result<String, AwsError> {
    let answer = answer(s3.get_bucket_versioning().bucket(bucket).send()).await?;
    Ok(text(&answer, &["Status"]).unwrap_or(SUSPENDED).to_owned())
}
