//! The scripts of `library/load-generation` against the whole application: their thresholds hold, and what they counted is
//! what the services were asked.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;

use axum::http::StatusCode;
use chaos_load::run::{End, LoadTest, Script, run};
use serde_json::Value;
use support::{Data, Http, Service, engines};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

struct Application {
    web: Service,
    api: Service,
    _spamcheck: Service,
    _data: Data,
}

impl Application {
    async fn start(engine: chaos_lab_database::Engine) -> Self {
        let data = Data::start(engine).await;
        let spamcheck = Service::spamcheck();
        let api = Service::api(&data, &[("APPLICATION_SPAMCHECK_URL", &spamcheck.url("/spam"))]);
        Http::new().until(&api.url("/health"), StatusCode::OK).await;
        Self {
            web: Service::web(&api.url("/api"), &[]),
            api,
            _spamcheck: spamcheck,
            _data: data,
        }
    }

    /// Runs a script; gives its summary, as `--summary-export` has it.
    async fn load(&self, script: &str, settings: &[(&str, &str)]) -> Value {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/load-generation");
        let mut test = LoadTest::new(Script::File(folder.join(script)));
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        test.env = settings
            .chain([("COMMENTS_URL".to_owned(), self.web.url(""))])
            .collect();
        let (events, _story) = mpsc::unbounded_channel();
        let report = run(test, events, CancellationToken::new()).await.unwrap();
        assert!(matches!(report.end, End::Completed));
        report.summary.export()
    }
}

/// How often a service gave this status on this route.
async fn asked(service: &Service, method: &str, route: &str, status: u16) -> u64 {
    let text = Http::new().get(&service.url("/metrics")).await.text;
    let name = format!(r#"http_requests_total{{method="{method}",route="{route}",status="{status}"}} "#);
    let count = text.lines().find_map(|line| line.strip_prefix(&name));
    count.map_or(0, |count| count.parse().unwrap())
}

fn count(summary: &Value, metric: &str) -> u64 {
    summary["metrics"][metric]["count"]
        .as_u64()
        .unwrap_or_else(|| panic!("no {metric} in {summary}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn journey() {
    for engine in engines() {
        let application = Application::start(engine).await;
        let settings = [
            ("JOURNEY_VUS", "5"),
            ("JOURNEY_DURATION", "2s"),
            ("JOURNEY_THINK_SECONDS", "0.02"),
            ("JOURNEY_COMMENT_SHARE", "1"),
            ("JOURNEY_RENAME_SHARE", "1"),
            ("JOURNEY_MAX_FAILED", "0"),
            // a busy machine is no fault of the application
            ("JOURNEY_MAX_P95_MS", "60000"),
        ];
        let summary = application.load("journey.js", &settings).await;
        assert_eq!(summary["metrics"]["checks"]["fails"], 0, "{engine:?}: {summary}");
        let written = count(&summary, "journey_comments_written");
        assert!(written > 0);
        for (service, base) in [(&application.web, ""), (&application.api, "/api")] {
            assert_eq!(
                asked(service, "POST", &format!("{base}/comments"), 200).await,
                written
            );
            let pages = asked(service, "GET", &format!("{base}/posts/{{id}}/comments"), 200).await;
            assert_eq!(pages, count(&summary, "journey_pages_read"));
            assert_eq!(asked(service, "POST", &format!("{base}/comments"), 403).await, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spam() {
    for engine in engines() {
        let application = Application::start(engine).await;
        let settings = [
            ("SPAM_RATE", "40"),
            ("SPAM_DURATION", "2s"),
            ("SPAM_MAX_FAILED", "0"),
            ("SPAM_MAX_P95_MS", "60000"),
        ];
        let summary = application.load("spam.js", &settings).await;
        assert_eq!(summary["metrics"]["checks"]["fails"], 0, "{engine:?}: {summary}");
        let refused = count(&summary, "spam_refused");
        assert!(refused > 0);
        assert_eq!(asked(&application.web, "POST", "/comments", 403).await, refused);
        assert_eq!(asked(&application.api, "POST", "/api/comments", 200).await, 0);
    }
}
