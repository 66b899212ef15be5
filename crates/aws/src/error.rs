//! What can go wrong between an activity and AWS.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use chaos_engine::activity::{ActivityError, Failure};

use crate::wire::WireError;

/// An error of a call to AWS, or of what comes before it.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// No region anywhere.
    #[error(
        "no AWS region: set `aws_region` in the experiment's configuration, or AWS_REGION (or AWS_DEFAULT_REGION) in \
         the environment"
    )]
    NoRegion,
    /// One of two keys.
    #[error(
        "the secrets have only one of aws_access_key_id and aws_secret_access_key: give both, or neither"
    )]
    HalfKeys,
    /// The file of `AWS_CA_BUNDLE`.
    #[error("cannot read the certificates that AWS_CA_BUNDLE names, {path}: {source}")]
    CaBundle {
        path: String,
        #[source]
        source: std::io::Error,
    },
    /// Settings that no client can be made of.
    #[error("settings of the AWS client: {0}")]
    Settings(String),
    /// No credentials anywhere, or a source of them failed.
    #[error(
        "no AWS credentials for {operation}: {cause}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile \
         (`aws_profile_name` in the configuration, or AWS_PROFILE), or run where a role gives them"
    )]
    NoCredentials { operation: String, cause: String },
    /// AWS refused, in the words of boto3.
    #[error("An error occurred ({code}) when calling the {operation} operation: {message}{}", hinted(.code))]
    Service {
        operation: String,
        code: String,
        message: String,
    },
    /// AWS was not reached, or did not answer in time.
    #[error(
        "could not reach AWS for {operation}: {cause}. Check the network, the region's name and AWS_ENDPOINT_URL"
    )]
    Unreachable { operation: String, cause: String },
    /// The request is not one that the service takes.
    #[error("{operation}: {cause}")]
    Request { operation: String, cause: String },
    /// The answer cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Something else that the activity found out, in a sentence.
    #[error("{0}")]
    Activity(String),
}

/// What to do about a code that is about the caller, not the call.
pub(crate) fn hint(code: &str) -> Option<&'static str> {
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            Some("the session's credentials have expired: renew them, for example with `aws sso login`")
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch" => Some("AWS does not know these credentials in this region or partition"),
        "RequestTimeTooSkewed" => Some("the clock of this machine is wrong"),
        _ => None,
    }
}

fn hinted(code: &str) -> String {
    hint(code).map_or(String::new(), |hint| format!(" ({hint})"))
}

impl AwsError {
    /// A failure in the activity's own words.
    pub fn because(reason: impl Into<String>) -> Self {
        Self::Activity(reason.into())
    }

    /// AWS's error code, if it is AWS that refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Service { code, .. } => Some(code),
            _ => None,
        }
    }

    /// AWS's message without code and operation, or the whole text.
    pub fn message(&self) -> String {
        match self {
            Self::Service { message, .. } => message.clone(),
            other => other.to_string(),
        }
    }

    pub(crate) fn no_answer(operation: &str) -> Self {
        Self::Request {
            operation: operation.to_owned(),
            cause: "AWS's answer is empty or lacks what belongs in it".to_owned(),
        }
    }

    /// What an error of the SDK means.
    pub fn of<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let operation = operation.to_owned();
        if let Some(service) = error.as_service_error() {
            let status = error.raw_response().map(|response| response.status().as_u16());
            if service.code().is_none() && status.is_some_and(|status| (200..300).contains(&status)) {
                let cause = format!("its answer cannot be read: {}", chain(service).join(": "));
                return Self::Request { operation, cause };
            }
            return Self::Service {
                operation,
                code: service.code().map_or_else(
                    || status.map_or("Unknown".to_owned(), |status| status.to_string()),
                    str::to_owned,
                ),
                message: service.message().unwrap_or("Unknown").to_owned(),
            };
        }
        let causes = chain(error);
        let cause = causes.join(": ");
        if is_about_credentials(error) {
            return Self::NoCredentials { operation, cause };
        }
        match error {
            SdkError::ConstructionFailure(_) => Self::Request { operation, cause },
            _ => Self::Unreachable { operation, cause },
        }
    }
}

/// The messages of the errors below, each once; the SDK's own ones above say little.
fn chain(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() {
        texts.push(error.to_string());
    }
    texts
}

fn is_about_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<CredentialsError>())
}

impl From<BuildError> for AwsError {
    fn from(error: BuildError) -> Self {
        Self::Settings(error.to_string())
    }
}

impl From<AwsError> for ActivityError {
    fn from(error: AwsError) -> Self {
        Self::Failed(Failure::from_error(&error))
    }
}
