//! Asks the api for what a page needs.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::forward::problem;
use crate::problem::{Answer, Problem};
use crate::upstream::Upstream;

/// What the api gives; its refusal is ours.
pub async fn get<T: DeserializeOwned>(api: &Upstream, path: &str) -> Answer<T> {
    let (status, answer) = send(api, Method::GET, path, &Value::Null).await?;
    if !status.is_success() {
        return Err(Problem::new(status, "no page"));
    }
    serde_json::from_value(answer).map_err(|_| bad_gateway())
}

/// The status and the JSON that the api answers; null when it is none.
pub async fn send(api: &Upstream, method: Method, path: &str, body: &Value) -> Answer<(StatusCode, Value)> {
    let mut headers = HeaderMap::new();
    let body = if body.is_null() {
        Bytes::new()
    } else {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Bytes::from(body.to_string())
    };
    let answer = api.ask(method, path, headers, body).await.map_err(problem)?;
    // a load balancer without targets answers in HTML
    let value = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
    Ok((answer.status(), value))
}

fn bad_gateway() -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "the api gave no sensible answer")
}
