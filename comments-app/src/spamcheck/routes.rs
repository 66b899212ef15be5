//! Paths and what they do.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use prometheus::IntCounterVec;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Model;
use crate::problem::{Answer, Problem};
use crate::server::under;

#[derive(Clone)]
struct Judge {
    model: Arc<Model>,
    texts: IntCounterVec,
}

#[derive(Deserialize)]
struct Text {
    content: String,
}

/// `POST {base}/check` and `/health`, which is there with and without the base path.
pub fn routes(base: &str, model: Model, texts: IntCounterVec) -> Router {
    let judge = Judge {
        model: Arc::new(model),
        texts,
    };
    let based = under(base, Router::new().route("/check", post(check)).merge(health()));
    let all = if base.is_empty() {
        based
    } else {
        based.merge(health())
    };
    all.with_state(judge)
}

fn health() -> Router<Judge> {
    Router::new().route("/health", get(|| async { Json(json!({ "status": "ok" })) }))
}

async fn check(State(judge): State<Judge>, body: Result<Bytes, BytesRejection>) -> Answer<Json<Value>> {
    let text: Text = serde_json::from_slice(&body?)
        .map_err(|_| Problem::bad_request("the body must be a JSON object with a text as content"))?;
    let score = judge.model.score(&text.content);
    let spam = judge.model.is_spam(&text.content);
    let verdict = if spam { "spam" } else { "ham" };
    judge.texts.with_label_values(&[verdict]).inc();
    Ok(Json(json!({ "spam": spam, "score": score })))
}
