//! What goes wrong, with k6's codes and words.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use chaos_load::http::{HttpError, Request, Settings};
use chaos_load::options::{Cidr, HostPatterns};

use crate::support::{TestServer, until};
use crate::{User, get, headers, hosts, on_this_thread, post, request};

async fn fails(user: &User, request: Request) -> HttpError {
    let outcome = user.send(request).await;
    assert!(outcome.response.is_none(), "{outcome:?}");
    let hop = outcome.hops.last().expect("a failure is a hop");
    assert_eq!((hop.status, &hop.error), (0, &outcome.error));
    outcome.error.expect("a failure")
}

fn is(error: &HttpError, code: u32, message: &str) {
    assert_eq!((error.code, &error.message[..]), (code, message), "{error:?}");
}

/// Answers one connection with `answer` and closes.
fn raw(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        let _ = stream.read(&mut head);
        let _ = stream.write_all(answer);
    });
    format!("http://{address}/")
}

#[test]
fn a_port_where_nothing_listens() {
    on_this_thread(async {
        let user = User::new();
        let error = fails(&user, get("http://127.0.0.1:1/x")).await;
        is(&error, 1212, "dial: connection refused");
        assert!(
            error
                .detail
                .starts_with("Get \"http://127.0.0.1:1/x\": dial tcp 127.0.0.1:1:"),
            "{error:?}"
        );
    });
}

#[test]
fn broken_connections() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        is(
            &fails(&user, get(&server.url("/reset"))).await,
            1220,
            "read: connection reset by peer",
        );
        is(&fails(&user, post(&server.url("/drop"), "x")).await, 1000, "EOF");
        is(
            &fails(&user, get(&server.url("/cut-short"))).await,
            1000,
            "unexpected EOF",
        );
        is(
            &fails(&user, get(&raw(b"HTTP/1.1 200 OK\r\nContent-Le"))).await,
            1000,
            "unexpected EOF",
        );
        let error = fails(&user, get(&raw(b"SSH-2.0-OpenSSH\r\n\r\n"))).await;
        assert_eq!(error.code, 1000);
        assert!(error.message.starts_with("malformed HTTP response"), "{error:?}");
    });
}

#[test]
fn answers_that_end_with_the_connection() {
    on_this_thread(async {
        let user = User::new();
        let response = user
            .ok(get(&raw(b"HTTP/1.0 200 Fine\r\n\r\nuntil the end")))
            .await;
        assert_eq!(
            (response.protocol, &response.status_text[..]),
            ("HTTP/1.0", "200 Fine")
        );
        assert_eq!(&response.body[..], b"until the end");
        let hints = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(&user.ok(get(&raw(hints))).await.body[..], b"ok");
        let upgrade = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
        is(
            &fails(&user, get(&raw(upgrade))).await,
            1000,
            "unsupported response status: 101 Switching Protocols",
        );
    });
}

#[test]
fn time_runs_out_in_each_phase() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        // A listener that accepts nothing answers no handshake of TLS.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let handshake = format!("https://{}/", silent.local_addr().unwrap());
        for url in [
            handshake,
            server.url("/hang"),
            server.url("/trickle?chunks=1000"),
            server.url("/delay/9"),
        ] {
            let mut request = get(&url);
            request.timeout = Duration::from_millis(150);
            is(&fails(&user, request).await, 1050, "request timeout");
        }
        until("the server sees it", || server.counts.open_connections() == 0).await;
        let mut redirected = get(&server.url("/redirect-to?url=/hang"));
        redirected.timeout = Duration::from_millis(150);
        let outcome = user.send(redirected).await;
        let statuses: Vec<_> = outcome.hops.iter().map(|hop| hop.status).collect();
        assert_eq!(statuses, [302, 0]);
        assert_eq!(outcome.hops[1].url, server.url("/hang"));
        assert!(outcome.hops[1].timings.waiting > Duration::ZERO);
        assert!(outcome.hops[1].timings.receiving.is_zero());
    });
}

#[test]
fn an_upload_that_nobody_reads_times_out() {
    on_this_thread(async {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut upload = post(
            &format!("http://{}/", silent.local_addr().unwrap()),
            &"x".repeat(64 * 1024 * 1024),
        );
        upload.timeout = Duration::from_millis(300);
        is(&fails(&User::new(), upload).await, 1050, "request timeout");
    });
}

#[test]
fn requests_that_cannot_be_made() {
    on_this_thread(async {
        let (server, user) = (TestServer::start(), User::new());
        let url = server.url("/get");
        is(
            &fails(&user, request("GE T", &url, "")).await,
            1000,
            "net/http: invalid method \"GE T\"",
        );
        is(
            &fails(&user, get("ftp://127.0.0.1/")).await,
            1000,
            "unsupported protocol scheme \"ftp\"",
        );
        let with = |name: &str, value: &str| Request {
            headers: headers(&[(name, value)]),
            ..get(&url)
        };
        is(
            &fails(&user, with("X A", "b")).await,
            1000,
            "net/http: invalid header field name \"X A\"",
        );
        is(
            &fails(&user, with("XA", "b\nc")).await,
            1000,
            "net/http: invalid header field value for \"Xa\"",
        );
        is(
            &fails(&user, with("host", "b\nc")).await,
            1000,
            "net/http: invalid Host header",
        );
        assert_eq!(server.counts.requests(), 0);
    });
}

#[test]
fn names_and_addresses_that_must_not_be_called() {
    on_this_thread(async {
        let user = User::with(Settings {
            block_hostnames: HostPatterns::of(&["*.blocked.test".to_owned()]).unwrap(),
            blacklist_ips: Cidr::parse("10.0.0.0/8").into_iter().collect(),
            ..Settings::default()
        });
        is(
            &fails(&user, get("http://10.1.2.3/")).await,
            1110,
            "ip is blacklisted",
        );
        is(
            &fails(&user, get("http://a.blocked.test/")).await,
            1111,
            "hostname is blocked",
        );
        is(
            &fails(&user, get("http://nobody.invalid/")).await,
            1101,
            "lookup: no such host",
        );
    });
}

#[test]
fn names_lead_where_the_hosts_option_says() {
    on_this_thread(async {
        let server = TestServer::start();
        let address = server.http.to_string();
        let leads = [("named.test", address.as_str()), ("*.far.test", "127.0.0.1")];
        let user = User::with(Settings {
            hosts: hosts(&leads),
            ..Settings::default()
        });
        let response = user.ok(get("http://named.test/headers")).await;
        assert_eq!(crate::json(&response)["headers"]["Host"], "named.test");
        assert_eq!(response.remote, Some(server.http));
        user.ok(get(&format!("http://very.far.test:{}/get", server.http.port())))
            .await;
        user.ok(get(&format!("http://localhost:{}/get", server.http.port())))
            .await;
    });
}
