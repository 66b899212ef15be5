//! A cancelled test ends, whatever its users are at, and still reports.

mod support;

use std::time::Duration;

use chaos_load::run::{End, Event, LoadTest, Report, Script, run};
use support::TestServer;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Nobody waits for so long; only a test that hangs gets here.
const HANGS: Duration = Duration::from_secs(60);

/// Runs a script until it has run for some seconds, then cancels it.
async fn cancelled(script: &str, vus: u64) -> Report {
    let mut test = LoadTest::new(Script::Text {
        name: "cancelled.js".to_owned(),
        source: script.to_owned(),
    });
    test.overrides.vus = Some(vus);
    test.overrides.duration = Some(Duration::from_secs(3600));
    let stop = CancellationToken::new();
    let (events, mut told) = mpsc::unbounded_channel();
    let running = tokio::spawn(run(test, events, stop.clone()));
    while let Some(event) = told.recv().await {
        if matches!(event, Event::Progress { active, .. } if active == vus) {
            stop.cancel();
        }
    }
    let report = tokio::time::timeout(HANGS, running)
        .await
        .expect("the test hangs");
    report.expect("no panic").expect("a report")
}

#[tokio::test]
async fn a_thousand_users_in_the_middle_of_requests() {
    let server = TestServer::start();
    let report = cancelled(
        &format!(
            "import http from 'k6/http'; export default function () {{ http.get('http://{}/get'); }}",
            server.http
        ),
        1000,
    )
    .await;
    assert_eq!(report.end, End::Stopped);
    let (complete, interrupted) = report.iterations;
    assert!(complete + interrupted > 0, "nothing was under way");
    let requests = report.summary.export()["metrics"]["http_reqs"]["count"].as_u64();
    assert!(
        requests >= Some(complete),
        "{requests:?} requests in {complete} iterations"
    );
}

#[tokio::test]
async fn users_that_sleep() {
    let report = cancelled(
        "import { sleep } from 'k6'; export default function () { sleep(3600); }",
        1000,
    )
    .await;
    assert_eq!((report.end, report.iterations), (End::Stopped, (0, 1000)));
}

#[tokio::test]
async fn users_that_compute_without_end() {
    let report = cancelled("export default function () { for (;;) {} }", 20).await;
    assert_eq!((report.end, report.iterations), (End::Stopped, (0, 20)));
}

#[tokio::test]
async fn users_that_catch_every_error() {
    let script = "import { sleep } from 'k6';
        export default function () { for (;;) { try { sleep(0.001); for (let i = 0; i < 1e5; i++); } catch (error) { } } }";
    let report = cancelled(script, 20).await;
    assert_eq!((report.end, report.iterations), (End::Stopped, (0, 20)));
}

#[tokio::test]
async fn users_whose_promises_never_end() {
    let script = "const again = async () => { for (;;) { await null; } }; export default again;";
    let report = cancelled(script, 20).await;
    assert_eq!((report.end, report.iterations), (End::Stopped, (0, 20)));
}
