//! Paths and what they do.

mod comments;
mod posts;
mod users;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::Api;
use crate::problem::{Answer, Problem};
use crate::server::under;

/// All paths; `/health` is there with and without the base path.
pub fn routes(base: &str, api: Api) -> Router {
    let things = Router::new()
        .route("/users", get(users::list).post(users::create))
        .route(
            "/users/{id}",
            get(users::read).put(users::change).delete(users::delete),
        )
        .route("/posts", get(posts::list).post(posts::create))
        .route(
            "/posts/{id}",
            get(posts::read).put(posts::change).delete(posts::delete),
        )
        .route(
            "/posts/{id}/comments",
            get(comments::of_post).post(comments::on_post),
        )
        .route("/comments", get(comments::list).post(comments::create))
        .route(
            "/comments/{id}",
            get(comments::read).put(comments::change).delete(comments::delete),
        )
        .route_layer(middleware::from_fn_with_state(api.clone(), when_ready));
    let based = under(base, things.merge(health()));
    let all = if base.is_empty() {
        based
    } else {
        based.merge(health())
    };
    all.with_state(api)
}

fn health() -> Router<Api> {
    Router::new()
        .route("/health", get(serves))
        .route("/health/ready", get(is_ready))
}

/// Whether this process can serve. It stays so while the database is away: all replicas would fail together, a load balancer would
/// have nobody left to tell people why, and a scheduler would replace processes that are well. But one that never met
/// its database (wrong password, wrong address) is not taken into service.
async fn serves(State(api): State<Api>) -> Response {
    if api.store.is_ready() {
        Json(json!({ "status": "ok" })).into_response()
    } else {
        let state = json!({ "status": "starting", "error": "the database did not answer yet" });
        (StatusCode::SERVICE_UNAVAILABLE, Json(state)).into_response()
    }
}

/// Whether requests succeed now.
async fn is_ready(State(api): State<Api>) -> Answer {
    if api.store.is_ready() && api.store.is_alive().await {
        Ok(Json(json!({ "status": "ok", "database": "ok" })).into_response())
    } else {
        Err(Problem::unavailable("the database does not answer"))
    }
}

async fn when_ready(State(api): State<Api>, request: Request, next: Next) -> Response {
    if api.store.is_ready() {
        next.run(request).await
    } else {
        Problem::unavailable("the database did not answer yet").into_response()
    }
}

/// A thing as JSON, or 404.
fn found<T: serde::Serialize>(thing: Option<T>) -> Answer {
    match thing {
        Some(thing) => Ok(Json(thing).into_response()),
        None => Err(Problem::not_found("not found")),
    }
}

/// A list as JSON.
fn listed<T: super::things::Thing>(things: &super::cursor::Listed<T>) -> Response {
    Json(things.to_json()).into_response()
}
