//! With the engine of this crate.

use std::path::Path;

use chaos_load::run::{End, LoadTest, Script, run as run_test};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn run(script: &Path, settings: &[(&str, &str)]) -> Result<Value, String> {
    let mut test = LoadTest::new(Script::File(script.to_owned()));
    test.env = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    // kept until the end: a closed channel must not matter, but a full story is easier to read
    let (events, _story) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime
        .block_on(run_test(test, events, CancellationToken::new()))
        .map_err(|error| error.to_string())?;
    assert!(matches!(report.end, End::Completed));
    Ok(report.summary.export())
}

#[test]
fn journey() {
    super::journey(run);
}

#[test]
fn spam() {
    super::spam(run);
}

#[test]
fn crossed_thresholds() {
    super::crossed_thresholds(run);
}

#[test]
fn mistakes() {
    super::mistakes(run);
}
