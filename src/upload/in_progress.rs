//! What a run leaves in the bucket while it is under way, for a later attempt of the same job: a copy of its
//! write-ahead file, and once it has ended its outcome.

use std::fmt;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use serde::{Deserialize, Serialize};

use super::error::{Cause, UploadError, innermost, status};

/// The folder in the bucket, which a lifecycle rule can clear by age.
pub const FOLDER: &str = "in-progress";
/// The copy of the write-ahead file.
const COPY: &str = "journal.json.wal";
/// How the run ended.
const OUTCOME: &str = "ended.json";
/// How long one quick try may take, besides the time that its content needs.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many bytes at least go through in a second.
const SLOWEST: u64 = 1 << 20;

/// The place of one job in a bucket.
#[derive(Clone, Debug)]
pub struct InProgress {
    /// Repeats what fails.
    patient: Client,
    /// Gives up soon.
    hasty: Client,
    bucket: String,
    folder: String,
}

/// How an earlier attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedAttempt {
    pub attempt: u32,
    pub exit_code: u8,
    /// The journal's status.
    pub status: String,
    pub deviated: bool,
    /// `s3://…/journal.json`
    pub journal: String,
}

/// What earlier attempts of a job left.
#[derive(Debug)]
pub enum Earlier {
    /// None of them began a run.
    Nothing,
    /// A run got to its end, and its journal is uploaded.
    Ended(EndedAttempt),
    /// A run died: its write-ahead file.
    Died(Vec<u8>),
}

impl InProgress {
    /// The place of that job; its name may only have characters that keys may have.
    pub(super) fn new(client: &Client, bucket: &str, folder: String) -> Self {
        let hasty = client.config().to_builder().retry_config(RetryConfig::disabled());
        Self {
            patient: client.clone(),
            hasty: Client::from_conf(hasty.build()),
            bucket: bucket.to_owned(),
            folder,
        }
    }

    /// The address of the copy.
    pub fn copy(&self) -> String {
        self.address(COPY)
    }

    /// What is there.
    ///
    /// # Errors
    /// When that cannot be told, or the outcome cannot be read.
    pub async fn earlier(&self) -> Result<Earlier, UploadError> {
        // first, as a copy that was still under way when the run ended means nothing any more
        if let Some(outcome) = self.get(OUTCOME).await? {
            let outcome = serde_json::from_slice(&outcome).map_err(|error| Cause::NotAnOutcome {
                reason: error.to_string(),
            });
            return outcome
                .map(Earlier::Ended)
                .map_err(|cause| self.failed("read", OUTCOME, cause));
        }
        Ok(match self.get(COPY).await? {
            Some(copy) => Earlier::Died(copy),
            None => Earlier::Nothing,
        })
    }

    /// Puts a copy there, in one quick try.
    pub(super) async fn put_copy(&self, content: Vec<u8>) -> Result<(), Cause> {
        let limit = PATIENCE + Duration::from_secs(content.len() as u64 / SLOWEST);
        let put = self.put(&self.hasty, COPY, "application/x-ndjson", content);
        within(limit, put).await
    }

    /// Notes how the run ended, then removes the copy: nothing is owed any more.
    ///
    /// # Errors
    /// When the outcome does not get there; the copy stays then. Or when the copy cannot be removed, which harms
    /// nobody.
    pub async fn conclude(&self, outcome: &EndedAttempt) -> Result<(), UploadError> {
        // texts and numbers always have a JSON form
        let content = serde_json::to_vec_pretty(outcome).unwrap_or_default();
        let put = self
            .put(&self.patient, OUTCOME, "application/json", content)
            .await;
        put.map_err(|cause| self.failed("write", OUTCOME, cause))?;
        let deleted = self.delete(&self.patient).await;
        deleted.map_err(|cause| self.failed("remove", COPY, cause))
    }

    /// Removes the copy of a run that was not begun after all, in one quick try.
    ///
    /// # Errors
    /// When it may still be there.
    pub async fn withdraw(&self) -> Result<(), UploadError> {
        let deleted = within(PATIENCE, self.delete(&self.hasty)).await;
        deleted.map_err(|cause| self.failed("remove", COPY, cause))
    }

    async fn get(&self, name: &'static str) -> Result<Option<Vec<u8>>, UploadError> {
        let request = self.patient.get_object().bucket(&self.bucket).key(self.key(name));
        let object = match request.send().await {
            Ok(object) => object,
            Err(error) if status(&error) == Some(404) && error.code() != Some("NoSuchBucket") => {
                return Ok(None);
            }
            Err(error) => return Err(self.failed("read", name, Cause::of(&error))),
        };
        let body = object.body.collect().await.map_err(|error| Cause::Network {
            reason: innermost(&error),
        });
        let body = body.map_err(|cause| self.failed("read", name, cause))?;
        Ok(Some(body.to_vec()))
    }

    async fn put(&self, client: &Client, name: &str, kind: &str, content: Vec<u8>) -> Result<(), Cause> {
        let request = client.put_object().bucket(&self.bucket).key(self.key(name));
        let request = request.content_type(kind).body(ByteStream::from(content));
        // futures of the SDK are large
        let sent = Box::pin(request.send()).await;
        sent.map(drop).map_err(|error| Cause::of(&error))
    }

    async fn delete(&self, client: &Client) -> Result<(), Cause> {
        let request = client.delete_object().bucket(&self.bucket).key(self.key(COPY));
        let sent = Box::pin(request.send()).await;
        sent.map(drop).map_err(|error| Cause::of(&error))
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    fn address(&self, name: &str) -> String {
        format!("s3://{}/{}", self.bucket, self.key(name))
    }

    fn failed(&self, deed: &'static str, name: &str, cause: Cause) -> UploadError {
        UploadError {
            deed,
            target: self.address(name),
            cause,
            kept: Vec::new(),
        }
    }
}

impl fmt::Display for InProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}/", self.bucket, self.folder)
    }
}

async fn within(limit: Duration, request: impl Future<Output = Result<(), Cause>>) -> Result<(), Cause> {
    let in_time = tokio::time::timeout(limit, request).await;
    in_time.unwrap_or_else(|_| {
        Err(Cause::Network {
            reason: format!("no answer within {} s", limit.as_secs()),
        })
    })
}
