//! What people notice when processes die and the database goes away.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::json;
use support::{Data, Http, PASSWORD, PATIENCE, Service, datasource, engines, free_address};

/// Each statement gives up soon, so that a test sees failures and not only waiting.
const IMPATIENT: [(&str, &str); 1] = [("DATABASE_TIMEOUT_MS", "400")];

async fn set_up(http: &Http, api: &Service) {
    http.until(&api.url("/api/health"), StatusCode::OK).await;
    let user = json!({ "id": 1, "handle": "@ann", "username": "Ann" });
    http.post(&api.url("/api/users"), &user).await.expect(200);
    let post = json!({ "id": 1, "url": "x", "title": "t" });
    http.post(&api.url("/api/posts"), &post).await.expect(200);
}

/// People who write all the time, to whichever api is there, and note what was acknowledged.
struct Writers {
    apis: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    people: Vec<tokio::task::JoinHandle<Vec<(i64, String)>>>,
}

impl Writers {
    fn start(http: &Http, apis: &[&Service]) -> Self {
        let mut writers = Self {
            apis: Arc::default(),
            stop: Arc::default(),
            acknowledged: Arc::default(),
            refused: Arc::default(),
            people: Vec::new(),
        };
        writers.use_these(apis);
        for name in 0..4 {
            let person = writers.person(http.clone(), name);
            writers.people.push(tokio::spawn(person));
        }
        writers
    }

    fn use_these(&self, apis: &[&Service]) {
        *self.apis.lock().unwrap() = apis.iter().map(|api| api.url("/api/comments")).collect();
    }

    fn person(&self, http: Http, name: usize) -> impl Future<Output = Vec<(i64, String)>> + use<> {
        let (apis, stop) = (Arc::clone(&self.apis), Arc::clone(&self.stop));
        let (acknowledged, refused) = (Arc::clone(&self.acknowledged), Arc::clone(&self.refused));
        async move {
            let mut written = Vec::new();
            for turn in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let url = {
                    let apis = apis.lock().unwrap();
                    apis[turn % apis.len()].clone()
                };
                let content = format!("{name}-{turn}");
                let body = json!({ "post": 1, "user": 1, "content": content }).to_string();
                match http.send(Method::POST, &url, &[], &body).await {
                    Ok(reply) if reply.status == 200 => {
                        written.push((reply.id(), content));
                        acknowledged.fetch_add(1, Ordering::Relaxed);
                    }
                    // it says that it may be tried again, and nothing of what went wrong inside
                    Ok(reply) => {
                        assert_eq!(reply.headers["retry-after"], "1");
                        let told = reply.expect(503)["error"].to_string();
                        assert_eq!(told, "\"the database is away for the moment\"");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(_) => {
                        refused.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            }
            written
        }
    }

    /// Waits until so many more were acknowledged, or failed.
    async fn go_on(&self, counter: &AtomicUsize, more: usize) {
        let (from, deadline) = (counter.load(Ordering::Relaxed), Instant::now() + PATIENCE);
        while counter.load(Ordering::Relaxed) < from + more {
            assert!(Instant::now() < deadline, "nothing goes on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn end(self) -> Vec<(i64, String)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut written = Vec::new();
        for person in self.people {
            written.extend(person.await.unwrap());
        }
        written
    }
}

/// All comments of the post, by id, read page by page.
async fn all_comments(http: &Http, api: &Service) -> BTreeMap<i64, String> {
    let (mut comments, mut more) = (BTreeMap::new(), 0);
    while more >= 0 {
        let url = api.url(&format!("/api/posts/1/comments?count=100&more={more}"));
        let page = http.get(&url).await.expect(200);
        for comment in page["comments"].as_array().unwrap() {
            let content = comment["content"].as_str().unwrap().to_owned();
            let known = comments.insert(comment["id"].as_i64().unwrap(), content);
            assert_eq!(known, None, "a comment is on two pages");
        }
        more = page["paginationInfo"]["more"].as_i64().unwrap();
    }
    comments
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_never_lost() {
    for engine in engines() {
        let data = Data::start(engine).await;
        let http = Http::new();
        let start = || Service::api(&data, &IMPATIENT);
        let (mut one, mut two) = (start(), start());
        set_up(&http, &one).await;
        http.until(&two.url("/api/health"), StatusCode::OK).await;
        let writers = Writers::start(&http, &[&one, &two]);
        for _ in 0..3 {
            writers.go_on(&writers.acknowledged, 20).await;
            one.signal(Signal::KILL);
            writers.go_on(&writers.refused, 1).await;
            one = start();
            http.until(&one.url("/api/health"), StatusCode::OK).await;
            writers.use_these(&[&one, &two]);
            writers.go_on(&writers.acknowledged, 20).await;
            data.database.crash().await.unwrap();
            writers.go_on(&writers.refused, 4).await;
            data.database.resume().await.unwrap();
            std::mem::swap(&mut one, &mut two);
        }
        writers.go_on(&writers.acknowledged, 20).await;
        let acknowledged = writers.end().await;
        let there = all_comments(&http, &two).await;
        for (id, content) in &acknowledged {
            assert_eq!(there.get(id), Some(content), "lost on {engine:?}");
        }
        // nor was one written twice when the api tried again
        let contents: BTreeSet<_> = there.values().collect();
        assert_eq!(contents.len(), there.len(), "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_make_one_schema() {
    for engine in engines() {
        let data = Data::start(engine).await;
        let http = Http::new();
        let replicas: Vec<_> = (0..4).map(|_| Service::api(&data, &[])).collect();
        for replica in &replicas {
            http.until(&replica.url("/api/health"), StatusCode::OK).await;
        }
        set_up(&http, &replicas[0]).await;
        for replica in &replicas {
            http.get(&replica.url("/api/posts/1")).await.expect(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away() {
    for engine in engines() {
        let data = Data::start(engine).await;
        let http = Http::new();
        let api = Service::api(&data, &IMPATIENT);
        set_up(&http, &api).await;
        http.get(&api.url("/health/ready")).await.expect(200);
        data.database.crash().await.unwrap();
        let refused = http.get(&api.url("/api/posts/1")).await;
        assert_eq!(refused.headers["retry-after"], "1");
        refused.expect(503);
        http.get(&api.url("/api/health/ready")).await.expect(503);
        // the process is well: it must not be replaced
        http.get(&api.url("/api/health")).await.expect(200);
        data.database.resume().await.unwrap();
        http.until(&api.url("/api/health/ready"), StatusCode::OK).await;
        http.get(&api.url("/api/posts/1")).await.expect(200);
        api.logs("no answer from the database").await;
        assert!(!api.log().contains(PASSWORD));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_there_before_its_database() {
    for engine in engines() {
        let address = free_address();
        let http = Http::new();
        let mut settings = datasource(address);
        settings.push(("DATABASE_TIMEOUT_MS", "400".into()));
        let api = Service::start("api", &settings);
        let starting = http.get(&api.url("/health")).await.expect(503);
        assert_eq!(starting["status"], "starting");
        http.get(&api.url("/posts")).await.expect(503);
        let _data = Data::start_at(engine, address).await;
        http.until(&api.url("/health"), StatusCode::OK).await;
        http.get(&api.url("/posts")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_but_not_shown() {
    for engine in engines() {
        let data = Data::start(engine).await;
        let api = Service::api(&data, &[("SPRING_DATASOURCE_PASSWORD", "wrong-0815")]);
        let http = Http::new();
        api.logs("cannot make the schema yet").await;
        http.get(&api.url("/api/health")).await.expect(503);
        assert!(api.log().contains("1045"), "{}", api.log());
        assert!(!api.log().contains("wrong-0815"));
    }
}
