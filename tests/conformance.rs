//! The cases recorded from the real Chaos Toolkit, run against our `chaos`.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::{root, which};

/// An interpreter that has PyYAML, which the runner needs.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("CHAOS_TEST_PYTHON").map(PathBuf::from);
    let ours = root().join("target/test-venv/bin/python");
    let candidates = [named, Some(ours), which("python3")];
    candidates.into_iter().flatten().find(|python| {
        let import = Command::new(python).args(["-c", "import yaml"]).output();
        import.is_ok_and(|output| output.status.success())
    })
}

#[test]
fn every_recorded_case_of_the_core_passes() {
    let Some(python) = python() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must have a python3 with PyYAML"
        );
        eprintln!("SKIPPED: no python3 with PyYAML; pip install pyyaml to run the conformance suite");
        return;
    };
    let suite = root().join("tests/conformance/core/run.py");
    let run = Command::new(python)
        .arg(suite)
        .args(["--bin", env!("CARGO_BIN_EXE_chaos")])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}
