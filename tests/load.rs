//! `chaos load`, and load in an experiment, as a user has them.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use common::{Ended, Folder, Live, chaos, run};
use rustix::process::Signal;
use serde_json::Value;

fn folder(script: &str) -> Folder {
    let folder = Folder::new();
    folder.write("script.js", script);
    folder
}

fn load(folder: &Folder, arguments: &[&str]) -> Ended {
    run(&mut chaos(folder, &[&["load", "script.js"], arguments].concat()))
}

fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&folder.read(name)).unwrap()
}

/// Answers every request with 200 until it is dropped with the process; the address.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    format!("http://{address}/")
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        if line == "\r\n" {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
        }
        line.clear();
    }
    Ok(())
}

#[test]
fn a_script_ends_with_the_summary_and_its_export() {
    let folder = folder(
        "import { check } from 'k6';
         export default function () { check(__ENV.WORD, { said: (word) => word === 'hello' }); console.log('here'); }",
    );
    let output = load(
        &folder,
        &[
            "--vus",
            "2",
            "-i",
            "4",
            "-e",
            "WORD=hello",
            "--summary-export",
            "out.json",
        ],
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let summary = output.stdout;
    assert!(
        summary.contains("checks_succeeded...: 100.00% 4 out of 4"),
        "{summary}"
    );
    assert!(summary.contains("✓ said"), "{summary}");
    assert_eq!(output.stderr.matches("here").count(), 4);
    assert_eq!(json(&folder, "out.json")["metrics"]["iterations"]["count"], 4);
}

#[test]
fn exit_codes_are_those_of_k6() {
    let body = "export default function () {}";
    let threshold = "import { Counter } from 'k6/metrics'; const c = new Counter('mine');
        export const options = { thresholds: { mine: ['count>1'] } }; export default function () { c.add(1); }";
    let abort = "import exec from 'k6/execution'; export default function () { exec.test.abort('enough'); }";
    let fail = "import exec from 'k6/execution'; export default function () { exec.test.fail('bad'); }";
    for (script, arguments, code, word) in [
        (body, &[][..], 0, ""),
        (threshold, &[], 99, "mine: count>1"),
        (threshold, &["--no-thresholds"], 0, ""),
        ("export default function ( {}", &[], 107, "script.js:1"),
        ("throw new Error('early'); export default 1", &[], 107, "early"),
        (
            "export function setup() { throw new Error('no user') }\nexport default function () {}",
            &[],
            107,
            "no user",
        ),
        (
            "export const options = { duration: '5x' }; export default function () {}",
            &[],
            104,
            "options.duration",
        ),
        (
            "export const options = { thresholds: { vus: ['p(95'] } }; export default function () {}",
            &[],
            104,
            "p(95",
        ),
        (
            "import 'k6/browser'; export default function () {}",
            &[],
            107,
            "k6/browser is not supported",
        ),
        (
            "import 'https://example.com/x.js'; export default function () {}",
            &[],
            107,
            "not imported from URLs",
        ),
        (abort, &[], 108, "enough"),
        (fail, &[], 110, "bad"),
        (body, &["--vus", "many"], 2, "--vus"),
    ] {
        let output = load(&folder(script), arguments);
        let told = output.stderr;
        assert_eq!(output.code, Some(code), "{script}: {told}");
        assert!(told.contains(word), "{script}: {told}");
    }
    let output = run(&mut chaos(&Folder::new(), &["load", "nowhere.js"]));
    assert!(output.stderr.contains("nowhere.js"), "{}", output.stderr);
    assert_ne!(output.code, Some(0));
}

#[test]
fn what_handle_summary_returns_is_shown_and_written() {
    let folder = folder(
        "export default function () {}
         export function handleSummary(data) {
           return { stdout: `iterations: ${data.metrics.iterations.values.count}`, 'out.txt': 'written' };
         }",
    );
    let output = load(&folder, &["-i", "3"]);
    assert_eq!(output.stdout, "iterations: 3");
    assert_eq!(folder.read("out.txt"), "written");
}

fn interrupted_at(word: &str, folder: &Folder, arguments: &[&str]) -> Ended {
    let live = Live::start(chaos(folder, arguments), folder);
    live.wait_for(word);
    live.signal(Signal::INT);
    live.end()
}

#[test]
fn an_interrupt_ends_the_load_but_not_the_teardown() {
    let folder = folder(
        "import { sleep } from 'k6';
         export const options = { vus: 5, duration: '10m' };
         export default function () { console.log('at it'); sleep(600); }
         export function teardown() { console.log('cleaned up'); }",
    );
    let arguments = ["load", "script.js", "--summary-export", "out.json"];
    let ended = interrupted_at("at it", &folder, &arguments);
    assert_eq!(ended.code, Some(105), "{}", ended.stderr);
    assert!(ended.stderr.contains("cleaned up"), "{}", ended.stderr);
    assert!(json(&folder, "out.json")["metrics"].is_object());
}

fn experiment(folder: &Folder, arguments: &Value) {
    let experiment = serde_json::json!({
        "title": "load", "description": "load",
        "method": [{
            "type": "action", "name": "users",
            "provider": {"type": "python", "module": "chaosgrafana.k6.actions", "func": "run_script", "arguments": arguments},
        }],
        "rollbacks": [{
            "type": "action", "name": "undo", "provider": {"type": "process", "path": "true"},
        }],
    });
    folder.write("experiment.json", &experiment.to_string());
}

fn record(journal: &Value) -> &Value {
    &journal["run"][0]
}

fn requests(journal: &Value) -> u64 {
    record(journal)["output"]["metrics"]["http_reqs"]["count"]
        .as_u64()
        .unwrap()
}

const ALWAYS: [&str; 4] = ["run", "--rollback-strategy", "always", "experiment.json"];

const CALLER: &str = "import http from 'k6/http'; import { sleep } from 'k6';
    export const options = { thresholds: { http_reqs: [__ENV.LIMIT || 'count>0'] } };
    export default function () { http.get(__ENV.TARGET); console.log('called'); sleep(Number(__ENV.PAUSE || 0)); }";

#[test]
fn an_experiment_has_the_summary_in_its_journal() {
    let folder = folder(CALLER);
    experiment(
        &folder,
        &serde_json::json!({"script_path": "script.js", "iterations": 6, "vus": "2", "environ": {"TARGET": server()}}),
    );
    let output = run(&mut chaos(&folder, &["run", "experiment.json"]));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let journal = json(&folder, "journal.json");
    assert_eq!(
        (requests(&journal), &record(&journal)["status"]),
        (6, &"succeeded".into())
    );
}

#[test]
fn a_crossed_threshold_fails_the_activity_and_rollbacks_follow() {
    let folder = folder(CALLER);
    let arguments = serde_json::json!({
        "script_path": "script.js", "iterations": 2, "environ": {"TARGET": server(), "LIMIT": "count>5"},
    });
    experiment(&folder, &arguments);
    run(&mut chaos(&folder, &ALWAYS));
    let journal = json(&folder, "journal.json");
    assert_eq!(
        (requests(&journal), &record(&journal)["status"]),
        (2, &"failed".into())
    );
    assert!(
        record(&journal)["exception"]
            .to_string()
            .contains("http_reqs (count>5)")
    );
    assert_eq!(journal["rollbacks"][0]["status"], "succeeded");
}

#[test]
fn a_script_that_cannot_run_fails_the_activity_and_rollbacks_follow() {
    for (script, word) in [
        ("export default function ( {}", "SyntaxError"),
        (
            "const all = []; for (;;) all.push(new Array(1e6).fill(1)); export default function () {}",
            "out of memory",
        ),
        (
            "export default function () { const all = []; for (;;) all.push('x'.repeat(1e6) + all.length); }",
            "memory",
        ),
    ] {
        let folder = folder(script);
        experiment(&folder, &serde_json::json!({"script_path": "script.js"}));
        run(&mut chaos(&folder, &ALWAYS));
        let journal = json(&folder, "journal.json");
        assert_eq!(record(&journal)["status"], "failed", "{script}");
        let exception = record(&journal)["exception"].to_string();
        assert!(exception.contains(word), "{script}: {exception}");
        assert_eq!(journal["rollbacks"][0]["status"], "succeeded", "{script}");
    }
}

#[test]
fn an_interrupted_experiment_still_has_the_summary_so_far() {
    let folder = folder(CALLER);
    let arguments = serde_json::json!({
        "script_path": "script.js", "duration": "10m", "debug": true, "environ": {"TARGET": server(), "PAUSE": "600"},
    });
    experiment(&folder, &arguments);
    let ended = interrupted_at("called", &folder, &["run", "experiment.json"]);
    let told = ended.stderr;
    assert_eq!(ended.code, Some(1), "{told}");
    let journal = json(&folder, "journal.json");
    assert_eq!(journal["status"], "interrupted");
    assert_eq!(requests(&journal), 1, "{told}");
}

#[test]
fn the_library_scripts_load() {
    for script in ["journey.js", "spam.js"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("library/load-generation")
            .join(script);
        let folder = folder("");
        let closed = "COMMENTS_URL=http://127.0.0.1:9";
        let output = run(&mut chaos(
            &folder,
            &["load", path.to_str().unwrap(), "-e", closed],
        ));
        let told = output.stderr;
        assert_eq!(
            output.code,
            Some(107),
            "nothing answers, so that setup has to fail: {told}"
        );
        assert!(told.contains("setup() failed"), "{told}");
    }
}
