//! The activities with an external engine that is played by a shell script: what they ask of it, and what they make of
//! its answer.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::rc::Rc;

use chaos_engine::activity::{ActivityError, Catalogue, Context, Failure};
use chaos_engine::host::Host;
use chaos_engine::value::{Map, Value};
use serde_json::json;

/// Notes its arguments and the script that it is given, and answers with the file `summary`.
const FAKE: &str = r#"#!/bin/sh
for word in "$@"; do
    if [ "$last" = --summary-export ]; then export_file="$word"; fi
    if [ "${word#/tmp}" = "$word" ]; then echo "$word" >> arguments; fi
    last="$word"
done
cp "$last" script
env > environment
cp summary "$export_file"
echo 'the output'
exit $(cat status)
"#;

struct Place {
    folder: tempfile::TempDir,
    host: Host,
}

impl Place {
    fn new(summary: serde_json::Value, status: i32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("own-k6");
        fs::write(&program, FAKE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.path().join("summary"), summary.to_string()).unwrap();
        fs::write(folder.path().join("status"), status.to_string()).unwrap();
        fs::write(folder.path().join("journey.js"), "export default function () {}").unwrap();
        let mut host = Host {
            cwd: folder.path().to_owned(),
            ..Host::default()
        };
        host.set_var("PATH", "/usr/bin:/bin");
        host.set_var("CHAOS_K6", program.to_str().unwrap());
        Self { folder, host }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    async fn run(&self, name: &str, arguments: serde_json::Value) -> Result<Value, ActivityError> {
        let catalogue = super::register(Catalogue::new());
        let (module, function) = name.rsplit_once('.').unwrap();
        let entry = *catalogue.get(module, function).expect(name);
        let arguments = map(arguments);
        if let Err(error) = entry.check(&arguments) {
            return Err(ActivityError::failed(error.to_string()));
        }
        let context = Context::new(Rc::default(), Rc::default(), Rc::new(self.host.clone()), 0);
        tokio::task::LocalSet::new()
            .run_until(entry.run(arguments, context))
            .await
    }

    async fn failure(&self, name: &str, arguments: serde_json::Value) -> Failure {
        match self.run(name, arguments).await {
            Err(ActivityError::Failed(failure) | ActivityError::FailedWith(failure, _)) => failure,
            other => panic!("not a failure: {other:?}"),
        }
    }
}

fn map(json: serde_json::Value) -> Map {
    Value::from(json).as_map().unwrap().clone()
}

fn iterations(crossed: bool) -> serde_json::Value {
    json!({"metrics": {"iterations": {"count": 4, "rate": 2, "thresholds": {"count>5": crossed}}}, "root_group": {}})
}

fn failures(failed: u64, others: u64) -> serde_json::Value {
    json!({"metrics": {"failures": {"passes": failed, "fails": others, "value": 0}}, "root_group": {}})
}

#[tokio::test]
async fn a_script_runs_with_the_load_of_the_arguments() {
    let place = Place::new(iterations(false), 0);
    let arguments = json!({
        "script_path": "journey.js", "vus": "3", "stages": [{"duration": 10, "target": 5}], "log_file": "load.log",
        "debug": "false", "environ": {"TARGET": "http://x", "SIZE": 5},
    });
    let summary = place
        .run("chaosgrafana.k6.actions.run_script", arguments)
        .await
        .unwrap();
    assert_eq!(summary.get("duration"), Some(&Value::Float(2.0)));
    let words = place.read("arguments");
    assert!(words.contains("--vus\n3\n--stage\n10s:5\n"), "{words}");
    assert!(!words.contains("--duration"), "{words}");
    let environment = place.read("environment");
    assert!(
        environment.contains("TARGET=http://x\n") && environment.contains("SIZE=5\n"),
        "{environment}"
    );
    assert_eq!(place.read("load.log"), "the output\n");
}

#[tokio::test]
async fn crossed_thresholds_fail_the_activity_and_the_summary_is_kept() {
    let place = Place::new(iterations(true), 99);
    for name in ["chaosk6.actions.run_script", "chaosk6.actions.runScript"] {
        let failed = place.run(name, json!({"script_path": "journey.js"})).await;
        let Err(ActivityError::FailedWith(failure, summary)) = failed else {
            panic!("{failed:?}");
        };
        assert_eq!(failure.message, "thresholds were crossed: iterations (count>5)");
        let kept = serde_json::to_value(*summary).unwrap();
        assert_eq!(kept["metrics"]["iterations"]["count"], 4);
    }
    let aborted = Place::new(iterations(false), 108);
    let failure = aborted
        .failure("chaosk6.actions.run_script", json!({"script_path": "journey.js"}))
        .await;
    assert!(
        failure.message.starts_with("the script ended the test"),
        "{}",
        failure.message
    );
}

#[tokio::test]
async fn an_endpoint_is_called_for_a_second_unless_told_otherwise() {
    let place = Place::new(failures(3, 5), 0);
    let name = "chaosgrafana.k6.actions.stress_endpoint";
    let summary = place
        .run(name, json!({"endpoint": "http://127.0.0.1/"}))
        .await
        .unwrap();
    assert!(summary.get("metrics").is_some());
    assert!(place.read("arguments").contains("--vus\n1\n--duration\n1s\n"));
    assert!(
        place
            .read("environment")
            .contains("CHAOS_K6_URL=http://127.0.0.1/\n")
    );
    assert!(place.read("script").contains("http.get(__ENV.CHAOS_K6_URL)"));

    fs::remove_file(place.path("arguments")).unwrap();
    let name = "chaosk6.actions.stressEndpoint";
    place
        .run(
            name,
            json!({"endpoint": "http://127.0.0.1/", "vus": 2, "iterations": 9}),
        )
        .await
        .unwrap();
    let words = place.read("arguments");
    assert!(
        words.contains("--vus\n2\n--iterations\n9\n") && !words.contains("--duration"),
        "{words}"
    );
}

#[tokio::test]
async fn the_probe_is_true_only_when_all_answers_are_as_expected() {
    let cases = [
        (0, 5, 0, true),
        (1, 5, 0, false),
        (1, 5, 99, false),
        (0, 0, 0, false),
    ];
    for (failed, others, status, expected) in cases {
        let place = Place::new(failures(failed, others), status);
        let found = place
            .run("chaosk6.probes.http", json!({"endpoint": "http://127.0.0.1/"}))
            .await;
        assert_eq!(found, Ok(expected.into()), "{failed} failed, {others} did not");
    }
    let nothing = Place::new(json!({"metrics": {}}), 0);
    let found = nothing
        .run("chaosk6.probes.http", json!({"endpoint": "http://127.0.0.1/"}))
        .await;
    assert_eq!(found, Ok(false.into()));
}

#[tokio::test]
async fn the_probe_makes_the_request_it_was_told() {
    let place = Place::new(failures(0, 1), 0);
    let arguments = json!({
        "endpoint": "http://127.0.0.1/a?b=</script>", "method": "post", "status": "302", "body": "{\"a\": \"'\"}",
        "headers": {"X-Count": 5}, "vus": 4, "duration": "", "timeout": 2,
    });
    place.run("chaosgrafana.k6.probes.http", arguments).await.unwrap();
    let script = place.read("script");
    let line = script
        .lines()
        .find_map(|line| line.strip_prefix("const probe = "))
        .unwrap();
    let probe: serde_json::Value = serde_json::from_str(line.trim_end_matches(';')).unwrap();
    assert_eq!(
        (&probe["method"], &probe["status"], &probe["body"]),
        (&"POST".into(), &302.into(), &"{\"a\": \"'\"}".into())
    );
    assert_eq!(
        probe["parameters"],
        json!({"headers": {"X-Count": "5"}, "timeout": 2000.0, "redirects": 0})
    );
    let scenario = &probe["options"]["scenarios"]["probe"];
    assert_eq!(
        (&scenario["executor"], &scenario["vus"]),
        (&"per-vu-iterations".into(), &4.into())
    );
    let plans = crate::options::Options::from_json(&probe["options"])
        .unwrap()
        .plan()
        .unwrap();
    assert_eq!(
        plans[0].describe(),
        "1 iterations for each of 4 VUs (maxDuration: 7s)"
    );

    place
        .run(
            "chaosk6.probes.http",
            json!({"endpoint": "http://a/", "duration": "20s"}),
        )
        .await
        .unwrap();
    assert!(place.read("script").contains("\"duration\":\"20s\""));
}

#[tokio::test]
async fn wrong_arguments_are_told() {
    let place = Place::new(failures(0, 1), 0);
    let probe = "chaosk6.probes.http";
    let cases = [
        (
            probe,
            json!({"endpoint": "here"}),
            "the endpoint \"here\" is not an address",
        ),
        (probe, json!({"endpoint": "ftp://a/"}), "is not an address"),
        (
            probe,
            json!({"endpoint": "http://a/", "status": 99}),
            "the expected status 99 is not one from 100 to 999",
        ),
        (
            probe,
            json!({"endpoint": "http://a/", "method": "FETCH"}),
            "the method \"FETCH\" is not one of GET",
        ),
        (
            probe,
            json!({"endpoint": "http://a/", "timeout": 0}),
            "the timeout must be more than 0",
        ),
        (
            probe,
            json!({"endpoint": "http://a/", "duration": "soon"}),
            "the duration \"soon\" is not one",
        ),
        (
            probe,
            json!({"endpoint": "http://a/", "vus": "many"}),
            "\"many\" is not a whole number",
        ),
        (probe, json!({}), "argument `endpoint`"),
        (
            "chaosk6.actions.run_script",
            json!({"script_path": "a.js", "stages": "5"}),
            "stages: \"5\" is not a stage",
        ),
        (
            "chaosk6.actions.run_script",
            json!({"script_path": "a.js", "duration": "5x"}),
            "\"5x\" is not a duration",
        ),
        (
            "chaosk6.actions.run_script",
            json!({"script_path": "a.js", "vuss": 1}),
            "did you mean `vus`",
        ),
        (
            "chaosk6.actions.run_script",
            json!({"script_path": "a.js", "log_file": "no/such/folder"}),
            "cannot be created",
        ),
    ];
    for (name, arguments, expected) in cases {
        let message = place.failure(name, arguments.clone()).await.message;
        assert!(message.contains(expected), "{arguments}: {message}");
    }
}

#[tokio::test]
async fn the_engine_is_chosen_by_argument_or_by_variable() {
    let mut place = Place::new(iterations(false), 0);
    let run = "chaosk6.actions.run_script";
    let native = place
        .run(run, json!({"script_path": "absent.js", "engine": "native"}))
        .await;
    assert!(native.is_err());
    assert!(!place.path("arguments").exists());
    place.host.set_var("CHAOS_K6", "");
    let failure = place
        .failure(run, json!({"script_path": "journey.js", "engine": "k6"}))
        .await;
    assert!(
        failure.message.contains("`k6` is not an executable file"),
        "{}",
        failure.message
    );
    fs::rename(place.path("own-k6"), place.path("k6")).unwrap();
    place
        .host
        .set_var("PATH", format!("{}:/usr/bin:/bin", place.folder.path().display()));
    place
        .run(run, json!({"script_path": "journey.js", "engine": "k6"}))
        .await
        .unwrap();
}

/// The activity is cancelled as the run does it: its future is dropped.
#[tokio::test]
async fn a_cancelled_activity_stops_the_load_and_logs_what_there_is() {
    let place = Place::new(iterations(false), 0);
    let slow = "#!/bin/sh\ntrap 'echo stopped; exit 105' INT\necho ready\nwhile :; do sleep 0.05; done\n";
    fs::write(place.path("own-k6"), slow).unwrap();
    let arguments = map(json!({"script_path": "journey.js", "log_file": "load.log"}));
    let catalogue = super::register(Catalogue::new());
    let entry = *catalogue.get("chaosk6.actions", "run_script").unwrap();
    let context = Context::new(Rc::default(), Rc::default(), Rc::new(place.host.clone()), 0);
    let log = place.path("load.log");
    let seen = async |wanted: &str| {
        while !fs::read_to_string(&log).unwrap_or_default().contains(wanted) {
            tokio::task::yield_now().await;
        }
    };
    let local = tokio::task::LocalSet::new();
    let cancelled = async {
        tokio::select! {
            _ = entry.run(arguments, context) => panic!("it ended"),
            () = seen("ready") => {}
        }
        seen("stopped").await;
    };
    local.run_until(cancelled).await;
}

/// Answers every request with 200, until it is dropped.
async fn server() -> (u16, tokio::task::JoinHandle<()>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            let _ = stream.write_all(answer).await;
        }
    });
    (port, serving)
}

/// Only where `K6_PROGRAM` names a real k6.
#[tokio::test]
async fn the_real_k6_takes_the_scripts_of_the_activities() {
    let Some(program) = std::env::var_os("K6_PROGRAM") else {
        return;
    };
    let mut place = Place::new(json!({}), 0);
    place.host.set_var("CHAOS_K6", program.to_str().unwrap());
    let (port, serving) = server().await;
    let endpoint = format!("http://127.0.0.1:{port}/");
    let probe = "chaosk6.probes.http";
    let good = json!({"endpoint": endpoint, "vus": 3, "method": "POST", "body": "{}"});
    assert_eq!(place.run(probe, good).await, Ok(true.into()));
    let for_a_while = json!({"endpoint": endpoint, "vus": 2, "duration": 1});
    assert_eq!(place.run(probe, for_a_while).await, Ok(true.into()));
    let other_status = json!({"endpoint": endpoint, "status": 302});
    assert_eq!(place.run(probe, other_status).await, Ok(false.into()));
    let stress = json!({"endpoint": endpoint, "vus": 2, "log_file": "load.log"});
    let summary = place
        .run("chaosk6.actions.stress_endpoint", stress)
        .await
        .unwrap();
    let failures = summary.get("metrics").and_then(|metrics| metrics.get("failures"));
    assert_eq!(
        failures.and_then(|failures| failures.get("rate")),
        Some(&Value::Int(0))
    );
    assert!(place.read("load.log").contains("TOTAL RESULTS"));
    serving.abort();
    let _ = serving.await;
    let refused = json!({"endpoint": endpoint});
    assert_eq!(place.run(probe, refused).await, Ok(false.into()));
}
