//! What the three services have in common: listening, refusals, metrics, and the way they end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Router, ServiceExt, middleware};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tower_http::normalize_path::NormalizePathLayer;
use tower_layer::Layer as _;
use tracing::{debug, info, warn};

use crate::metrics::{Metrics, observe};
use crate::problem::Problem;
use crate::settings::Listen;

/// The longest request body, in bytes.
pub const BODY_LIMIT: usize = 128 << 10;

/// Why a service could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken, or the address is not of this machine.
    #[error("cannot listen on {at}: {cause}. Set SERVER_ADDRESS and SERVER_PORT to a free one.")]
    Listen { at: SocketAddr, cause: io::Error },
    /// The system gave no way to hear signals, or the listener broke.
    #[error("cannot go on serving: {0}")]
    Io(#[from] io::Error),
    /// Two metrics have one name.
    #[error("cannot count: {0}")]
    Metrics(#[from] prometheus::Error),
}

/// Serves these routes until the process is told to stop; then finishes what it is at, for `listen.grace` at most.
///
/// Adds `/metrics` and JSON refusals of unknown paths and methods; a path may end with a slash or not.
pub async fn serve(listen: &Listen, routes: Router, metrics: Metrics) -> Result<(), ServeError> {
    let stop = stop_signal()?;
    let listener = TcpListener::bind(listen.at).await;
    let listener = listener.map_err(|cause| ServeError::Listen { at: listen.at, cause })?;
    info!(address = %listener.local_addr()?, base = listen.base, "listening");
    let listener = listener.tap_io(|stream| {
        if let Err(cause) = stream.set_nodelay(true) {
            debug!(%cause, "cannot send without delay");
        }
    });
    let app = NormalizePathLayer::trim_trailing_slash().layer(complete(routes, metrics));
    let server = axum::serve(listener, ServiceExt::<Request>::into_make_service(app))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        ended = async { server.await } => ended?,
        () = grace(&stop, listen.grace) => warn!("some requests were not finished in time"),
    }
    info!("stopped");
    Ok(())
}

fn complete(routes: Router, metrics: Metrics) -> Router {
    let shown = metrics.clone();
    routes
        .route("/metrics", get(move || async move { shown.answer() }))
        .fallback(|| async { Problem::not_found("no such path") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path has no such method")
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(metrics, observe))
}

/// Routes under a base path, which may be empty.
pub fn under<S: Clone + Send + Sync + 'static>(base: &str, routes: Router<S>) -> Router<S> {
    if base.is_empty() {
        routes
    } else {
        Router::new().nest(base, routes)
    }
}

async fn grace(stop: &CancellationToken, time: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(time).await;
}

/// Cancelled by SIGTERM or SIGINT.
fn stop_signal() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let told = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => info!("told to stop by SIGTERM"),
            _ = interrupt.recv() => info!("told to stop by SIGINT"),
        }
        told.cancel();
    });
    Ok(token)
}
