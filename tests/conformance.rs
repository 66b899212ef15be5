//! The cases recorded from the real Chaos Toolkit, run against our `chaos`.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{root, which};

/// An interpreter that has these modules, which a runner needs; without one a test is skipped, but not in CI.
fn python(modules: &str) -> Option<PathBuf> {
    let named = std::env::var_os("CHAOS_TEST_PYTHON").map(PathBuf::from);
    let ours = root().join("target/test-venv/bin/python");
    let candidates = [named, Some(ours), which("python3")];
    let found = candidates.into_iter().flatten().find(|python| {
        let import = Command::new(python)
            .args(["-c", &format!("import {modules}")])
            .output();
        import.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must have a python3 with {modules}"
        );
        eprintln!("SKIPPED: no python3 with {modules}: pip install them to run these cases");
    }
    found
}

fn passes(python: &Path, runner: &str) {
    let run = Command::new(python)
        .arg(root().join(runner))
        .args(["--bin", env!("CARGO_BIN_EXE_chaos")])
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(run.status.success(), "{}{}", said(&run.stdout), said(&run.stderr));
}

#[test]
fn every_recorded_case_of_the_core_passes() {
    if let Some(python) = python("yaml") {
        passes(&python, "tests/conformance/core/run.py");
    }
}

/// Recorded cases of AWS activities and our own, with what they say of their IAM actions, and without Python.
#[test]
fn every_case_of_the_activities_passes() {
    if let Some(python) = python("boto3, moto.server") {
        passes(&python, "tests/activities/check.py");
    }
}
