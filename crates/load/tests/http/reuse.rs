//! Connections that are kept, closed, retried and shared.

use std::rc::Rc;

use chaos_load::http::{Outcome, Settings};
use futures_util::future::join_all;

use crate::support::{TestServer, until};
use crate::{User, get, hosts, json, on_this_thread, post, request};

fn all_fine(outcomes: &[Outcome]) -> bool {
    outcomes.iter().all(|outcome| {
        outcome
            .response
            .as_ref()
            .is_some_and(|response| response.status == 200)
    })
}

#[test]
fn one_connection_serves_many_requests() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for index in 0..50 {
            let outcome = user.get(&server.url("/get")).await;
            let [hop] = &outcome.hops[..] else {
                panic!("{outcome:?}")
            };
            assert_eq!(hop.status, 200);
            assert_eq!(hop.protocol, "HTTP/1.1");
            assert_eq!(hop.remote, Some(server.http));
            assert_eq!(hop.timings.connecting.is_zero(), index > 0);
            assert!(hop.timings.tls_handshaking.is_zero());
            assert!(hop.timings.duration() > std::time::Duration::ZERO);
            assert!(hop.bytes_sent > 50 && hop.bytes_received > 200);
        }
        assert_eq!(server.counts.requests_for("/get"), 50);
        assert_eq!(server.counts.connections(), 1);
    });
}

#[test]
fn bytes_are_those_on_the_wire() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let outcome = user.get(&server.url("/bytes/10000")).await;
        let head = format!(
            "GET /bytes/10000 HTTP/1.1\r\nHost: {}\r\nUser-Agent: chaos-load/0.1.0\r\n\r\n",
            server.http
        );
        assert_eq!(outcome.hops[0].bytes_sent, head.len() as u64);
        let received = outcome.hops[0].bytes_received;
        assert!((10_050..10_300).contains(&received), "{received}");
    });
}

#[test]
fn parallel_requests_take_a_connection_each_and_keep_as_many_as_allowed() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::with(Settings {
            batch_per_host: 3,
            ..Settings::default()
        });
        let urls: Vec<_> = (0..5).map(|_| server.url("/delay/0.2")).collect();
        assert!(all_fine(&join_all(urls.iter().map(|url| user.get(url))).await));
        assert_eq!(server.counts.connections(), 5);
        until("two of five are closed", || server.counts.open_connections() == 3).await;
        assert!(all_fine(&join_all(urls.iter().map(|url| user.get(url))).await));
        assert_eq!(server.counts.connections(), 7);
    });
}

#[test]
fn without_reuse_each_request_connects() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::with(Settings {
            no_connection_reuse: true,
            ..Settings::default()
        });
        for _ in 0..3 {
            let response = user.ok(get(&server.url("/headers"))).await;
            assert_eq!(json(&response)["headers"]["Connection"], "close");
        }
        assert_eq!(server.counts.connections(), 3);
        until("all are closed", || server.counts.open_connections() == 0).await;
    });
}

#[test]
fn closing_all_connections_leaves_none() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        user.ok(get(&server.url("/get"))).await;
        assert_eq!(server.counts.open_connections(), 1);
        user.client.close_connections();
        until("it is closed", || server.counts.open_connections() == 0).await;
        user.ok(get(&server.url("/get"))).await;
        assert_eq!(server.counts.connections(), 2);
    });
}

#[test]
fn a_connection_closed_while_idle_is_noticed_by_any_method() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        for method in ["GET", "POST", "DELETE", "POST"] {
            let outcome = user.send(request(method, &server.url("/close"), "")).await;
            assert_eq!(outcome.error, None);
            until("the server closed it", || server.counts.open_connections() == 0).await;
        }
        let outcome = user.send(post(&server.url("/post"), "x")).await;
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.hops.len(), 1);
        assert_eq!(server.counts.connections(), 5);
        assert_eq!(server.counts.requests_for("/close"), 4);
    });
}

#[test]
fn what_may_be_sent_twice_is_retried_once_when_a_kept_connection_turns_out_dead() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        user.ok(get(&server.url("/get"))).await;
        let outcome = user.get(&server.url("/drop-reused")).await;
        assert_eq!(outcome.hops.len(), 1, "a retry is no sample of its own");
        assert_eq!(outcome.hops[0].status, 404);
        assert_eq!(server.counts.requests_for("/drop-reused"), 2);
        assert_eq!(server.counts.connections(), 2);
    });
}

#[test]
fn what_must_not_be_sent_twice_is_not_retried() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        user.ok(get(&server.url("/get"))).await;
        let outcome = user.send(post(&server.url("/drop-reused"), "x")).await;
        let error = outcome.error.expect("no answer");
        assert_eq!((error.code, &error.message[..]), (1000, "EOF"));
        assert_eq!(server.counts.requests_for("/drop-reused"), 1);
        let mut again = post(&server.url("/drop-reused"), "x");
        again.headers.push(("Idempotency-Key".into(), "1".into()));
        user.ok(get(&server.url("/get"))).await;
        assert_eq!(user.send(again).await.hops[0].status, 404);
        assert_eq!(server.counts.requests_for("/drop-reused"), 3);
    });
}

#[test]
fn a_fresh_connection_that_breaks_is_not_retried() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let error = user.get(&server.url("/drop")).await.error.expect("no answer");
        assert_eq!((error.code, &error.message[..]), (1000, "EOF"));
        assert_eq!(server.counts.requests_for("/drop"), 1);
    });
}

#[test]
fn a_dropped_request_closes_its_connection_at_once() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let (client, jar, url) = (user.client.clone(), user.jar.clone(), server.url("/hang"));
        let task = tokio::task::spawn_local(async move { client.send(get(&url), &jar).await });
        until("the request arrived", || server.counts.requests_for("/hang") == 1).await;
        task.abort();
        until("the connection is closed", || {
            server.counts.open_connections() == 0
        })
        .await;
        user.ok(get(&server.url("/get"))).await;
    });
}

#[test]
fn parallel_users_of_one_test_do_not_share_connections() {
    on_this_thread(async {
        let server = Rc::new(TestServer::start());
        let users: Vec<_> = (0..20).map(|_| User::new()).collect();
        let url = server.url("/get");
        let outcomes = join_all(users.iter().map(|user| user.get(&url))).await;
        assert!(all_fine(&outcomes));
        assert_eq!(server.counts.connections(), 20);
    });
}

#[test]
fn a_user_that_calls_ever_more_hosts_does_not_keep_them_all() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::with(Settings {
            hosts: hosts(&[("*.many.test", "127.0.0.1")]),
            ..Settings::default()
        });
        for index in 0..100 {
            user.ok(get(&format!(
                "http://h{index}.many.test:{}/get",
                server.http.port()
            )))
            .await;
        }
        assert_eq!(server.counts.connections(), 100);
        until("most are closed", || server.counts.open_connections() <= 64).await;
    });
}

#[test]
fn a_limit_of_requests_per_second_spreads_them() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::with(Settings {
            rps: Some(50),
            ..Settings::default()
        });
        let start = tokio::time::Instant::now();
        for _ in 0..6 {
            user.ok(get(&server.url("/get"))).await;
        }
        assert!(
            start.elapsed() >= std::time::Duration::from_millis(100),
            "five gaps of 20 ms"
        );
    });
}
