//! comments-web: what people and their programs see.

mod ask;
mod form;
mod forward;
mod page;
mod thread;

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::routing::{any, get};
use serde_json::json;

use crate::metrics::Metrics;
use crate::server::{ServeError, serve};
use crate::settings::{Environment, Listen, SettingError};
use crate::upstream::{Address, Upstream};

/// A load balancer gives the page five seconds, and takes those out of service that need longer.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

/// The settings of web; README.md says what each is for.
pub struct Settings {
    listen: Listen,
    api: Address,
    timeout: Duration,
}

impl Settings {
    /// From the environment.
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let missing = SettingError::Missing {
            name: "API_URL",
            wanted: "the address of comments-api, like http://localhost:8080/api",
        };
        Ok(Self {
            listen: environment.listen(3000)?,
            api: environment.address("API_URL")?.ok_or(missing)?,
            timeout: environment.milliseconds("API_TIMEOUT_MS", 35_000)?,
        })
    }
}

/// What the handlers share.
#[derive(Clone)]
struct Web {
    api: Upstream,
    /// The same one, for what must not wait.
    quick_api: Upstream,
}

/// Serves until told to stop.
pub async fn run(settings: Settings) -> Result<(), ServeError> {
    let metrics = Metrics::new()?;
    let api = Upstream::new(settings.api, settings.timeout);
    let web = Web {
        quick_api: api.within(PAGE_PATIENCE),
        api,
    };
    serve(&settings.listen, routes(web), metrics).await
}

fn routes(web: Web) -> Router {
    let mut routes = Router::new()
        .route("/", get(page::show).post(form::comment))
        .route("/health", get(|| async { Json(json!({ "status": "ok" })) }));
    for path in [
        "/users",
        "/users/{id}",
        "/posts",
        "/posts/{id}",
        "/posts/{id}/comments",
        "/comments",
        "/comments/{id}",
    ] {
        routes = routes.route(path, any(forward::forward));
    }
    routes.with_state(web)
}
