//! Parts of a document that have the wrong form are refused, rather than read as if they were not there.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use chaos_engine::value::{Value, json};
use common::{Folder, chaos};

const HEAD: &str = "title: t\ndescription: d\n";

/// The exit code and what was said.
fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let all = [&["--no-version-check"], arguments].concat();
    let output = chaos(folder, &all).output().unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn with(body: &str) -> Folder {
    let folder = Folder::new();
    folder.write("experiment.yaml", &format!("{HEAD}{body}"));
    folder
}

#[test]
fn validation_refuses_what_would_have_no_effect() {
    let activity = |more: &str| {
        format!("method: [{{type: action, name: a, provider: {{type: process, path: 'true'}}, {more}}}]\n")
    };
    for (body, words) in [
        (activity("pauses: '${wait}'"), "pauses"),
        (activity("pauses: [1]"), "pauses"),
        (activity("controls: c"), "controls"),
        (activity("controls: [c]"), "controls"),
        (activity("controls: [{name: c, provider: p}]"), "provider"),
        (activity("controls: [{ref: c, name: c}]"), "control 'c'"),
        (
            "method: [{type: action, name: [a], provider: {type: process, path: 'true'}}]".to_owned(),
            "name",
        ),
        ("secrets: {token: hush}\nmethod: []\n".to_owned(), "secrets.token"),
        (
            "configuration: {v: {type: probe, name: n}}\nmethod: []\n".to_owned(),
            "configuration.v.provider",
        ),
    ] {
        let (code, said) = run(&with(&body), &["validate", "experiment.yaml"]);
        assert_eq!(code, Some(1), "{body}: {said}");
        assert!(said.contains(words) && !said.contains("hush"), "{body}: {said}");
    }
    for fine in [
        "pauses: ~",
        "pauses: {}",
        "controls: ~",
        "controls: []",
        "controls: {}",
    ] {
        let (code, said) = run(&with(&activity(fine)), &["validate", "experiment.yaml"]);
        assert_eq!(code, Some(0), "{fine}: {said}");
    }
}

#[test]
fn a_runtime_block_that_is_no_mapping_names_no_strategy() {
    for runtime in ["skip", "{hypothesis: skip}", "{rollbacks: [always]}"] {
        let folder = with(&format!("method: []\nruntime: {runtime}\n"));
        let (code, said) = run(&folder, &["run", "experiment.yaml"]);
        assert_eq!(code, Some(1), "{runtime}: {said}");
        assert!(said.contains("must be a mapping"), "{said}");
        assert!(!folder.path("journal.json").exists());
    }
    let (code, said) = run(&with("method: []\nruntime: {}\n"), &["run", "experiment.yaml"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_dynamic_entry_of_an_unknown_provider_is_left_out() {
    let folder = with(
        "configuration: {v: {type: probe, name: n, provider: {type: magic}}}\n\
         method: [{type: action, name: a, provider: {type: process, path: echo, arguments: ['${v}']}}]\n",
    );
    let (code, said) = run(&folder, &["run", "experiment.yaml"]);
    assert_eq!(code, Some(0), "{said}");
    let journal = json::parse(&folder.read("journal.json")).unwrap();
    let first = journal.get("run").and_then(Value::as_list).unwrap()[0].clone();
    let stdout = first.get("output").and_then(|output| output.get("stdout"));
    assert_eq!(stdout.and_then(Value::as_str), Some("${v}\n"));
}

#[test]
fn a_continuous_hypothesis_is_checked_once_however_short_the_method_is() {
    let folder = with(
        "steady-state-hypothesis:\n  title: h\n  probes:\n  \
         - {type: probe, name: p, tolerance: 0, provider: {type: process, path: 'true'}}\nmethod: []\n",
    );
    let strategy = ["--hypothesis-strategy", "during-method-only"];
    let (code, said) = run(&folder, &[&["run"], &strategy[..], &["experiment.yaml"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let journal = json::parse(&folder.read("journal.json")).unwrap();
    let during = journal
        .get("steady_states")
        .and_then(|states| states.get("during"));
    assert_eq!(during.and_then(Value::as_list).map(<[Value]>::len), Some(1));
}
