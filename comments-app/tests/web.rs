//! What people see: the public API and the page, with the api there and away.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use axum::http::{Method, StatusCode};
use chaos_lab_database::Engine;
use serde_json::json;
use support::{Data, Http, Reply, Service, free_address};
use tokio::net::TcpListener;

struct Stage {
    http: Http,
    web: Service,
    _services: [Service; 2],
    _data: Data,
}

impl Stage {
    async fn set() -> Self {
        let data = Data::start(Engine::Embedded).await;
        let http = Http::new();
        let spamcheck = Service::spamcheck();
        let api = Service::api(&data, &[("APPLICATION_SPAMCHECK_URL", &spamcheck.url("/spam"))]);
        http.until(&api.url("/api/health"), StatusCode::OK).await;
        let web = Service::web(&api.url("/api"), &[]);
        Self {
            http,
            web,
            _services: [api, spamcheck],
            _data: data,
        }
    }

    async fn form(&self, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let url = self.web.url("/");
        self.http.send(Method::POST, &url, &headers, &body).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_api_is_the_api() {
    let stage = Stage::set().await;
    let (http, url) = (&stage.http, |path: &str| stage.web.url(path));
    let user = json!({ "id": 1, "handle": "@ann", "username": "Ann" });
    assert_eq!(http.post(&url("/users/"), &user).await.expect(200), user);
    http.post(&url("/posts/"), &json!({ "id": 1, "url": "x", "title": "t" }))
        .await
        .expect(200);
    let comment = json!({ "post": 1, "user": 1, "content": "hello", "replyTo": null });
    let comment = http.post(&url("/comments/"), &comment).await.expect(200);
    let page = http
        .get(&url("/posts/1/comments?count=5&more=0"))
        .await
        .expect(200);
    assert_eq!(
        page,
        json!({ "comments": [comment], "paginationInfo": { "count": 5, "more": -1 } })
    );
    let path = url(&format!("/comments/{}", comment["id"]));
    assert_eq!(
        http.put(&path, &json!({ "content": "new" })).await.expect(200)["content"],
        "new"
    );
    http.delete(&path).await.expect(200);
    http.get(&path).await.expect(404);
    http.get(&url("/users?count=0")).await.expect(400);
    http.get(&url("/nothing")).await.expect(404);
    let spam = json!({ "post": 1, "user": 1, "content": "WINNER! Txt CLAIM to 80086 for your cash prize!" });
    http.post(&url("/comments"), &spam).await.expect(403);
    http.get(&url("/health")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_comment_on_the_page() {
    let stage = Stage::set().await;
    let page = async |path: &str| stage.http.get(&stage.web.url(path)).await;
    assert!(page("/").await.text.contains("There are no posts."));
    let post = json!({ "id": 0, "url": "x", "title": "Bread & butter" });
    stage.http.post(&stage.web.url("/posts"), &post).await.expect(200);

    let fields = [
        ("post", "0"),
        ("replyTo", ""),
        ("name", "Ann Lee"),
        ("content", "<b>Lovely</b> walk"),
    ];
    let taken = stage.form(&fields).await;
    assert_eq!(taken.status, 303);
    let place = taken.headers["location"].to_str().unwrap().to_owned();
    let id = place.strip_prefix("/?post=0#c").unwrap().to_owned();
    let reply = [
        ("post", "0"),
        ("replyTo", &*id),
        ("name", "Bob"),
        ("content", "I agree"),
    ];
    assert_eq!(stage.form(&reply).await.status, 303);

    let shown = page("/?post=0").await;
    assert_eq!(shown.status, 200);
    let html = shown.text;
    assert!(
        html.contains("Bread &amp; butter") && html.contains("@Ann-Lee"),
        "{html}"
    );
    assert!(
        html.contains("&lt;b&gt;Lovely") && !html.contains("<b>Lovely"),
        "{html}"
    );
    let (first, second) = (
        html.find(r#"class="d0""#).unwrap(),
        html.find(r#"class="d1""#).unwrap(),
    );
    assert!(first < second && html[second..].contains("I agree"), "{html}");
    // one account each, however often they write
    assert_eq!(stage.form(&fields).await.status, 303);
    let users = stage.http.get(&stage.web.url("/users")).await.expect(200);
    assert_eq!(users["users"].as_array().unwrap().len(), 2);

    let spam = "WINNER! Txt CLAIM to 80086 for your cash prize!";
    let refused = stage
        .form(&[("post", "0"), ("name", "Ann Lee"), ("content", spam)])
        .await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text.contains("looks like spam") && refused.text.contains(spam),
        "{}",
        refused.text
    );
    let empty = stage
        .form(&[("post", "0"), ("name", " "), ("content", "x")])
        .await;
    assert_eq!(empty.status, 400);
    assert!(empty.text.contains("Please write your name"));
    assert!(page("/?post=99").await.text.contains("This post is gone."));
    assert_eq!(page("/?post=x&more=y").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_away_or_silent() {
    let http = Http::new();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = format!("http://{}/api", silent.local_addr().unwrap());
    let away = format!("http://{}/api", free_address());
    for (api, status) in [(away, 502), (slow, 504)] {
        let web = Service::web(&api, &[("API_TIMEOUT_MS", "100")]);
        assert!(http.get(&web.url("/posts/1")).await.expect(status)["error"].is_string());
        // web itself is well
        http.get(&web.url("/health")).await.expect(200);
        let page = http.get(&web.url("/")).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text.contains("cannot be read for the moment"),
            "{}",
            page.text
        );
        let form = http
            .send(Method::POST, &web.url("/"), &[], "post=1&name=a&content=kept")
            .await
            .unwrap();
        assert_eq!(form.status, status);
        assert!(form.text.contains("could not be published"), "{}", form.text);
    }
}
