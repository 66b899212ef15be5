//! The lab's own log, on the terminal.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Shows warnings, or with `verbose` all that the lab's crates tell.
pub fn show(verbose: bool) {
    let level = if verbose {
        LevelFilter::DEBUG
    } else {
        LevelFilter::WARN
    };
    let ours = Targets::new()
        .with_target("chaos_lab", level)
        .with_default(LevelFilter::ERROR);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .without_time();
    // a second subscriber is not needed where there is one
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
