//! Cookies of requests, answers and the jar.

use serde_json::json as value;
use url::Url;

use crate::support::TestServer;
use crate::{User, get, headers, json, on_this_thread};

#[test]
fn cookies_are_kept_sent_and_deleted() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let response = user.ok(get(&server.url("/cookies/set?a=1&b=2"))).await;
        assert_eq!(json(&response), value!({"cookies": {"a": "1", "b": "2"}}));
        assert_eq!(
            json(&user.ok(get(&server.url("/cookies"))).await),
            value!({"cookies": {"a": "1", "b": "2"}})
        );
        user.ok(get(&server.url("/cookies/delete?a"))).await;
        assert_eq!(
            json(&user.ok(get(&server.url("/cookies"))).await),
            value!({"cookies": {"b": "2"}})
        );
        let other = User::new();
        assert_eq!(
            json(&other.ok(get(&server.url("/cookies"))).await),
            value!({"cookies": {}})
        );
    });
}

#[test]
fn an_answer_tells_its_cookies() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let line = "x=y%3B%20Max-Age%3D60%3B%20HttpOnly";
        let response = user
            .ok(get(&server.url(&format!(
                "/response-headers?set-cookie={line}&set-cookie=bad"
            ))))
            .await;
        let [cookie] = &response.cookies[..] else {
            panic!("{response:?}")
        };
        assert_eq!(
            (
                &cookie.name[..],
                &cookie.value[..],
                cookie.max_age,
                cookie.http_only
            ),
            ("x", "y", 60, true)
        );
        let at = Url::parse(&server.url("/")).unwrap();
        assert_eq!(user.jar.cookies_for(&at), [("x".to_string(), "y".to_string())]);
    });
}

#[test]
fn cookies_of_the_request_come_first_and_may_replace() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let at = Url::parse(&server.url("/")).unwrap();
        user.jar.set(&at, "a", "jar", &Default::default()).unwrap();
        user.jar.set(&at, "b", "jar", &Default::default()).unwrap();
        let mut request = get(&server.url("/headers"));
        request.headers = headers(&[("cookie", "own=0")]);
        request.cookies = vec![("a".into(), "1".into(), true), ("b".into(), "2 3".into(), false)];
        let response = user.ok(request).await;
        assert_eq!(
            json(&response)["headers"]["Cookie"],
            "own=0; a=1; b=\"2 3\"; b=jar"
        );
        let pairs = [("own", "0"), ("a", "1"), ("b", "2 3"), ("b", "jar")];
        assert_eq!(
            response.request_cookies,
            pairs.map(|(name, value)| (name.to_string(), value.to_string()))
        );
    });
}
