//! The api, over each database: what the load scripts ask for, and what a person gets wrong.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use support::{Data, Http, Service, engines};

/// A fresh api, with a user 0 and a post 0.
struct Stage {
    http: Http,
    api: Service,
    _data: Data,
}

impl Stage {
    async fn set(engine: chaos_lab_database::Engine) -> Self {
        let data = Data::start(engine).await;
        let api = Service::api(&data, &[]);
        let http = Http::new();
        http.until(&api.url("/api/health"), StatusCode::OK).await;
        let stage = Self {
            http,
            api,
            _data: data,
        };
        let user = json!({ "id": 0, "handle": "@ann", "username": "Ann" });
        assert_eq!(stage.post("/users/", user.clone()).await.expect(200), user);
        let post = json!({ "id": 0, "url": "myblog.example/a", "title": "A title" });
        assert_eq!(stage.post("/posts/", post.clone()).await.expect(200), post);
        stage
    }

    fn url(&self, path: &str) -> String {
        self.api.url(&format!("/api{path}"))
    }

    async fn get(&self, path: &str) -> support::Reply {
        self.http.get(&self.url(path)).await
    }

    async fn post(&self, path: &str, body: Value) -> support::Reply {
        self.http.post(&self.url(path), &body).await
    }

    async fn put(&self, path: &str, body: Value) -> support::Reply {
        self.http.put(&self.url(path), &body).await
    }

    async fn delete(&self, path: &str) -> support::Reply {
        self.http.delete(&self.url(path)).await
    }

    async fn comment(&self, content: &str, reply_to: Option<i64>) -> i64 {
        let comment = json!({ "post": 0, "user": 0, "content": content, "replyTo": reply_to });
        let answer = self.post("/comments/", comment).await.expect(200);
        answer["id"].as_i64().unwrap()
    }

    /// The ids of a page, and what the next one begins with.
    async fn page(&self, count: u32, more: i64) -> (Vec<i64>, i64) {
        let page = self
            .get(&format!("/posts/0/comments?count={count}&more={more}"))
            .await
            .expect(200);
        assert_eq!(page["paginationInfo"]["count"], count);
        let ids = page["comments"].as_array().unwrap().iter();
        let more = page["paginationInfo"]["more"].as_i64().unwrap();
        (ids.map(|comment| comment["id"].as_i64().unwrap()).collect(), more)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_posts() {
    for engine in engines() {
        let stage = Stage::set(engine).await;
        // twice the same is no conflict, something else under its id is
        stage
            .post("/users", json!({ "id": 0, "handle": "@ann", "username": "Ann" }))
            .await
            .expect(200);
        let clash = stage
            .post("/users", json!({ "id": 0, "handle": "@bob", "username": "Bob" }))
            .await;
        assert_eq!(clash.expect(409)["id"], 0);
        let drawn = stage
            .post("/users", json!({ "handle": "@cy", "username": "Cy \u{1f600}" }))
            .await;
        let path = format!("/users/{}", drawn.id());
        assert_eq!(stage.get(&path).await.expect(200), drawn.json());
        let changed = stage
            .put(&path, json!({ "username": "New Cy", "id": 5 }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["username"], &changed["handle"]),
            (&json!("New Cy"), &json!("@cy"))
        );
        // nothing new is no mistake, whether or not the server counts it as a change
        assert_eq!(
            stage
                .put(&path, json!({ "username": "New Cy" }))
                .await
                .expect(200),
            changed
        );
        assert_eq!(stage.put(&path, json!({})).await.expect(200), changed);
        let found = stage.get("/users?handle=%40cy").await.expect(200);
        assert_eq!(found["users"], json!([changed]));
        stage.delete(&path).await.expect(200);
        for gone in [
            stage.get(&path).await,
            stage.delete(&path).await,
            stage.put(&path, json!({})).await,
        ] {
            assert!(gone.expect(404)["error"].is_string());
        }

        let post = stage
            .put("/posts/0/", json!({ "id": 0, "url": "x", "title": "New" }))
            .await;
        assert_eq!(post.expect(200), json!({ "id": 0, "url": "x", "title": "New" }));
        stage
            .post("/posts", json!({ "id": 9, "url": "y", "title": "Y" }))
            .await
            .expect(200);
        let first = stage.get("/posts?count=1").await.expect(200);
        assert_eq!(first["posts"][0]["id"], 0);
        let more = first["paginationInfo"]["more"].as_i64().unwrap();
        let rest = stage
            .get(&format!("/posts?count=1&more={more}"))
            .await
            .expect(200);
        assert_eq!(
            (&rest["posts"][0]["id"], &rest["paginationInfo"]["more"]),
            (&json!(9), &json!(-1))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_at_once() {
    for engine in engines() {
        let stage = Stage::set(engine).await;
        let make = |id: i64| {
            let user = json!({ "id": id, "handle": format!("@u{id}"), "username": "U" });
            async { stage.post("/users/", user).await.status }
        };
        for id in 1..20 {
            let (a, b, c) = tokio::join!(make(id), make(id), make(id));
            assert_eq!([a, b, c], [200; 3]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn comments() {
    for engine in engines() {
        let stage = Stage::set(engine).await;
        let text = "It's 100 % \\ \"fine\"; -- \u{e9}\u{1f600}\nnew line";
        let first = stage.comment(text, None).await;
        let shown = stage.get(&format!("/comments/{first}")).await.expect(200);
        assert_eq!(
            (&shown["content"], &shown["handle"]),
            (&json!(text), &json!("@ann"))
        );
        assert_eq!(
            (&shown["post"], &shown["user"], &shown["replyTo"]),
            (&json!(0), &json!(0), &Value::Null)
        );
        assert_eq!(shown["checked"], false, "there is no spamcheck");
        let reply = json!({ "user": 0, "content": "re", "parentCommentId": first });
        let reply = stage.post("/posts/0/comments", reply).await.expect(200);
        assert_eq!(reply["replyTo"], first);
        let path = format!("/comments/{first}");
        let changed = stage
            .put(&path, json!({ "content": "better", "post": 7 }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["content"], &changed["post"]),
            (&json!("better"), &json!(0))
        );
        // what a script sends that encodes twice
        stage
            .put(&path, json!("{\"content\":\"twice\"}"))
            .await
            .expect(400);
        stage.delete(&path).await.expect(200);
        stage.get(&path).await.expect(404);
        stage.put(&path, json!({ "content": "x" })).await.expect(404);
        let late = json!({ "post": 0, "user": 0, "content": "late", "replyTo": first });
        stage.post("/comments", late).await.expect(404);
        // the reply is still there; it goes with the post
        let path = format!("/comments/{}", reply["id"]);
        assert_eq!(stage.get(&path).await.expect(200), reply);
        stage.delete("/posts/0").await.expect(200);
        stage.get(&path).await.expect(404);
        stage.get("/posts/0/comments").await.expect(404);
        assert_eq!(stage.get("/comments").await.expect(200)["comments"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_in_order_while_others_write() {
    for engine in engines() {
        let stage = Stage::set(engine).await;
        assert_eq!(stage.page(5, 0).await, (vec![], -1));
        let a = stage.comment("a", None).await;
        let b = stage.comment("b", None).await;
        let a1 = stage.comment("a1", Some(a)).await;
        let b1 = stage.comment("b1", Some(b)).await;
        let a2 = stage.comment("a2", Some(a1)).await;
        assert_eq!(stage.page(9, 0).await, (vec![a, a1, a2, b, b1], -1));
        let (first, more) = stage.page(2, 0).await;
        assert_eq!(first, [a, a1]);
        // one before, one behind, and the last one that was seen is gone
        stage.comment("a3", Some(a)).await;
        let c = stage.comment("c", None).await;
        stage.delete(&format!("/comments/{a1}")).await.expect(200);
        let (second, more) = stage.page(3, more).await;
        assert_eq!(second[0], a2);
        let (third, more) = stage.page(3, more).await;
        assert_eq!(([&second[2..], &third].concat(), more), (vec![b, b1, c], -1));
        assert_eq!(stage.page(3, -1).await, (vec![], -1));
        stage
            .get("/posts/0/comments?count=3&more=12345")
            .await
            .expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_writes_once() {
    for engine in engines() {
        let stage = Stage::set(engine).await;
        let send = async |key: &str, content: &str, reply_to: Option<i64>| {
            let body = json!({ "post": 0, "user": 0, "content": content, "replyTo": reply_to });
            let headers = [("idempotency-key", key)];
            let url = stage.url("/comments");
            stage
                .http
                .send(Method::POST, &url, &headers, &body.to_string())
                .await
                .unwrap()
        };
        let first = send("k", "once", None).await;
        assert_eq!(send("k", "once", None).await.expect(200), first.json());
        assert_ne!(send("K", "once", None).await.id(), first.id());
        send("k", "once", Some(first.id())).await.expect(409);
        stage
            .delete(&format!("/comments/{}", first.id()))
            .await
            .expect(200);
        send("k", "once", None).await.expect(409);
        send(&"k".repeat(65), "once", None).await.expect(400);
        assert_eq!(stage.page(9, 0).await.0.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_have_a_status_and_a_message() {
    let stage = Stage::set(chaos_lab_database::Engine::Embedded).await;
    let comment = |change: Value| {
        let mut comment = json!({ "post": 0, "user": 0, "content": "x" });
        for (name, value) in change.as_object().unwrap() {
            comment[name] = value.clone();
        }
        comment
    };
    for (path, body, status) in [
        ("/comments", comment(json!({ "post": 99 })), 404),
        ("/comments", comment(json!({ "user": 99 })), 404),
        ("/comments", comment(json!({ "replyTo": 99 })), 404),
        ("/comments", comment(json!({ "post": null })), 400),
        ("/comments", comment(json!({ "user": "0" })), 400),
        ("/comments", comment(json!({ "content": " " })), 400),
        ("/comments", comment(json!({ "content": 5 })), 400),
        (
            "/comments",
            comment(json!({ "content": "x".repeat(10_001) })),
            400,
        ),
        (
            "/comments",
            comment(json!({ "content": "x".repeat(200_000) })),
            413,
        ),
        ("/comments", json!([]), 400),
        ("/posts/99/comments", comment(json!({})), 404),
        ("/posts/x/comments", comment(json!({})), 404),
        (
            "/users",
            json!({ "id": -1, "handle": "@h", "username": "u" }),
            400,
        ),
        (
            "/users",
            json!({ "id": 1.5, "handle": "@h", "username": "u" }),
            400,
        ),
        (
            "/users",
            json!({ "handle": "h".repeat(256), "username": "u" }),
            400,
        ),
        ("/posts", json!({ "url": "u" }), 400),
        ("/users/0", json!({}), 405),
        ("/nothing", json!({}), 404),
    ] {
        let reply = stage.post(path, body.clone()).await;
        assert_eq!(reply.status, status, "{path} {reply:?}");
        assert!(reply.json()["error"].is_string(), "{path} {reply:?}");
    }
    for path in [
        "/posts/0/comments?count=0",
        "/posts/0/comments?more=x",
        "/users?count=-1",
    ] {
        assert!(stage.get(path).await.expect(400)["error"].is_string());
    }
    stage.get("/users/undefined").await.expect(404);
    stage.put("/users/0", json!({ "handle": 1 })).await.expect(400);
    let other = stage
        .post("/posts", json!({ "url": "u", "title": "t" }))
        .await
        .id();
    let there = stage.comment("here", None).await;
    let across = comment(json!({ "post": other, "replyTo": there }));
    stage.post("/comments", across).await.expect(400);
    // outside of the base path there is only health
    assert_eq!(stage.http.get(&stage.api.url("/users")).await.status, 404);
    assert_eq!(stage.http.get(&stage.api.url("/health")).await.status, 200);
    // the longest of each fits
    let longest = comment(json!({ "content": "\u{1f600}".repeat(10_000) }));
    stage.post("/comments", longest).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_by_route() {
    let stage = Stage::set(chaos_lab_database::Engine::Embedded).await;
    stage.get("/users/0").await.expect(200);
    stage.get("/users/7").await.expect(404);
    let text = stage.http.get(&stage.api.url("/metrics")).await.text;
    for line in [
        r#"http_requests_total{method="GET",route="/api/users/{id}",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="/api/users/{id}",status="404"} 1"#,
        r#"http_request_duration_seconds_count{method="GET",route="/api/users/{id}"} 2"#,
        "http_requests_in_flight 1",
    ] {
        assert!(text.lines().any(|there| there == line), "{line} is not in {text}");
    }
}
