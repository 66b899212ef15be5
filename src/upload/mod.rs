//! What leaves the machine after a run: journal and log to S3, the outcome to SNS.
//!
//! What must hold: no object of another run is ever overwritten; no local file is ever removed; an error names the bucket and
//! the local files, and never holds a secret.

mod aws;
mod bucket;
mod error;
mod head;
mod target;
mod topic;

pub use aws::sdk_config;
pub use bucket::{Artifacts, Bucket, Uploaded};
pub use error::{Cause, UploadError};
pub use head::RunHead;
pub use target::{BucketPath, TargetFault, TopicArn};
pub use topic::{Outcome, publish_outcome};
