//! With the real k6: `CHAOS_K6=/path/to/k6 cargo test -p chaos-load --test library_scripts -- --ignored`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// k6 ends with this status when a threshold was crossed.
const THRESHOLDS_CROSSED: i32 = 99;

fn run(script: &Path, settings: &[(&str, &str)]) -> Result<Value, String> {
    let program = std::env::var_os("CHAOS_K6").unwrap_or_else(|| "k6".into());
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("summary.json");
    let mut command = Command::new(program);
    command
        .args(["run", "--quiet", "--address", "", "--summary-export"])
        .arg(&export)
        .arg(script);
    let output = command.envs(settings.iter().copied()).output().unwrap();
    if !output.status.success() && output.status.code() != Some(THRESHOLDS_CROSSED) {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&std::fs::read(export).unwrap()).map_err(|error| error.to_string())
}

#[test]
#[ignore = "needs the real k6"]
fn journey() {
    super::journey(run);
}

#[test]
#[ignore = "needs the real k6"]
fn spam() {
    super::spam(run);
}

#[test]
#[ignore = "needs the real k6"]
fn crossed_thresholds() {
    super::crossed_thresholds(run);
}

#[test]
#[ignore = "needs the real k6"]
fn mistakes() {
    super::mistakes(run);
}
