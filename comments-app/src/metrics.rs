//! Metrics for Prometheus, at `/metrics`.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use tracing::{debug, error, warn};

use crate::problem::Problem;

/// Seconds; fine where answers usually are, and up to what a client waits.
const BUCKETS: &[f64] = &[
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// What a service counts. Clones share their numbers.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
}

impl Metrics {
    /// The metrics of HTTP requests; more can be added.
    pub fn new() -> Result<Self, prometheus::Error> {
        let requests = Opts::new("http_requests_total", "Requests that were answered");
        let seconds = HistogramOpts::new("http_request_duration_seconds", "How long answers took");
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["method", "route", "status"])?,
            seconds: HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["method", "route"])?,
            in_flight: IntGauge::new("http_requests_in_flight", "Requests that are being answered")?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.in_flight.clone()))?;
        Ok(metrics)
    }

    /// One more counter, by `label`.
    pub fn counter(
        &self,
        name: &str,
        help: &str,
        label: &'static str,
    ) -> Result<IntCounterVec, prometheus::Error> {
        let counter = IntCounterVec::new(Opts::new(name, help), &[label])?;
        self.registry.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    /// One more gauge, by `label`.
    pub fn gauge(
        &self,
        name: &str,
        help: &str,
        label: &'static str,
    ) -> Result<IntGaugeVec, prometheus::Error> {
        let gauge = IntGaugeVec::new(Opts::new(name, help), &[label])?;
        self.registry.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    /// All numbers, in Prometheus' text format.
    pub fn answer(&self) -> Response {
        match TextEncoder::new().encode_to_string(&self.registry.gather()) {
            Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
            Err(cause) => {
                error!(%cause, "cannot write the metrics");
                Problem::internal().into_response()
            }
        }
    }
}

/// Counts and logs each request.
pub async fn observe(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    // not the path itself: it holds ids, and each would be a series of its own
    let route = route.map_or("other", MatchedPath::as_str).to_owned();
    let start = Instant::now();
    let _in_flight = InFlight::new(&metrics.in_flight);
    let response = next.run(request).await;
    let seconds = start.elapsed().as_secs_f64();
    let status = response.status();
    let labels = [method.as_str(), &*route, status.as_str()];
    metrics.requests.with_label_values(&labels).inc();
    metrics.seconds.with_label_values(&labels[..2]).observe(seconds);
    if status.is_server_error() {
        warn!(%method, route, status = status.as_u16(), seconds, "request failed");
    } else {
        debug!(%method, route, status = status.as_u16(), seconds, "request");
    }
    response
}

/// Counts down again also when a client goes away before its answer.
struct InFlight(IntGauge);

impl InFlight {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
