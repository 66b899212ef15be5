//! The HTTP API (README.md of Toxiproxy, "HTTP API").

pub mod body;
pub mod error;
mod proxies;
mod toxics;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use self::error::ApiError;
use crate::collection::Collection;

/// The version of Toxiproxy whose API this is.
const VERSION: &str = "2.12.0";

type Shared = State<Arc<Collection>>;
type Answer = Result<Response, ApiError>;

pub fn router(collection: Arc<Collection>) -> Router {
    let proxy = get(proxies::show).post(proxies::update).patch(proxies::update);
    let toxic = get(toxics::show).post(toxics::update).patch(toxics::update);
    Router::new()
        .route("/proxies", get(proxies::index).post(proxies::create))
        .route("/proxies/{proxy}", proxy.delete(proxies::delete))
        .route("/proxies/{proxy}/toxics", get(toxics::index).post(toxics::create))
        .route("/proxies/{proxy}/toxics/{toxic}", toxic.delete(toxics::delete))
        .route("/populate", post(proxies::populate))
        .route("/reset", post(proxies::reset))
        .route("/version", get(version))
        .route("/metrics", get(metrics))
        .fallback(|| async { (StatusCode::NOT_FOUND, "404 page not found\n") })
        .layer(middleware::from_fn(refuse_browsers))
        .with_state(collection)
}

/// A page in a browser could reach the API on this machine (as in the original).
async fn refuse_browsers(request: Request, next: Next) -> Response {
    let agent = request.headers().get(header::USER_AGENT);
    if agent.is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/")) {
        return (StatusCode::FORBIDDEN, "User agent not allowed\n").into_response();
    }
    next.run(request).await
}

async fn version() -> Response {
    let json = [(header::CONTENT_TYPE, "application/json;charset=utf-8")];
    (json, format!("{{\"version\": \"{VERSION}\"}}\n")).into_response()
}

async fn metrics(State(collection): Shared) -> Response {
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (text, collection.metrics().text()).into_response()
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
