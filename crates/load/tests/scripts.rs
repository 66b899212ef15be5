//! Every script of `tests/scripts` does what the real k6 did with it.
//!
//! `scripts/corpus.py` says what is in the files of expectations, `scripts/record.py` wrote them. The wording of errors
//! is ours; that they happen, and the script and line that they name, is compared.

#![allow(clippy::unwrap_used)]

#[path = "scripts/expectation.rs"]
mod expectation;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use chaos_load::options::Options;
use chaos_load::run::{self, End, Event, Level, LoadError, LoadTest, Report, Script};
use expectation::{Expectation, Found};
use indexmap::IndexMap;
use serde_json::{Value, json};
use support::TestServer;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Cases of the command line itself, which the binary's tests run.
const OF_THE_COMMAND_LINE: [&str; 5] = [
    "bad/bad_duration_argument",
    "bad/bad_stage_argument",
    "bad/bad_vus_argument",
    "bad/unknown_argument",
    "console/verbose",
];

/// Scripts at a time: most of them sleep.
const WORKERS: usize = 4;

/// How long init code may run: one script has an endless loop there.
const INIT: Duration = Duration::from_secs(15);

/// The memory of a user, in bytes: some scripts fill it.
const MEMORY: usize = 32 << 20;

macro_rules! topics {
    ($($topic:ident),* $(,)?) => { $(#[test] fn $topic() { all_of(stringify!($topic)); })* };
}

topics!(
    bad, console, core, crypto, data, encoding, execution, http, js, lifecycle, metrics, modules, options,
    thresholds, timers
);

#[test]
fn every_folder_of_scripts_is_run() {
    let known = "bad console core crypto data encoding execution http js lifecycle metrics modules options thresholds timers";
    let mut found: Vec<String> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir() && entry.file_name() != "__pycache__")
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found.join(" "), known);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

fn all_of(topic: &str) {
    let server = TestServer::start();
    let queue = Mutex::new(scripts(topic));
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(script) = next(&queue) {
                    let found = compare(&script, &server);
                    differences.lock().unwrap().extend(found);
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn next(queue: &Mutex<Vec<PathBuf>>) -> Option<PathBuf> {
    queue.lock().unwrap().pop()
}

/// Scripts with an expectation beside them; the others are modules that they import.
fn scripts(topic: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join(topic))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "js") && path.with_extension("json").exists())
        .filter(|path| !OF_THE_COMMAND_LINE.contains(&name(path).as_str()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no scripts in {topic}");
    found
}

fn name(script: &Path) -> String {
    let relative = script.strip_prefix(root()).unwrap().with_extension("");
    relative.to_str().unwrap().to_owned()
}

fn compare(script: &Path, server: &TestServer) -> Vec<String> {
    let expectation = Expectation::read(&script.with_extension("json"));
    let found = play(script, &expectation, server);
    let differences = expectation.differences(&found);
    differences
        .iter()
        .map(|d| format!("{}: {d}", name(script)))
        .collect()
}

/// Runs one script on a runtime of its own.
fn play(script: &Path, expectation: &Expectation, server: &TestServer) -> Found {
    let secure = server.https_url("").replace("localhost", "127.0.0.1");
    let mut env: IndexMap<String, String> = expectation.env();
    env.insert("BASE_URL".into(), format!("http://{}", server.http));
    env.insert("SECURE_URL".into(), secure.clone());
    let mut test = LoadTest::new(Script::File(script.to_owned()));
    test.env = env;
    test.limits.init = INIT;
    test.limits.user_memory = MEMORY;
    test.overrides = overrides(&expectation.arguments());
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(run::run(test, sender, CancellationToken::new()));
    let mut events = Vec::new();
    while let Ok(event) = receiver.try_recv() {
        events.push(event);
    }
    found(events, result).cleaned(&server.http.to_string(), &secure, script)
}

/// The options that stand for arguments of the command line.
fn overrides(arguments: &[String]) -> Options {
    let mut options = json!({});
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("the argument has a value").clone();
        match argument.as_str() {
            "--vus" => options["vus"] = json!(value().parse::<u64>().unwrap()),
            "--iterations" => options["iterations"] = json!(value().parse::<u64>().unwrap()),
            "--duration" => options["duration"] = json!(value()),
            "--stage" | "-s" => stage(&mut options, &value()),
            "--tag" => {
                let text = value();
                let (tag, of) = text.split_once('=').unwrap();
                options["tags"] = json!({ tag: of });
            }
            "--no-setup" => options["noSetup"] = json!(true),
            "--no-teardown" => options["noTeardown"] = json!(true),
            "--no-thresholds" => options["thresholds"] = json!({}),
            "--throw" => options["throw"] = json!(true),
            other => panic!("{other} belongs to the cases of the command line"),
        }
    }
    Options::from_json(&options).expect("the arguments are good")
}

fn stage(options: &mut Value, text: &str) {
    let (duration, target) = text.split_once(':').unwrap();
    let stage = json!({ "duration": duration, "target": target.parse::<u64>().unwrap() });
    match options["stages"].as_array_mut() {
        Some(stages) => stages.push(stage),
        None => options["stages"] = json!([stage]),
    }
}

fn found(events: Vec<Event>, result: Result<Report, LoadError>) -> Found {
    let mut found = Found::default();
    for event in events {
        match event {
            // Hidden without --verbose.
            Event::Console {
                level: Level::Debug, ..
            } => {}
            Event::Console { level, text } => found.console.push(format!("{} {text}", level.name())),
            Event::Trouble { text, .. } | Event::Warning(text) => found.log.push(text),
            Event::Started { .. } | Event::Progress { .. } => {}
        }
    }
    match result {
        Err(error) => {
            found.exit = error.exit_code().into();
            found.log.push(error.to_string());
        }
        Ok(report) => {
            found.exit = report.exit_code().into();
            if let End::Aborted(abort) = &report.end {
                found.log.push(abort.reason.clone());
            }
            let crossed = report.summary.crossed();
            if !crossed.is_empty() {
                let names: BTreeSet<&str> = crossed.iter().map(|one| one.metric.as_str()).collect();
                let names = names.into_iter().collect::<Vec<_>>().join(", ");
                found
                    .log
                    .push(format!("thresholds on metrics '{names}' have been crossed"));
            }
            found.summary = report.summary.export();
            found.outputs = outputs(report);
        }
    }
    found
}

/// What `handleSummary` wrote, by its target.
fn outputs(report: Report) -> Option<BTreeMap<String, String>> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let outputs = report.outputs?.into_iter();
    Some(outputs.map(|(target, bytes)| (target, text(bytes))).collect())
}
