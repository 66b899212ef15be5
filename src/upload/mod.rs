//! What leaves the machine: journal and log to S3 and the outcome to SNS after a run, and for the attempts of a Batch job
//! the state of the run while it goes on.
//!
//! What must hold: no object of another run is ever overwritten; no local file is ever removed; an error names the bucket and
//! the local files, and never holds a secret.

mod aws;
mod bucket;
mod error;
mod head;
mod in_progress;
mod mirror;
mod tail;
mod target;
mod topic;

pub use aws::{configured_sdk, sdk_config};
pub use bucket::{Artifacts, Bucket, Uploaded};
pub use error::{Cause, UploadError};
pub use head::RunHead;
pub use in_progress::{Earlier, EndedAttempt, InProgress};
pub use mirror::{Mask, Mirror};
pub use target::{BucketPath, TargetFault, TopicArn};
pub use topic::{Outcome, publish_outcome};
