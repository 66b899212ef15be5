use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::Unusable;
use crate::listen::ListenError;

/// What the API refuses, in Toxiproxy's words.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("bad request body: {0}")]
    BadRequestBody(#[from] Unusable),
    #[error("missing required field: {0}")]
    MissingField(String),
    #[error("proxy not found")]
    ProxyNotFound,
    #[error("proxy already exists")]
    ProxyAlreadyExists,
    #[error("stream was invalid, can be either upstream or downstream")]
    InvalidStream,
    #[error("invalid toxic type")]
    InvalidToxicType,
    #[error("toxic already exists")]
    ToxicAlreadyExists,
    #[error("toxic not found")]
    ToxicNotFound,
    #[error(transparent)]
    Listen(#[from] ListenError),
}

impl ApiError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequestBody(_)
            | Self::MissingField(_)
            | Self::InvalidStream
            | Self::InvalidToxicType => StatusCode::BAD_REQUEST,
            Self::ProxyNotFound | Self::ToxicNotFound => StatusCode::NOT_FOUND,
            Self::ProxyAlreadyExists | Self::ToxicAlreadyExists => StatusCode::CONFLICT,
            Self::Listen(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = json!({"error": self.to_string(), "status": status.as_u16()});
        let json = [(header::CONTENT_TYPE, "application/json")];
        (status, json, format!("{body}\n")).into_response()
    }
}
