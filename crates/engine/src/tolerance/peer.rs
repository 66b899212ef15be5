//! Runs the reference implementations that some tests compare with.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use crate::value::{Value, json};

/// Runs `program` with `CHAOS_TEST_PYTHON`, or else `python3`. It reads JSON from its standard input and writes
/// JSON to its standard output: `null` when it lacks a library or has another version. `None`, and a note, when
/// there is no such Python or it does not fit.
pub(super) fn ask(program: &str, question: &Value) -> Option<Value> {
    let python = std::env::var("CHAOS_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let answer = start(&python, program).map(|child| finish(child, json::compact(question)));
    if matches!(answer, None | Some(Value::Null)) {
        eprintln!(
            "skipped: {python} is missing, has another version or lacks a library; set CHAOS_TEST_PYTHON to one that fits"
        );
        return None;
    }
    answer
}

fn start(python: &str, program: &str) -> Option<Child> {
    Command::new(python)
        .args(["-W", "ignore", "-X", "utf8", "-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()
}

fn finish(mut child: Child, question: String) -> Value {
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(question.as_bytes()));
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    // a program that does not read its question says why on its standard error
    let _ = writer.join().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    json::parse(std::str::from_utf8(&stdout).unwrap()).unwrap()
}
