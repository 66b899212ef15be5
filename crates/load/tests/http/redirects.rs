//! Redirects and authentication.

use chaos_load::http::{Auth, Settings};

use crate::support::TestServer;
use crate::{User, get, headers, hosts, json, on_this_thread, post};

#[test]
fn each_redirect_is_a_hop() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let outcome = user.get(&server.url("/redirect/3")).await;
        let seen: Vec<_> = outcome
            .hops
            .iter()
            .map(|hop| (hop.status, &hop.url[..]))
            .collect();
        let urls = ["/redirect/3", "/redirect/2", "/redirect/1", "/get"].map(|path| server.url(path));
        assert_eq!(
            seen,
            [
                (302, &urls[0][..]),
                (302, &urls[1]),
                (302, &urls[2]),
                (200, &urls[3])
            ]
        );
        assert_eq!(outcome.response.unwrap().url, urls[3]);
        assert!(!outcome.stopped_at_redirect);
        assert_eq!(server.counts.connections(), 1);
    });
}

#[test]
fn after_enough_redirects_the_last_one_is_the_answer() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for (allowed, hops) in [(0, 1), (2, 3)] {
            let mut request = get(&server.url("/redirect/5"));
            request.redirects = allowed;
            let outcome = user.send(request).await;
            assert_eq!(outcome.hops.len(), hops);
            assert_eq!(outcome.error, None);
            assert!(outcome.stopped_at_redirect);
            let response = outcome.response.unwrap();
            assert_eq!(response.status, 302);
            assert_eq!(&response.body[..], b"redirected");
        }
    });
}

#[test]
fn a_post_becomes_a_get_without_what_described_its_body() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let mut request = post(&server.url("/redirect-to?url=/anything"), "{}");
        request.headers = headers(&[("Content-Type", "application/json"), ("x-own", "1")]);
        let response = user.ok(request).await;
        let told = json(&response);
        assert_eq!(told["method"], "GET");
        assert_eq!(told["data"], "");
        assert_eq!(told["headers"]["Content-Type"], serde_json::Value::Null);
        assert_eq!(told["headers"]["X-Own"], "1");
        assert_eq!(
            told["headers"]["Referer"],
            server.url("/redirect-to?url=/anything")
        );
        let shown = |name: &str| response.request_headers.iter().any(|(other, _)| other == name);
        assert!(shown("Content-Type") && shown("X-Own") && shown("User-Agent") && !shown("Referer"));
    });
}

#[test]
fn with_307_method_and_body_stay() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for status in [307, 308] {
            let url = server.url(&format!("/redirect-to?status_code={status}&url=/anything"));
            let mut request = post(&url, "{\"a\":1}");
            request.headers = headers(&[("content-type", "application/json")]);
            let told = json(&user.ok(request).await);
            assert_eq!(told["method"], "POST");
            assert_eq!(told["json"]["a"], 1);
            assert_eq!(told["headers"]["Content-Type"], "application/json");
        }
    });
}

#[test]
fn secrets_do_not_go_to_another_host() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::with(Settings {
            hosts: hosts(&[("one.test", "127.0.0.1"), ("two.test", "127.0.0.1")]),
            ..Settings::default()
        });
        let port = server.http.port();
        for (target, kept) in [("one.test", true), ("two.test", false)] {
            let url = format!("http://one.test:{port}/redirect-to?url=http://{target}:{port}/anything");
            let mut request = get(&url);
            request.headers = headers(&[("Authorization", "secret"), ("Cookie", "own=1")]);
            request.cookies = vec![("asked".into(), "2".into(), false)];
            let told = json(&user.ok(request).await);
            assert_eq!(told["headers"]["Authorization"] == "secret", kept);
            assert_eq!(
                told["headers"]["Cookie"], "asked=2",
                "as k6: cookies of the request go along, headers do not"
            );
        }
    });
}

#[test]
fn odd_locations() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for (location, message) in [
            ("http%3A%2F%2Fexa%20mple%2F", "failed to parse Location header"),
            ("ftp%3A%2F%2Fa.test%2F", "unsupported protocol scheme \"ftp\""),
            ("http%3A%2F%2F127.0.0.1%3A1%2F", "dial: connection refused"),
        ] {
            let outcome = user
                .get(&server.url(&format!("/redirect-to?url={location}")))
                .await;
            let error = outcome.error.expect(location);
            assert!(error.message.contains(message), "{error:?}");
            assert!(outcome.response.is_none());
            assert_eq!(outcome.hops.last().unwrap().status, 0);
        }
    });
}

#[test]
fn a_user_in_the_url_is_basic_authentication() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let url = format!("http://u:p%20w@{}/basic-auth/u/p%20w", server.http);
        let outcome = user.get(&url).await;
        assert_eq!(
            outcome.response.as_ref().unwrap().status,
            401,
            "the test server does not decode its path"
        );
        let url = format!("http://u:p@{}/basic-auth/u/p", server.http);
        let outcome = user.get(&url).await;
        assert_eq!(
            outcome.hops[0].url,
            format!("http://****:****@{}/basic-auth/u/p", server.http)
        );
        let response = outcome.response.unwrap();
        assert_eq!(response.status, 200);
        assert!(
            !response
                .request_headers
                .iter()
                .any(|(name, _)| name == "Authorization")
        );
        assert_eq!(
            user.get(&server.url("/basic-auth/u/p")).await.hops[0]
                .error
                .as_ref()
                .unwrap()
                .code,
            1401
        );
        assert_eq!(
            server.counts.connections(),
            1,
            "the user in the URL is no part of the host"
        );
    });
}

#[test]
fn digest_takes_two_legs() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for path in [
            "/digest-auth/auth/u/p",
            "/digest-auth/auth-int/u/p",
            "/digest-auth/auth/u/p/SHA-256",
        ] {
            let mut request = post(&format!("http://u:p@{}{path}", server.http), "body");
            request.auth = Some(Auth::Digest);
            let outcome = user.send(request).await;
            let statuses: Vec<_> = outcome.hops.iter().map(|hop| hop.status).collect();
            assert_eq!(statuses, [401, 200], "{path}");
            assert_eq!(outcome.hops[0].error.as_ref().unwrap().code, 1401);
            assert_eq!(outcome.response.unwrap().url, server.url(path));
        }
        let mut wrong = get(&format!("http://u:wrong@{}/digest-auth/auth/u/p", server.http));
        wrong.auth = Some(Auth::Digest);
        let outcome = user.send(wrong).await;
        assert_eq!(outcome.hops.len(), 2);
        assert_eq!(outcome.error_code(), 1401);
    });
}

#[test]
fn ntlm_is_refused_by_name() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let mut request = get(&server.url("/get"));
        request.auth = Some(Auth::Ntlm);
        let error = user.send(request).await.error.unwrap();
        assert!(error.message.contains("ntlm"), "{error:?}");
        assert_eq!(server.counts.requests(), 0);
    });
}
