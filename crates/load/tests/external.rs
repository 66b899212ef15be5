//! The real k6 as a process, played by a shell script that does as k6 does. Set `K6_PROGRAM` to the path of a real one
//! to have it looked at too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chaos_load::external::{ExternalEnd, ExternalError, ExternalReport, ExternalScript, ExternalTest, run};
use chaos_load::options::Options;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

/// Finds the file for the summary among its arguments, then does what the test wants.
const HEAD: &str = r#"#!/bin/sh
for word in "$@"; do
    if [ "$last" = --summary-export ]; then export_file="$word"; fi
    last="$word"
done
"#;
const SUMMARY: &str = r#"echo '{"metrics": {"iterations": {"count": 4, "rate": 2, "thresholds": {"count>5": CROSSED}}}, "root_group": {}}' > "$export_file"
"#;

struct Place(tempfile::TempDir);

impl Place {
    fn with(body: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k6");
        fs::write(&path, format!("{HEAD}{body}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn test(&self) -> ExternalTest {
        test(&self.path("k6"), self.0.path(), "export default function () {}")
    }

    async fn run(&self) -> (Result<ExternalReport, ExternalError>, Vec<String>) {
        let (sender, mut receiver) = unbounded_channel();
        let ended = run(self.test(), sender, CancellationToken::new()).await;
        let mut lines = Vec::new();
        while let Ok(line) = receiver.try_recv() {
            lines.push(line);
        }
        (ended, lines)
    }
}

fn test(program: &Path, folder: &Path, script: &str) -> ExternalTest {
    let environment = [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", "/nowhere"),
        ("OWN", "own value"),
    ];
    ExternalTest {
        program: program.to_owned(),
        script: ExternalScript::Text(script.to_owned()),
        environment: environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        folder: folder.to_owned(),
        overrides: Options::default(),
    }
}

async fn line(receiver: &mut UnboundedReceiver<String>, wanted: &str) {
    while let Some(line) = receiver.recv().await {
        if line == wanted {
            return;
        }
    }
    panic!("no line {wanted:?}");
}

#[tokio::test]
async fn a_test_that_ends_well_has_its_summary_and_its_output() {
    let place = Place::with(&format!(
        "{}echo \"out $OWN\"; echo err >&2",
        SUMMARY.replace("CROSSED", "false")
    ));
    let (ended, mut lines) = place.run().await;
    let report = ended.unwrap();
    assert_eq!((report.end, report.crossed), (ExternalEnd::Completed, Vec::new()));
    assert_eq!(report.summary["duration"], 2.0);
    lines.sort();
    assert_eq!(lines, ["err", "out own value"]);
}

#[tokio::test]
async fn crossed_thresholds_are_told() {
    let place = Place::with(&format!("{}exit 99", SUMMARY.replace("CROSSED", "true")));
    let report = place.run().await.0.unwrap();
    assert_eq!(report.end, ExternalEnd::Completed);
    assert_eq!(report.crossed, [("iterations".to_owned(), "count>5".to_owned())]);
}

#[tokio::test]
async fn a_script_that_ends_the_test_is_told_with_its_words() {
    let place = Place::with(&format!(
        "{}echo 'level=error msg=\"test aborted: no\"' >&2; exit 108",
        SUMMARY.replace("CROSSED", "false")
    ));
    let report = place.run().await.0.unwrap();
    assert_eq!(report.end, ExternalEnd::Aborted("test aborted: no".to_owned()));
    assert_eq!(report.summary["duration"], 2.0);
}

#[tokio::test]
async fn what_k6_did_not_run_is_an_error_with_its_words() {
    let place = Place::with("printf '%s\\n' 'level=error msg=\"Error: x\\n\\tat f.js\"' >&2; exit 107");
    let error = place.run().await.0.unwrap_err().to_string();
    assert!(
        error.contains("the script threw an error") && error.ends_with(": Error: x at f.js"),
        "{error}"
    );

    let place = Place::with(&format!("{}exit 107", SUMMARY.replace("CROSSED", "false")));
    let error = place.run().await.0.unwrap_err();
    assert!(matches!(error, ExternalError::Failed { summary: Some(kept), .. } if kept["duration"] == 2.0));

    let place = Place::with("exit 0");
    assert!(matches!(place.run().await.0, Err(ExternalError::Failed { .. })));

    let place = Place::with("echo nonsense > \"$export_file\"");
    assert!(matches!(place.run().await.0, Err(ExternalError::Summary(_))));

    let place = Place::with("");
    let (sender, _receiver) = unbounded_channel();
    let absent = test(&place.path("absent"), place.0.path(), "");
    let error = run(absent, sender, CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, ExternalError::NotStarted { .. }));
}

#[tokio::test]
async fn a_stopped_test_has_the_summary_so_far() {
    let place = Place::with(
        "trap 'cp summary \"$export_file\"; exit 105' INT\necho ready\nwhile :; do sleep 0.05; done",
    );
    fs::write(
        place.path("summary"),
        r#"{"metrics": {"iterations": {"count": 4, "rate": 2}}}"#,
    )
    .unwrap();
    let (sender, mut receiver) = unbounded_channel();
    let stop = CancellationToken::new();
    let running = run(place.test(), sender, stop.clone());
    let stopping = async {
        line(&mut receiver, "ready").await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(running, stopping);
    let report = ended.unwrap();
    assert_eq!(report.end, ExternalEnd::Stopped);
    assert_eq!(report.summary["metrics"]["iterations"]["count"], 4);
}

#[tokio::test]
async fn one_that_heeds_no_interrupt_is_killed() {
    let place = Place::with("trap '' INT\necho ready\nwhile :; do sleep 0.05; done");
    let (sender, mut receiver) = unbounded_channel();
    let stop = CancellationToken::new();
    let running = run(place.test(), sender, stop.clone());
    let stopping = async {
        line(&mut receiver, "ready").await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(running, stopping);
    let report = ended.unwrap();
    assert_eq!(
        (report.end, report.summary),
        (ExternalEnd::Stopped, serde_json::Value::Null)
    );
}

#[tokio::test]
async fn one_that_nobody_waits_for_is_killed_with_what_it_started() {
    let place = Place::with("sleep 600 &\necho $! > pid\necho ready\nwait");
    let (sender, mut receiver) = unbounded_channel();
    let test = place.test();
    tokio::select! {
        _ = run(test, sender, CancellationToken::new()) => panic!("it ended"),
        () = line(&mut receiver, "ready") => {}
    }
    let pid = fs::read_to_string(place.path("pid")).unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", pid.trim()));
    // gone, or dead and not yet reaped
    while fs::read_to_string(&status).is_ok_and(|text| !text.contains("State:\tZ")) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_real_k6_is_understood() {
    let Some(program) = std::env::var_os("K6_PROGRAM") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let run = async |script: &str, overrides: Options| {
        let mut test = test(Path::new(&program), folder.path(), script);
        test.overrides = overrides;
        let (sender, _receiver) = unbounded_channel();
        chaos_load::external::run(test, sender, CancellationToken::new()).await
    };
    let iterations = Options {
        vus: Some(2),
        iterations: Some(6),
        ..Options::default()
    };
    let script = "import { check } from 'k6';\nexport const options = { thresholds: { checks: ['rate>0.9'], iterations: ['count>1'] } };\n\
                  export default function () { check(__ITER, { own: () => __ENV.OWN === 'own value', never: () => false }); }";
    let report = run(script, iterations.clone()).await.unwrap();
    assert_eq!(report.crossed, [("checks".to_owned(), "rate>0.9".to_owned())]);
    let checks = &report.summary["metrics"]["checks"];
    assert_eq!(
        (&checks["passes"], &checks["fails"], &checks["rate"]),
        (&6.into(), &6.into(), &0.5.into())
    );
    assert_eq!(report.summary["metrics"]["iteration_duration"]["count"], 6);
    let aborts =
        "import exec from 'k6/execution';\nexport default function () { exec.test.abort('no more'); }";
    let report = run(aborts, iterations).await.unwrap();
    assert!(matches!(report.end, ExternalEnd::Aborted(text) if text.contains("no more")));
    let error = run("throw new Error('broken');", Options::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("Error: broken"), "{error}");
    let refused = Options {
        duration: Some(Duration::from_millis(5)),
        ..Options::default()
    };
    let error = run("export default function () {}", refused)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("it refused the options"), "{error}");
}
