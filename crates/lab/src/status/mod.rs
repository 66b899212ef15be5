//! The status page: what the lab does, live, and the same as JSON.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;

use crate::seed::Aws;
use crate::view::{self, View};

/// Serves `/` and `/status.json` until the future is dropped.
pub async fn serve(listener: TcpListener, aws: Aws) {
    let router = Router::new()
        .route("/", get(page))
        .route("/status.json", get(json))
        .with_state(Arc::new(aws));
    if let Err(error) = axum::serve(listener, router).await {
        tracing::warn!(%error, "the status page ended");
    }
}

async fn page() -> Html<&'static str> {
    Html(include_str!("page.html"))
}

async fn json(State(aws): State<Arc<Aws>>) -> Json<View> {
    Json(view::look(&aws).await)
}
