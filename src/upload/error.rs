//! Why something did not reach AWS, and what then remains where.

use std::error::Error;
use std::path::PathBuf;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// An upload, its check before the run, or a publication that failed for good: retries are behind it.
#[derive(Debug, thiserror::Error)]
#[error("cannot {deed} {target}: {cause}{}", stay(kept))]
pub struct UploadError {
    /// What was tried: `upload to`, `use`, `publish to`.
    pub deed: &'static str,
    /// The bucket (`s3://bucket/prefix`) or the topic's ARN.
    pub target: String,
    pub cause: Cause,
    /// The local files that are not in the bucket.
    pub kept: Vec<PathBuf>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    #[error("the bucket does not exist; create it, or name another one")]
    NoSuchBucket,
    #[error("the topic does not exist; create it, or name another one")]
    NoSuchTopic,
    /// Understood and denied.
    #[error("access is denied ({code}{message}); check the permissions and the credentials in use")]
    Refused { code: String, message: String },
    #[error(
        "no usable AWS credentials ({reason}); set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role"
    )]
    NoCredentials { reason: String },
    #[error("it lives in the region {region}; set AWS_REGION to it")]
    WrongRegion { region: String },
    #[error("AWS cannot be reached ({reason}); check the network, the region and AWS_ENDPOINT_URL")]
    Network { reason: String },
    #[error("AWS answered {status} {code}{message}")]
    Service {
        status: u16,
        code: String,
        message: String,
    },
    #[error(
        "{} folders of this second and title are there already",
        super::bucket::FOLDERS
    )]
    NoFreeFolder,
    #[error("{} cannot be read: {source}", path.display())]
    LocalFile { path: PathBuf, source: std::io::Error },
    #[error("it is not the outcome of a run ({reason})")]
    NotAnOutcome { reason: String },
    #[error("{} is not a journal with a start time and a title", path.display())]
    NotAJournal { path: PathBuf },
}

impl Cause {
    /// What a failed call means.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if let Some(reason) = credentials_fault(error) {
            return Self::NoCredentials { reason };
        }
        match error {
            SdkError::ServiceError(answer) => {
                let (meta, response) = (answer.err().meta(), answer.raw());
                let message = meta.message().map(|text| format!(": {text}")).unwrap_or_default();
                Self::of_answer(response, meta.code().unwrap_or_default(), message)
            }
            other => Self::Network {
                reason: innermost(other),
            },
        }
    }

    /// Would the next try fail as well?
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self, Self::Network { .. } | Self::Service { .. })
    }

    fn of_answer(response: &HttpResponse, code: &str, message: String) -> Self {
        let status = response.status().as_u16();
        let region = response.headers().get("x-amz-bucket-region").map(str::to_owned);
        match (status, code, region) {
            (_, "NoSuchBucket", _) => Self::NoSuchBucket,
            (404, "NotFound" | "NotFoundException", _) => Self::NoSuchTopic,
            (301 | 307 | 400, _, Some(region)) => Self::WrongRegion { region },
            (401 | 403, "", _) => Self::Refused {
                code: status.to_string(),
                message,
            },
            (401 | 403, ..) => Self::Refused {
                code: code.to_owned(),
                message,
            },
            _ => Self::Service {
                status,
                code: code.to_owned(),
                message,
            },
        }
    }
}

/// The HTTP status of a failed call that was answered at all.
pub(super) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// The message of the credentials' error behind `error`, if one is.
fn credentials_fault(error: &(dyn Error + 'static)) -> Option<String> {
    chain(error)
        .find(|link| link.is::<CredentialsError>())
        .map(innermost)
}

/// The root of a chain of errors: the SDK's outer links say only "dispatch failure".
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link: &&'a (dyn Error + 'static)| (*link).source())
}

fn stay(kept: &[PathBuf]) -> String {
    let names: Vec<String> = kept.iter().map(|path| path.display().to_string()).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("; the files stay on this machine: {}", names.join(", ")),
    }
}
