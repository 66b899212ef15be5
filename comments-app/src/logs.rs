//! Logs: one JSON object a line, on standard output.

use tracing::level_filters::LevelFilter;

/// Logs from this level on. A second start in one process keeps the first.
pub fn start(level: LevelFilter) {
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(level)
        .try_init();
}
