//! What the caller may do, when the lab is told to enforce a policy. Resources are not told apart: a policy that names other than `*` allows nothing here.

use std::path::{Path, PathBuf};

use chaos_lab_region::wire::{ApiError, Call, RawRequest};
use http::{Method, StatusCode};
use winterbaume_iam_rule_eval::{EvalDecision, PolicyDocument, PolicySource, SimulationContext, evaluate};

/// An identity-based policy.
pub struct Policy(Vec<(PolicyDocument, PolicySource)>);

/// Why a policy cannot be enforced.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("the IAM policy {path} cannot be read: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// The file is no policy.
    #[error("{path} is no IAM policy: {source}")]
    Document {
        path: PathBuf,
        source: serde_json::Error,
    },
}

/// Operations that AWS lets everybody call.
const FREE: [&str; 1] = ["sts:GetCallerIdentity"];

impl Policy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// The file cannot be read, or holds none.
    pub fn read(path: &Path) -> Result<Policy, PolicyError> {
        let text = std::fs::read(path).map_err(|source| PolicyError::File {
            path: path.to_owned(),
            source,
        })?;
        let document = serde_json::from_slice(&text).map_err(|source| PolicyError::Document {
            path: path.to_owned(),
            source,
        })?;
        let source = PolicySource {
            id: path.display().to_string(),
            policy_type: "IAM Policy".to_owned(),
        };
        Ok(Policy(vec![(document, source)]))
    }

    /// Whether an action such as `ecs:StopTask` is allowed.
    ///
    /// # Errors
    /// `AccessDenied` (403).
    pub fn permits(&self, action: &str) -> Result<(), ApiError> {
        let outcome = evaluate(&self.0, action, "*", &SimulationContext::default());
        if outcome.decision == EvalDecision::Allowed || FREE.contains(&action) {
            return Ok(());
        }
        let why = "no identity-based policy allows it";
        Err(ApiError::new(
            "AccessDenied",
            format!("chaos-lab is not authorized to perform: {action}, because {why}"),
        )
        .with_status(StatusCode::FORBIDDEN))
    }
}

/// The IAM action of a call: most services sign with the name that IAM uses.
pub fn action_of(call: &Call) -> String {
    let service = match call.service.as_str() {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        other => other,
    };
    format!("{service}:{}", call.operation)
}

/// The IAM action of a request to S3, by what it does and to what.
pub fn s3_action_of(request: &RawRequest) -> &'static str {
    let path = request.uri.path().trim_start_matches('/');
    let is_object = path.split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let asks = |name: &str| {
        request
            .uri
            .query()
            .is_some_and(|query| query.split('&').any(|pair| pair.split('=').next() == Some(name)))
    };
    match (&request.method, is_object) {
        (&Method::GET | &Method::HEAD, true) if asks("versionId") => "s3:GetObjectVersion",
        (&Method::GET | &Method::HEAD, true) => "s3:GetObject",
        (&Method::DELETE, true) if asks("versionId") => "s3:DeleteObjectVersion",
        (&Method::DELETE, true) => "s3:DeleteObject",
        (_, true) => "s3:PutObject",
        (&Method::GET, false) if path.is_empty() => "s3:ListAllMyBuckets",
        (&Method::GET, false) if asks("versioning") => "s3:GetBucketVersioning",
        (&Method::PUT, false) if asks("versioning") => "s3:PutBucketVersioning",
        (&Method::GET | &Method::HEAD, false) => "s3:ListBucket",
        (&Method::DELETE, false) => "s3:DeleteBucket",
        _ => "s3:CreateBucket",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn policy(text: &str) -> Policy {
        let file = std::env::temp_dir().join(format!(
            "chaos-lab-policy-{}.json",
            chaos_lab_region::name::uuid()
        ));
        std::fs::write(&file, text).unwrap();
        let policy = Policy::read(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        policy
    }

    fn s3(method: Method, uri: &str) -> &'static str {
        s3_action_of(&RawRequest {
            method,
            uri: uri.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    #[test]
    fn only_what_is_allowed_is_let_through() {
        let policy = policy(
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ecs:Describe*", "ssm:GetParameter"], "Resource": "*"}]}"#,
        );
        assert!(policy.permits("ecs:DescribeServices").is_ok());
        assert!(policy.permits("ssm:GetParameter").is_ok());
        assert!(policy.permits("sts:GetCallerIdentity").is_ok());
        let denied = policy.permits("ecs:StopTask").unwrap_err();
        assert_eq!(
            (denied.code.as_str(), denied.status),
            ("AccessDenied", StatusCode::FORBIDDEN)
        );
        assert!(denied.message.contains("ecs:StopTask"), "{denied}");
    }

    #[test]
    fn requests_to_s3_are_known_by_what_they_do() {
        assert_eq!(s3(Method::GET, "/"), "s3:ListAllMyBuckets");
        assert_eq!(s3(Method::PUT, "/bucket"), "s3:CreateBucket");
        assert_eq!(s3(Method::GET, "/bucket?versioning"), "s3:GetBucketVersioning");
        assert_eq!(s3(Method::GET, "/bucket/?list-type=2"), "s3:ListBucket");
        assert_eq!(s3(Method::PUT, "/bucket/a/key"), "s3:PutObject");
        assert_eq!(
            s3(Method::DELETE, "/bucket/key?versionId=1"),
            "s3:DeleteObjectVersion"
        );
    }
}
