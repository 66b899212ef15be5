//! TLS and HTTP/2.

use chaos_load::http::{Auth, ClientCertificate, HttpError, Settings, Shared};
use chaos_load::options::TlsVersion;
use futures_util::future::join_all;

use crate::support::{Authority, ServerOptions, TestServer, until};
use crate::{User, get, hosts, json, on_this_thread, post, trusting};

async fn fails(settings: Settings, url: &str) -> HttpError {
    User::with(settings).get(url).await.error.expect("a failure")
}

fn only_http1() -> TestServer {
    TestServer::with(ServerOptions {
        alpn: vec!["http/1.1"],
        ..ServerOptions::default()
    })
}

#[test]
fn http2_where_the_server_speaks_it() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::trusting(&server);
        for index in 0..3 {
            let outcome = user.send(post(&server.https_url("/anything"), "x")).await;
            let hop = &outcome.hops[0];
            assert_eq!((hop.protocol, hop.tls_version), ("HTTP/2.0", Some("tls1.3")));
            assert_eq!(hop.timings.tls_handshaking.is_zero(), index > 0);
            assert!(hop.bytes_sent > 20 && hop.bytes_received > 100);
            assert!(!hop.timings.waiting.is_zero());
            let response = outcome.response.unwrap();
            assert_eq!(
                (response.protocol, &response.status_text[..]),
                ("HTTP/2.0", "200 OK")
            );
            assert!(response.tls.unwrap().cipher_suite.starts_with("TLS_AES_"));
            let told = json(&response);
            assert_eq!((&told["method"], &told["data"]), (&"POST".into(), &"x".into()));
            assert_eq!(told["url"], server.https_url("/anything"));
        }
        assert_eq!((server.counts.connections(), server.counts.handshakes()), (1, 1));
    });
}

#[test]
fn parallel_requests_share_a_connection_of_http2_from_the_first_one_on() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::trusting(&server);
        let url = server.https_url("/delay/0.1");
        let outcomes = join_all((0..20).map(|_| user.get(&url))).await;
        assert!(outcomes.iter().all(|outcome| outcome.hops[0].status == 200));
        assert_eq!(server.counts.connections(), 1);
        assert_eq!(server.counts.requests(), 20);
    });
}

#[test]
fn a_dropped_stream_leaves_the_connection_of_http2() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::trusting(&server);
        user.ok(get(&server.https_url("/get"))).await;
        let mut hanging = get(&server.https_url("/hang"));
        hanging.timeout = std::time::Duration::from_millis(100);
        let outcome = user.send(hanging).await;
        assert_eq!(outcome.error.unwrap().code, 1050);
        let timings = outcome.hops[0].timings;
        assert!(
            !timings.waiting.is_zero() && timings.receiving.is_zero(),
            "{timings:?}"
        );
        user.ok(get(&server.https_url("/get"))).await;
        assert_eq!(server.counts.connections(), 1);
        user.client.close_connections();
        until("it is closed", || server.counts.open_connections() == 0).await;
    });
}

#[test]
fn a_broken_stream_has_the_code_of_http2() {
    on_this_thread(async {
        let server = TestServer::start();
        let error = fails(trusting(&server), &server.https_url("/drop")).await;
        let message = "http2: stream error with http2 ErrCode INTERNAL_ERROR";
        assert_eq!((error.code, &error.message[..]), (1633, message));
    });
}

#[test]
fn a_closed_connection_of_http2_is_replaced() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::trusting(&server);
        user.ok(get(&server.https_url("/get"))).await;
        user.get(&server.https_url("/close")).await;
        until("the server closed it", || server.counts.open_connections() == 0).await;
        user.ok(post(&server.https_url("/post"), "x")).await;
        assert_eq!(server.counts.connections(), 2);
    });
}

#[test]
fn http1_over_tls_keeps_its_connection() {
    on_this_thread(async {
        let server = only_http1();
        let user = User::trusting(&server);
        for _ in 0..3 {
            assert_eq!(user.ok(get(&server.https_url("/get"))).await.protocol, "HTTP/1.1");
        }
        let reply = user.get(&server.https_url("/drop-reused")).await;
        assert_eq!(reply.hops[0].status, 404);
        assert_eq!((server.counts.connections(), server.counts.handshakes()), (2, 2));
        let urls: Vec<_> = (0..4).map(|_| server.https_url("/delay/0.1")).collect();
        join_all(urls.iter().map(|url| user.get(url))).await;
        assert_eq!(server.counts.connections(), 5);
    });
}

#[test]
fn digest_over_http2() {
    on_this_thread(async {
        let server = TestServer::start();
        let user = User::trusting(&server);
        let url = format!(
            "https://u:p@localhost:{}/digest-auth/auth/u/p",
            server.https.port()
        );
        let mut request = get(&url);
        request.auth = Some(Auth::Digest);
        user.ok(request).await;
        assert_eq!(server.counts.requests(), 2);
    });
}

#[test]
fn certificates_that_are_not_trusted() {
    on_this_thread(async {
        let server = TestServer::start();
        let url = server.https_url("/get");
        let error = fails(Settings::default(), &url).await;
        assert_eq!(
            (error.code, &error.message[..]),
            (1310, "x509: unknown authority")
        );
        let elsewhere = format!("https://other.test:{}/get", server.https.port());
        let hosts = || hosts(&[("other.test", "127.0.0.1")]);
        let error = fails(
            Settings {
                hosts: hosts(),
                ..trusting(&server)
            },
            &elsewhere,
        )
        .await;
        assert_eq!(
            (error.code, &error.message[..]),
            (1311, "x509: certificate doesn't match hostname")
        );
        let error = fails(
            Settings {
                hosts: hosts(),
                ..Settings::default()
            },
            &elsewhere,
        )
        .await;
        assert_eq!(error.code, 1311, "the name is judged first, as in Go");
        let expired = TestServer::with(ServerOptions {
            expired: true,
            ..ServerOptions::default()
        });
        let error = fails(trusting(&expired), &expired.https_url("/get")).await;
        assert_eq!(error.code, 1000);
        assert!(
            error.message.starts_with("x509: certificate has expired"),
            "{error:?}"
        );
        for (server, url) in [(&server, &elsewhere), (&expired, &expired.https_url("/get"))] {
            let user = User::with(Settings {
                insecure_skip_tls_verify: true,
                hosts: hosts(),
                ..Settings::default()
            });
            user.ok(get(url)).await;
            assert_eq!(server.counts.answers("/get", 200), 1);
        }
    });
}

#[test]
fn a_server_without_tls_and_a_client_without_tls() {
    on_this_thread(async {
        let server = TestServer::start();
        let error = fails(Settings::default(), &format!("https://{}/get", server.http)).await;
        assert_eq!(
            (error.code, &error.message[..]),
            (1301, "tls: first record does not look like a TLS handshake")
        );
        let error = fails(Settings::default(), &format!("http://{}/get", server.https)).await;
        assert_eq!(error.code, 1000);
        assert!(error.message.starts_with("malformed HTTP response"), "{error:?}");
    });
}

#[test]
fn versions_of_tls() {
    on_this_thread(async {
        let server = TestServer::with(ServerOptions {
            only_tls12: true,
            ..ServerOptions::default()
        });
        let url = server.https_url("/get");
        let response = User::with(trusting(&server)).ok(get(&url)).await;
        let tls = response.tls.unwrap();
        assert_eq!(tls.version, "tls1.2");
        assert!(tls.cipher_suite.starts_with("TLS_ECDHE_ECDSA_WITH_"), "{tls:?}");
        let error = fails(
            Settings {
                tls_min: Some(TlsVersion::Tls13),
                ..trusting(&server)
            },
            &url,
        )
        .await;
        assert_eq!(
            (error.code, &error.message[..]),
            (1010, "remote error: tls: protocol version not supported")
        );
        let newest = TestServer::start();
        let old = Settings {
            tls_max: Some(TlsVersion::Tls12),
            ..trusting(&newest)
        };
        assert_eq!(
            User::with(old)
                .ok(get(&newest.https_url("/get")))
                .await
                .tls
                .unwrap()
                .version,
            "tls1.2"
        );
        let none = Settings {
            tls_max: Some(TlsVersion::Tls11),
            ..Settings::default()
        };
        assert!(
            Shared::new(none)
                .err()
                .unwrap()
                .to_string()
                .contains("tlsVersion")
        );
    });
}

#[test]
fn certificates_of_the_user() {
    on_this_thread(async {
        let server = TestServer::with(ServerOptions {
            client_certificates: true,
            ..ServerOptions::default()
        });
        let (cert_pem, key_pem) = server.authority.issue(&["user".into()], false);
        let shown = |domains: &[&str]| Settings {
            client_certificates: vec![ClientCertificate {
                domains: domains.iter().map(|domain| domain.to_string()).collect(),
                cert_pem: cert_pem.clone(),
                key_pem: key_pem.clone(),
            }],
            ..trusting(&server)
        };
        for domains in [
            &[][..],
            &["localhost"],
            &["*.test", "local*"][..1],
            &["localhost", "b.test"],
        ] {
            let outcome = User::with(shown(domains)).get(&server.https_url("/get")).await;
            assert_eq!(
                outcome.error.is_none(),
                domains != ["*.test"],
                "{domains:?}: {outcome:?}"
            );
        }
        let other = Authority::new().issue(&["user".into()], false);
        let wrong = ClientCertificate {
            domains: Vec::new(),
            cert_pem,
            key_pem: other.1,
        };
        let settings = Settings {
            client_certificates: vec![wrong],
            ..trusting(&server)
        };
        assert!(
            Shared::new(settings)
                .err()
                .unwrap()
                .to_string()
                .starts_with("tlsAuth[0]: ")
        );
        let empty = ClientCertificate {
            domains: Vec::new(),
            cert_pem: String::new(),
            key_pem: "x".into(),
        };
        let settings = Settings {
            client_certificates: vec![empty],
            ..trusting(&server)
        };
        assert!(
            Shared::new(settings)
                .err()
                .unwrap()
                .to_string()
                .contains("no certificate in it")
        );
    });
}
