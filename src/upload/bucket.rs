//! A run's journal and log into a bucket, in a folder of their own.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use super::aws::s3;
use super::error::{Cause, UploadError, innermost, status};
use super::head::RunHead;
use super::in_progress::{self, InProgress};
use super::target::BucketPath;

/// How many folders are tried for runs of the same second and title.
pub(super) const FOLDERS: u32 = 100;

/// The metadata that tells this run's objects from another's.
const RUN_KEY: &str = "chaos-run";

/// The local files of a run.
#[derive(Clone, Debug)]
pub struct Artifacts {
    pub journal: PathBuf,
    /// Left out of the upload when it is not there.
    pub log: PathBuf,
}

impl Artifacts {
    /// Those that exist, with their names in the bucket.
    fn present(&self) -> Vec<(&Path, &'static str, &'static str)> {
        let all = [
            (self.journal.as_path(), "journal.json", "application/json"),
            (
                self.log.as_path(),
                "chaostoolkit.log",
                "text/plain; charset=utf-8",
            ),
        ];
        all.into_iter().filter(|(path, ..)| path.exists()).collect()
    }
}

/// Where the files of a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// `s3://bucket/[prefix/]folder`.
    pub folder: String,
    /// The keys, the journal's first.
    pub keys: Vec<String>,
}

/// A bucket to upload to.
#[derive(Debug)]
pub struct Bucket {
    sdk: SdkConfig,
    client: Client,
    target: BucketPath,
}

#[derive(PartialEq, Eq)]
enum Place {
    Ours,
    Taken,
}

impl Bucket {
    /// Nothing is asked of AWS yet.
    pub fn new(sdk: &SdkConfig, target: BucketPath) -> Self {
        let (client, sdk) = (s3(sdk, None), sdk.clone());
        Self { sdk, client, target }
    }

    /// Asks, before anything is injected, whether the bucket is there; finds out its region on the way.
    /// The answer may be a warning: whoever may put objects need not be allowed to ask.
    ///
    /// # Errors
    /// When there are no credentials or no network, or no such bucket.
    pub async fn preflight(&mut self) -> Result<Option<String>, UploadError> {
        let failed = |cause| self.failed("use", cause, Vec::new());
        self.credentials().await.map_err(failed)?;
        let mut cause = self.head().await;
        if let Some(Cause::WrongRegion { region }) = cause {
            self.client = s3(&self.sdk, Some(Region::new(region)));
            cause = self.head().await;
        }
        match cause {
            None => Ok(None),
            Some(Cause::Refused { .. }) => Ok(Some(format!(
                "{} may not be looked at with these credentials; the upload after the run may be refused as well",
                self.target
            ))),
            Some(cause) => Err(self.failed("use", cause, Vec::new())),
        }
    }

    /// Where the job of that name leaves what a later attempt of it needs.
    pub fn in_progress(&self, job: &str) -> InProgress {
        let folder = self.target.key(&format!("{}/{job}", in_progress::FOLDER));
        InProgress::new(&self.client, &self.target.bucket, folder)
    }

    /// Uploads journal and log into a folder named after `head`, or the first of `…-2`, `…-3`, … that no other run has.
    ///
    /// # Errors
    /// When a file cannot be read or does not reach the bucket; the error names the files.
    pub async fn upload(&self, head: &RunHead, artifacts: &Artifacts) -> Result<Uploaded, UploadError> {
        let kept = || {
            artifacts
                .present()
                .iter()
                .map(|(path, ..)| path.to_path_buf())
                .collect()
        };
        let placed = self.place(head, artifacts).await;
        placed.map_err(|cause| self.failed("upload to", cause, kept()))
    }

    async fn place(&self, head: &RunHead, artifacts: &Artifacts) -> Result<Uploaded, Cause> {
        let run = run_token();
        for number in 1..=FOLDERS {
            let folder = self.target.key(&head.folder(number));
            if let Some(keys) = self.fill(&folder, artifacts, &run).await? {
                let folder = format!("s3://{}/{folder}", self.target.bucket);
                return Ok(Uploaded { folder, keys });
            }
        }
        Err(Cause::NoFreeFolder)
    }

    /// The keys of the files now in `folder`; none if another run has one of them.
    async fn fill(
        &self,
        folder: &str,
        artifacts: &Artifacts,
        run: &str,
    ) -> Result<Option<Vec<String>>, Cause> {
        let mut keys = Vec::new();
        for (path, name, kind) in artifacts.present() {
            let key = format!("{folder}/{name}");
            if self.put(&key, path, kind, run).await? == Place::Taken {
                return Ok(None);
            }
            keys.push(key);
        }
        Ok(Some(keys))
    }

    async fn put(&self, key: &str, path: &Path, kind: &str, run: &str) -> Result<Place, Cause> {
        let unreadable = |error| Cause::LocalFile {
            path: path.to_owned(),
            source: std::io::Error::other(error),
        };
        // The length is taken now: a log that grows meanwhile is sent up to here.
        let body = ByteStream::from_path(path).await.map_err(unreadable)?;
        let request = self
            .client
            .put_object()
            .bucket(&self.target.bucket)
            .key(key)
            .body(body);
        let request = request
            .content_type(kind)
            .metadata(RUN_KEY, run)
            .if_none_match("*");
        match request.send().await {
            Ok(_) => Ok(Place::Ours),
            // 409: another writer is at it this moment.
            Err(error) if status(&error) == Some(409) => Ok(Place::Taken),
            Err(error) if status(&error) == Some(412) => Ok(self.owner(key, run).await),
            Err(error) => Err(Cause::of(&error)),
        }
    }

    /// Whose object stands there. It is ours when the answer to an earlier attempt was lost on its way. If it can't be
    /// told, it counts as another's.
    async fn owner(&self, key: &str, run: &str) -> Place {
        let found = self
            .client
            .head_object()
            .bucket(&self.target.bucket)
            .key(key)
            .send()
            .await;
        let token = found.ok().and_then(|object| object.metadata?.remove(RUN_KEY));
        if token.as_deref() == Some(run) {
            Place::Ours
        } else {
            Place::Taken
        }
    }

    /// What is wrong with the bucket, if anything.
    async fn head(&self) -> Option<Cause> {
        let error = self
            .client
            .head_bucket()
            .bucket(&self.target.bucket)
            .send()
            .await
            .err()?;
        // An answer to HEAD has no body, hence no error code.
        match status(&error) {
            Some(404) => Some(Cause::NoSuchBucket),
            _ => Some(Cause::of(&error)),
        }
    }

    async fn credentials(&self) -> Result<(), Cause> {
        let Some(provider) = self.sdk.credentials_provider() else {
            let reason = "no provider is configured".to_owned();
            return Err(Cause::NoCredentials { reason });
        };
        let found = provider.provide_credentials().await;
        found.map(|_| ()).map_err(|error| Cause::NoCredentials {
            reason: innermost(&error),
        })
    }

    fn failed(&self, deed: &'static str, cause: Cause, kept: Vec<PathBuf>) -> UploadError {
        let target = self.target.to_string();
        UploadError {
            deed,
            target,
            cause,
            kept,
        }
    }
}

/// A text that no other run has.
fn run_token() -> String {
    let random = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", random(), random())
}
