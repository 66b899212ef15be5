//! Headers and bodies, both ways.

use chaos_load::http::{Compression, ResponseType, Settings};

use crate::support::TestServer;
use crate::{User, get, headers, json, on_this_thread, post, request};

#[test]
fn methods_and_their_bodies_arrive() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for (method, body, length) in [
            ("GET", "", None),
            ("GET", "abc", Some("3")),
            ("POST", "", Some("0")),
            ("PUT", "x", Some("1")),
            ("PATCH", "", Some("0")),
            ("DELETE", "", None),
            ("MY-OWN", "", None),
        ] {
            let told = json(&user.ok(request(method, &server.url("/anything"), body)).await);
            assert_eq!(told["method"], method);
            assert_eq!(told["data"], body);
            assert_eq!(told["headers"]["Content-Length"].as_str(), length, "{method}");
        }
        assert!(
            user.ok(request("HEAD", &server.url("/get"), ""))
                .await
                .body
                .is_empty()
        );
        assert_eq!(server.counts.connections(), 1);
    });
}

#[test]
fn headers_are_those_k6_sends() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let mut request = get(&server.url("/headers"));
        request.headers = headers(&[
            ("accept", "first"),
            ("Accept", "second"),
            ("content-length", "7"),
            ("transfer-encoding", "chunked"),
            ("host", "other.test"),
        ]);
        let response = user.ok(request).await;
        let told = json(&response)["headers"].clone();
        let wanted =
            serde_json::json!({"Host": "other.test", "User-Agent": "chaos-load/0.1.0", "Accept": "second"});
        assert_eq!(told, wanted);
        let mut silent = get(&server.url("/headers"));
        silent.headers = headers(&[("User-Agent", "")]);
        assert_eq!(
            json(&user.ok(silent).await)["headers"]["User-Agent"],
            serde_json::Value::Null
        );
    });
}

#[test]
fn headers_of_answers_have_gos_names() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let response = user
            .ok(get(&server.url("/response-headers?x-a=1&x-a=2&etag=q")))
            .await;
        let find = |name: &str| {
            response
                .headers
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| &value[..])
        };
        assert_eq!(
            (find("X-A"), find("Etag"), find("Content-Type")),
            (Some("1, 2"), Some("q"), Some("application/json"))
        );
        assert_eq!(response.status_text, "200 OK");
        assert_eq!(
            user.get(&server.url("/status/418"))
                .await
                .response
                .unwrap()
                .status_text,
            "418 I'm a teapot"
        );
    });
}

#[test]
fn answers_are_decompressed() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for (path, member) in [
            ("/gzip", "gzipped"),
            ("/deflate", "deflated"),
            ("/brotli", "brotli"),
            ("/zstd", "zstd"),
            ("/gzip-br", "gzipped"),
        ] {
            assert_eq!(
                json(&user.ok(get(&server.url(path))).await)[member],
                true,
                "{path}"
            );
        }
        assert!(
            user.ok(request("HEAD", &server.url("/gzip"), ""))
                .await
                .body
                .is_empty()
        );
        let error = user.get(&server.url("/bad-gzip")).await.error.unwrap();
        assert_eq!(error.code, 1701);
        assert!(
            error.message.starts_with("error decompressing response body ("),
            "{error:?}"
        );
        assert_eq!(
            server.counts.connections(),
            1,
            "a body that cannot be decompressed costs no connection"
        );
    });
}

#[test]
fn requests_are_compressed() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let body = "hello ".repeat(200);
        let mut packed = post(&server.url("/anything"), &body);
        packed.compression = vec![Compression::Gzip, Compression::Brotli];
        let told = json(&user.ok(packed).await);
        assert_eq!(told["headers"]["Content-Encoding"], "gzip, br");
        let length: usize = told["headers"]["Content-Length"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(length < 200, "{length}");
        let mut own = post(&server.url("/anything"), "x");
        own.compression = vec![Compression::Zstd];
        own.headers = headers(&[("content-encoding", "own")]);
        assert_eq!(json(&user.ok(own).await)["headers"]["Content-Encoding"], "own");
    });
}

#[test]
fn a_small_answer_that_unpacks_to_much_is_an_error() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::with(Settings {
            max_body_bytes: 1024 * 1024,
            ..Settings::default()
        });
        let outcome = user.get(&server.url("/bomb/2")).await;
        let error = outcome.error.unwrap();
        assert_eq!(error.code, 1701);
        assert!(error.message.contains("more than 1048576 bytes"), "{error:?}");
        let error = user.get(&server.url("/bytes/2000000")).await.error.unwrap();
        assert_eq!(
            (error.code, &error.message[..]),
            (1000, "response body is larger than 1048576 bytes")
        );
        assert_eq!(user.ok(get(&server.url("/bomb/1"))).await.body.len(), 1024 * 1024);
    });
}

#[test]
fn bodies_of_all_sizes_come_whole() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for size in [0, 1, 4095, 4096, 4097, 8192, 70_000, 3_000_000] {
            let response = user.ok(get(&server.url(&format!("/bytes/{size}")))).await;
            let whole = (0..size)
                .map(|at| (at * 31 % 251) as u8)
                .eq(response.body.iter().copied());
            assert!(whole, "{size}");
        }
        let lines = user.ok(get(&server.url("/stream/20"))).await.body;
        assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 20);
        let big = "x".repeat(2_000_000);
        assert_eq!(
            json(&user.ok(post(&server.url("/anything"), &big)).await)["data"]
                .as_str()
                .unwrap()
                .len(),
            2_000_000
        );
        assert_eq!(server.counts.connections(), 1);
    });
}

#[test]
fn a_body_nobody_wants_is_read_and_dropped() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for path in ["/bytes/300000", "/bad-gzip"] {
            let mut request = get(&server.url(path));
            request.response = ResponseType::None;
            assert!(user.ok(request).await.body.is_empty());
        }
        assert_eq!(server.counts.connections(), 1);
    });
}
