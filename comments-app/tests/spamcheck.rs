//! Spam: what spamcheck says, and what the api makes of a spamcheck that says nothing.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use chaos_lab_database::Engine;
use comments_app::spamcheck::Model;
use rustix::process::Signal;
use serde_json::{Value, json};
use support::{Data, Http, Service, free_address};
use tokio::net::TcpListener;
use tokio::sync::Notify;

fn library(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/load-generation/data");
    let texts: Value = serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap();
    let texts = texts.as_array().unwrap().iter();
    texts
        .map(|text| text["content"].as_str().unwrap().to_owned())
        .collect()
}

/// The model has not seen these texts; the load scripts rely on its verdicts.
#[test]
fn the_texts_of_the_load_scripts_are_judged_right() {
    let model = Model::built_in().unwrap();
    for (name, is_spam) in [("comments.json", false), ("spam.json", true)] {
        let wrong: Vec<_> = library(name)
            .into_iter()
            .filter(|text| model.is_spam(text) != is_spam)
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

#[tokio::test]
async fn verdicts() {
    let (http, spamcheck) = (Http::new(), Service::spamcheck());
    let check = async |body: &Value| http.post(&spamcheck.url("/spam/check"), body).await;
    let spam = check(&json!({ "content": "WINNER! Txt CLAIM to 80086 for your cash prize!" }))
        .await
        .expect(200);
    assert!(
        spam["spam"] == true && spam["score"].as_f64().unwrap() > 0.9,
        "{spam}"
    );
    let ham = check(&json!({ "content": "Lovely walk, thank you." }))
        .await
        .expect(200);
    assert!(
        ham["spam"] == false && ham["score"].as_f64().unwrap() < 0.5,
        "{ham}"
    );
    check(&json!({ "content": 5 })).await.expect(400);
    check(&json!([])).await.expect(400);
    for path in ["/spam/health", "/health", "/spam/health/"] {
        assert_eq!(http.get(&spamcheck.url(path)).await.expect(200)["status"], "ok");
    }
    http.get(&spamcheck.url("/spam/check")).await.expect(405);
    let metrics = http.get(&spamcheck.url("/metrics")).await.text;
    assert!(
        metrics.contains("spamcheck_texts_total{verdict=\"spam\"} 1"),
        "{metrics}"
    );
}

/// An api in front of this spamcheck, with user 1 and post 1.
async fn api(data: &Data, http: &Http, spamcheck: &str, more: &[(&'static str, &str)]) -> Service {
    let mut settings = vec![("APPLICATION_SPAMCHECK_URL", spamcheck)];
    settings.extend(more);
    let api = Service::api(data, &settings);
    http.until(&api.url("/api/health"), StatusCode::OK).await;
    let user = json!({ "id": 1, "handle": "@ann", "username": "Ann" });
    http.post(&api.url("/api/users"), &user).await.expect(200);
    let post = json!({ "id": 1, "url": "x", "title": "t" });
    http.post(&api.url("/api/posts"), &post).await.expect(200);
    api
}

fn comment(content: &str) -> Value {
    json!({ "post": 1, "user": 1, "content": content, "replyTo": null })
}

#[tokio::test(flavor = "multi_thread")]
async fn spam_is_refused() {
    let data = Data::start(Engine::Embedded).await;
    let (http, spamcheck) = (Http::new(), Service::spamcheck());
    let api = api(&data, &http, &spamcheck.url("/spam"), &[]).await;
    let url = api.url("/api/comments/");
    let fine = http
        .post(&url, &comment("Lovely walk, thank you."))
        .await
        .expect(200);
    assert_eq!(fine["checked"], true);
    let spam = comment("WINNER! Txt CLAIM to 80086 for your cash prize!");
    assert!(http.post(&url, &spam).await.expect(403)["error"].is_string());
    let change = api.url(&format!("/api/comments/{}", fine["id"]));
    http.put(&change, &spam).await.expect(403);
    assert_eq!(http.get(&change).await.expect(200), fine);
    let all = http.get(&api.url("/api/comments")).await.expect(200);
    assert_eq!(all["comments"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_verdict() {
    let data = Data::start(Engine::Embedded).await;
    let http = Http::new();
    // takes connections and never answers
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = format!("http://{}/spam", silent.local_addr().unwrap());
    let away = format!("http://{}/spam", free_address());
    for spamcheck in [&slow, &away] {
        let soon = ("SPAMCHECK_TIMEOUT_MS", "50");
        let strict = api(&data, &http, spamcheck, &[soon]).await;
        let refused = http.post(&strict.url("/api/comments"), &comment("x")).await;
        assert_eq!(refused.headers["retry-after"], "1");
        refused.expect(503);
        let kind = api(&data, &http, spamcheck, &[soon, ("SPAMCHECK_FALLBACK", "accept")]).await;
        let taken = http
            .post(&kind.url("/api/comments"), &comment("x"))
            .await
            .expect(200);
        assert_eq!(taken["checked"], false);
    }
}

/// A spamcheck that holds its verdict back.
async fn thoughtful() -> (String, Arc<Notify>, Arc<Notify>) {
    let (asked, may_answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&asked), Arc::clone(&may_answer));
    let check = async move || {
        tell.notify_one();
        wait.notified().await;
        Json(json!({ "spam": false, "score": 0.0 }))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/spam", listener.local_addr().unwrap());
    let app = Router::new().route("/spam/check", post(check));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, asked, may_answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_stop_finishes_first() {
    let data = Data::start(Engine::Embedded).await;
    let (address, asked, may_answer) = thoughtful().await;
    for signal in [Signal::TERM, Signal::INT] {
        let http = Http::new();
        let mut api = api(&data, &http, &address, &[("SHUTDOWN_GRACE_SECONDS", "60")]).await;
        let url = api.url("/api/comments");
        let writing = tokio::spawn({
            let http = http.clone();
            async move { http.post(&url, &comment("x")).await }
        });
        asked.notified().await;
        api.signal(signal);
        // no new ones
        let url = api.url("/health");
        let deadline = std::time::Instant::now() + support::PATIENCE;
        while Http::new()
            .send(axum::http::Method::GET, &url, &[], "")
            .await
            .is_ok()
        {
            assert!(std::time::Instant::now() < deadline);
        }
        may_answer.notify_one();
        writing.await.unwrap().expect(200);
        assert!(api.ended().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_stop_ends_in_time() {
    let data = Data::start(Engine::Embedded).await;
    let (address, asked, _never) = thoughtful().await;
    let http = Http::new();
    let mut api = api(&data, &http, &address, &[("SHUTDOWN_GRACE_SECONDS", "0")]).await;
    let url = api.url("/api/comments");
    let writing = tokio::spawn({
        let http = http.clone();
        async move {
            http.send(axum::http::Method::POST, &url, &[], &comment("x").to_string())
                .await
        }
    });
    asked.notified().await;
    api.signal(Signal::TERM);
    assert!(api.ended().success());
    assert!(writing.await.unwrap().is_err());
}
