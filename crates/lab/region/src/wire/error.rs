//! Errors as AWS answers them.

use http::StatusCode;

/// An error answer: AWS's code, its sentence, and the HTTP status.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// AWS's error code, such as `ClusterNotFoundException`.
    pub code: String,
    /// What a person reads.
    pub message: String,
    /// The HTTP status.
    pub status: StatusCode,
}

/// The code that tells the gateway to ask the plain-state services.
const NOT_HERE: &str = "chaos-lab:NotHere";

impl ApiError {
    /// The caller's error (400).
    pub fn new(code: &str, message: impl Into<String>) -> ApiError {
        ApiError {
            code: code.to_owned(),
            message: message.into(),
            status: StatusCode::BAD_REQUEST,
        }
    }

    /// The same error with another status.
    pub fn with_status(mut self, status: StatusCode) -> ApiError {
        self.status = status;
        self
    }

    /// `ValidationError` (400).
    pub fn validation(message: impl Into<String>) -> ApiError {
        ApiError::new("ValidationError", message)
    }

    /// The operation is not among those with behaviour: a plain-state service may know it.
    pub fn not_here(service: &str, operation: &str) -> ApiError {
        ApiError::new(
            NOT_HERE,
            format!("chaos-lab does not offer {operation} of {service}"),
        )
    }

    /// Whether this is [`ApiError::not_here`].
    pub fn is_not_here(&self) -> bool {
        self.code == NOT_HERE
    }

    /// What a client sees of [`ApiError::not_here`] when nobody knows the operation.
    pub fn unknown_operation(self) -> ApiError {
        ApiError {
            code: "UnknownOperationException".to_owned(),
            status: StatusCode::NOT_IMPLEMENTED,
            ..self
        }
    }
}
