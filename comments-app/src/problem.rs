//! What a client is told when something is wrong: a status and `{"error": …}`.

use std::borrow::Cow;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Seconds after which a client may try again.
const RETRY_AFTER: &str = "1";

/// A refusal or a failure, as the client sees it.
#[derive(Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    message: Cow<'static, str>,
    /// What there is already, in a conflict.
    id: Option<i64>,
}

/// What a handler answers.
pub type Answer<T = Response> = Result<T, Problem>;

impl Problem {
    /// Any status.
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            id: None,
        }
    }

    /// 400
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 409, about the thing that is there
    pub fn conflict(message: impl Into<Cow<'static, str>>, id: i64) -> Self {
        Self {
            id: Some(id),
            ..Self::new(StatusCode::CONFLICT, message)
        }
    }

    /// 503
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// 500; the cause belongs into the log
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        let message = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "the body is too long",
            _ => "the body could not be read",
        };
        Self::new(rejection.status(), message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = match self.id {
            Some(id) => json!({ "error": self.message, "id": id }),
            None => json!({ "error": self.message }),
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let after = HeaderValue::from_static(RETRY_AFTER);
            response.headers_mut().insert(header::RETRY_AFTER, after);
        }
        response
    }
}
