//! The scripts of `library/load-generation` against a small comments application: what the load generator counted must
//! be what the application was asked. The same assertions hold for each runner.

#![allow(clippy::unwrap_used, reason = "a test")]

mod comments;
#[path = "library_scripts/engine.rs"]
mod engine;
#[path = "library_scripts/k6.rs"]
mod k6;

use std::path::{Path, PathBuf};

use comments::{Counts, Server};
use serde_json::Value;

/// Runs a script with these variables; gives the summary as `--summary-export` has it, or why there is none.
type Runner = fn(&Path, &[(&str, &str)]) -> Result<Value, String>;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../library/load-generation")
        .join(name)
}

fn count(summary: &Value, metric: &str) -> u64 {
    summary["metrics"][metric]["count"]
        .as_u64()
        .unwrap_or_else(|| panic!("no count of {metric} in {summary}"))
}

fn part(summary: &Value, metric: &str, part: &str) -> u64 {
    summary["metrics"][metric][part]
        .as_u64()
        .unwrap_or_else(|| panic!("no {part} of {metric} in {summary}"))
}

fn asked(counts: &Counts, route: &str) -> u64 {
    counts.get(route).copied().unwrap_or_default()
}

/// In a summary export, `false` is a threshold that holds.
fn crossed(summary: &Value) -> Vec<String> {
    let metrics = summary["metrics"].as_object().unwrap().iter();
    let thresholds =
        metrics.filter_map(|(name, metric)| Some((name, metric.get("thresholds")?.as_object()?)));
    let crossed = |crossed: &&Value| **crossed != Value::Bool(false);
    thresholds
        .filter(|(_, all)| all.values().any(|one| crossed(&one)))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Everybody does everything, so that each route is asked.
fn journey(run: Runner) {
    let server = Server::start(0).unwrap();
    let settings = [
        ("COMMENTS_URL", &*server.url()),
        ("JOURNEY_VUS", "5"),
        ("JOURNEY_DURATION", "2s"),
        ("JOURNEY_THINK_SECONDS", "0.02"),
        ("JOURNEY_USERS", "7"),
        ("JOURNEY_POSTS", "3"),
        ("JOURNEY_COMMENT_SHARE", "1"),
        ("JOURNEY_REPLY_SHARE", "1"),
        ("JOURNEY_EDIT_SHARE", "1"),
        ("JOURNEY_DELETE_SHARE", "0.5"),
        ("JOURNEY_RENAME_SHARE", "1"),
        // a busy machine is no fault of the scripts
        ("JOURNEY_MAX_P95_MS", "60000"),
    ];
    let summary = run(&script("journey.js"), &settings).unwrap();
    let counts = server.counts();

    assert_eq!(count(&summary, "http_reqs"), server.requests(&[]));
    assert_eq!(
        (
            asked(&counts, "POST /users 200"),
            asked(&counts, "GET /users/{id} 404")
        ),
        (7, 7)
    );
    assert_eq!(
        (
            asked(&counts, "POST /posts 200"),
            asked(&counts, "GET /posts/{id} 404")
        ),
        (3, 3)
    );

    let iterations = count(&summary, "iterations");
    assert!(iterations > 0);
    for route in [
        "GET /users/{id} 200",
        "PUT /users/{id} 200",
        "GET /posts/{id} 200",
    ] {
        assert_eq!(asked(&counts, route), iterations, "{route}");
    }
    for route in ["PUT /comments/{id} 200", "GET /comments/{id} 200"] {
        assert_eq!(asked(&counts, route), iterations, "{route}");
    }
    let written = count(&summary, "journey_comments_written");
    assert_eq!(asked(&counts, "POST /comments 200"), written);
    assert!(written > iterations, "some wrote replies");
    assert_eq!(
        asked(&counts, "DELETE /comments/{id} 200"),
        count(&summary, "journey_comments_deleted")
    );
    assert_eq!(
        asked(&counts, "GET /posts/{id}/comments 200"),
        count(&summary, "journey_pages_read")
    );
    assert_eq!(
        asked(&counts, "POST /comments 403"),
        0,
        "an ordinary text passes for spam"
    );

    assert_eq!(part(&summary, "checks", "fails"), 0);
    // of http_req_failed, what "passes" is what failed
    assert_eq!(part(&summary, "http_req_failed", "passes"), 0);
    assert_eq!(crossed(&summary), [""; 0]);
}

fn spam(run: Runner) {
    let server = Server::start(0).unwrap();
    let settings = [
        ("COMMENTS_URL", &*format!("{}/", server.url())),
        ("SPAM_RATE", "50"),
        ("SPAM_DURATION", "2s"),
        ("SPAM_BATCH", "2"),
        ("SPAM_MAX_P95_MS", "60000"),
    ];
    let summary = run(&script("spam.js"), &settings).unwrap();
    let counts = server.counts();

    assert_eq!(count(&summary, "http_reqs"), server.requests(&[]));
    let iterations = count(&summary, "iterations");
    let dropped = summary["metrics"]["dropped_iterations"]["count"]
        .as_u64()
        .unwrap_or_default();
    assert!(
        (100..=101).contains(&(iterations + dropped)),
        "{iterations} and {dropped} dropped"
    );
    assert_eq!(asked(&counts, "POST /comments 403"), 2 * iterations);
    assert_eq!(
        asked(&counts, "POST /comments 200"),
        0,
        "a spam text passes for an ordinary one"
    );
    assert_eq!(count(&summary, "spam_refused"), 2 * iterations);
    assert_eq!(part(&summary, "checks", "passes"), 2 * iterations);
    assert_eq!(part(&summary, "checks", "fails"), 0);
    assert_eq!(part(&summary, "http_req_failed", "passes"), 0);
    assert_eq!(crossed(&summary), [""; 0]);
}

/// Thresholds that cannot hold are crossed, and say so.
fn crossed_thresholds(run: Runner) {
    let server = Server::start(0).unwrap();
    let settings = [
        ("COMMENTS_URL", &*server.url()),
        ("JOURNEY_VUS", "1"),
        ("JOURNEY_DURATION", "1s"),
        ("JOURNEY_THINK_SECONDS", "0.01"),
        ("JOURNEY_MAX_P95_MS", "0"),
    ];
    let summary = run(&script("journey.js"), &settings).unwrap();
    assert_eq!(crossed(&summary), ["http_req_duration"]);
}

/// Wrong settings and a service that is not there end a test before it begins, and say what to look at.
fn mistakes(run: Runner) {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let message = run(
        &script("journey.js"),
        &[("COMMENTS_URL", &format!("http://{address}"))],
    )
    .unwrap_err();
    assert!(message.contains("Is COMMENTS_URL the address"), "{message}");
    let message = run(&script("journey.js"), &[("JOURNEY_REPLY_SHARE", "2")]).unwrap_err();
    assert!(
        message.contains("JOURNEY_REPLY_SHARE must be a number from 0 to 1, not '2'"),
        "{message}"
    );
    let message = run(&script("spam.js"), &[("SPAM_RATE", "fast")]).unwrap_err();
    assert!(
        message.contains("SPAM_RATE must be a number from 0, not 'fast'"),
        "{message}"
    );
}

fn texts(file: &str) -> Vec<String> {
    let file = std::fs::read_to_string(script("data").join(file)).unwrap();
    let texts: Vec<Value> = serde_json::from_str(&file).unwrap();
    texts
        .iter()
        .map(|text| text["content"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn ordinary_texts_and_spam_are_told_apart() {
    let (comments, spam) = (texts("comments.json"), texts("spam.json"));
    assert!(comments.len() >= 300 && spam.len() >= 60);
    assert_eq!(
        comments
            .iter()
            .filter(|text| comments::is_spam(text))
            .collect::<Vec<_>>(),
        [""; 0]
    );
    assert_eq!(
        spam.iter()
            .filter(|text| !comments::is_spam(text))
            .collect::<Vec<_>>(),
        [""; 0]
    );
}
