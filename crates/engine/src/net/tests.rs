//! Calls to real servers on this machine.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::connect::Stream;
use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

type Seen = Arc<Mutex<Vec<String>>>;

/// A server that gives the answers in turn, the last one for ever, closing after each.
async fn server(answers: Vec<Vec<u8>>) -> (u16, Seen) {
    serve(answers, None).await
}

async fn one(answer: impl AsRef<[u8]>) -> (u16, Seen) {
    server(vec![answer.as_ref().to_vec()]).await
}

async fn serve(answers: Vec<Vec<u8>>, tls: Option<TlsAcceptor>) -> (u16, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        let mut turn = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream: Box<dyn Stream> = Box::new(stream);
            if let Some(tls) = &tls {
                let Ok(secure) = tls.accept(stream).await else {
                    continue;
                };
                stream = Box::new(secure);
            }
            let request = read_request(&mut stream).await;
            log.lock().unwrap().push(request);
            let answer = &answers[turn.min(answers.len() - 1)];
            turn += 1;
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, seen)
}

async fn read_request(stream: &mut Box<dyn Stream>) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

fn host(variables: &[(&str, String)]) -> Host {
    let env = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    Host {
        env: std::rc::Rc::new(env.collect()),
        cwd: "/".into(),
    }
}

fn get(url: &str) -> Request {
    Request::new("GET", parse_url(url).unwrap())
}

fn to(port: u16) -> Request {
    get(&format!("http://127.0.0.1:{port}/a/b?c=d#e"))
}

async fn call(request: &Request) -> Result<Response, NetError> {
    send(request, &host(&[])).await
}

fn redirect(status: u16, location: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} F\r\nLocation: {location}\r\n{more}Content-Length: 0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_request_has_the_defaults_and_what_it_says_itself() {
    let (port, seen) = one(OK).await;
    let mut request = to(port);
    request.method = "POST".to_owned();
    request.headers = vec![
        ("X-Own".to_owned(), "é".to_owned()),
        ("user-agent".to_owned(), "me".to_owned()),
        ("content-length".to_owned(), "77".to_owned()),
    ];
    request.body = Some(Bytes::from_static(b"body"));
    assert_eq!(call(&request).await.unwrap().body, "ok");
    let expected = format!(
        "POST /a/b?c=d HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: me\r\n\
         Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n\
         X-Own: \u{fffd}\r\nContent-Length: 4\r\n\r\nbody"
    );
    assert_eq!(seen.lock().unwrap()[0], expected);
}

#[tokio::test]
async fn the_head_is_shown_as_it_came() {
    let (port, _) =
        one("HTTP/1.1 299 Not bad\r\nX-One: 1\r\nx-lower: l\r\nX-Twice: a\r\nx-twice: b\r\n\r\nto the end")
            .await;
    let response = call(&to(port)).await.unwrap();
    let expected = [("X-One", "1"), ("x-lower", "l"), ("X-Twice", "a, b")];
    assert_eq!(
        response.headers,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!((response.status, response.reason.as_str()), (299, "Not bad"));
    assert_eq!(response.text(), "to the end");
    assert_eq!(response.header("X-LOWER"), Some("l"));
}

#[tokio::test]
async fn odd_answers_are_understood() {
    let cases: [(&[u8], &str); 8] = [
        (b"HTTP/1.0 200 OK\r\n\r\nold", "old"),
        (b"HTTP/1.1 200\r\n\r\nbare", "bare"),
        (b"HTTP/1.1 999 Odd\r\n\r\nx", "x"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "abc",
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1",
            "1",
        ),
        (
            b"HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 2\r\n\r\nok",
            "ok",
        ),
        (b"HTTP/1.1 204 No\r\nA: b\r\n\r\n", ""),
    ];
    for (answer, body) in cases {
        let (port, _) = one(answer).await;
        let response = call(&to(port)).await;
        assert_eq!(
            response.unwrap().body,
            body,
            "{}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[tokio::test]
async fn broken_answers_are_failures_of_their_kind() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "no answer"),
        (b"garbage\r\n\r\n", "no answer"),
        (b"HTTP/2 200 OK\r\n\r\n", "no answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", "was cut"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
            "was cut",
        ),
    ];
    for (answer, expected) in cases {
        let (port, _) = one(answer).await;
        let error = call(&to(port)).await.unwrap_err();
        assert!(
            error.is_failure() && error.to_string().contains(expected),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let body = "0123456789abcdef".repeat(1 << 18);
    let (port, _) = one(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
    .await;
    assert_eq!(call(&to(port)).await.unwrap().body, body);
}

#[tokio::test]
async fn a_refused_connection_is_told_without_secrets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = call(&get(&format!("http://jane:s3cret@127.0.0.1:{port}/p?token=t0p")))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot connect to http://127.0.0.1:{port}/p?…: connection refused")
    );
    assert!(error.is_failure());
    let debug = format!("{:?}", get("http://jane:s3cret@h/?token=t0p"));
    assert!(!debug.contains("s3cret") && !debug.contains("t0p"), "{debug}");
}

#[tokio::test]
async fn requests_that_cannot_be_sent_are_no_failures() {
    let bad = |change: fn(&mut Request)| {
        let mut request = get("http://127.0.0.1:1/");
        change(&mut request);
        request
    };
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let mut requests = vec![bad(|request| request.method = "WE IRD".to_owned())];
    for headers in [
        header("X", "a\nb"),
        header("X", " a"),
        header("X", "日本"),
        header("", "x"),
        header("X Y", "a"),
    ] {
        let mut request = bad(|_| {});
        request.headers = headers;
        requests.push(request);
    }
    for request in requests {
        let error = call(&request).await.unwrap_err();
        assert!(matches!(error, NetError::InvalidRequest { .. }), "{error}");
        assert!(!error.is_failure());
    }
}

#[tokio::test]
async fn silence_is_a_timeout_before_and_within_the_body() {
    for (start, phase) in [
        ("", Phase::Answer),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", Phase::Body),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            // until the client closes
            while stream.read(&mut [0; 1024]).await.unwrap_or(0) > 0 {}
        });
        let mut request = to(port);
        request.read_timeout = Some(Duration::from_millis(50));
        let error = call(&request).await.unwrap_err();
        assert!(
            matches!(error, NetError::Timeout { phase: found, .. } if found == phase),
            "{error}"
        );
        silent.await.unwrap();
    }
}

#[tokio::test]
async fn dropping_the_call_closes_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (ready, started) = tokio::sync::oneshot::channel();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        ready.send(()).unwrap();
        stream.read(&mut buffer).await.unwrap_or(0)
    });
    let request = to(port);
    tokio::select! {
        outcome = call(&request) => panic!("{outcome:?}"),
        _ = started => {}
    }
    assert_eq!(server.await.unwrap(), 0);
}

#[tokio::test]
async fn redirects_carry_cookies_and_change_methods() {
    let first = redirect(
        302,
        "c?x=1",
        "Set-Cookie: s=1; Path=/\r\nSet-Cookie: t=2; Path=/zzz\r\n",
    );
    let (port, seen) = server(vec![first, redirect(307, "/d", ""), OK.into()]).await;
    let mut request = to(port);
    request.method = "POST".to_owned();
    request.headers = vec![
        ("Content-Type".to_owned(), "text/plain".to_owned()),
        ("Authorization".to_owned(), "Bearer q".to_owned()),
        ("Cookie".to_owned(), "z=9".to_owned()),
    ];
    request.body = Some(Bytes::from_static(b"body"));
    let response = call(&request).await.unwrap();
    assert_eq!(response.url.path(), "/d");
    let seen = seen.lock().unwrap();
    assert!(seen[0].contains("Cookie: z=9") && seen[0].ends_with("\r\n\r\nbody"));
    for (request, start) in seen[1..].iter().zip(["GET /a/c?x=1 ", "GET /d "]) {
        assert!(request.starts_with(start), "{request}");
        assert!(request.contains("Cookie: s=1\r\n") && request.contains("Authorization: Bearer q"));
        assert!(!request.contains("Content-Type") && request.ends_with("\r\n\r\n"));
    }
}

#[tokio::test]
async fn a_kept_method_keeps_its_body() {
    let (port, seen) = server(vec![redirect(308, "/d", ""), OK.into()]).await;
    let mut request = to(port);
    request.method = "PUT".to_owned();
    request.body = Some(Bytes::from_static(b"body"));
    call(&request).await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen[1].starts_with("PUT /d ") && seen[1].ends_with("\r\n\r\nbody"));
}

#[tokio::test]
async fn redirects_end_somewhere() {
    let (port, seen) = server(vec![redirect(302, "/again", "")]).await;
    let error = call(&to(port)).await.unwrap_err();
    assert!(matches!(error, NetError::TooManyRedirects { limit: 30, .. }) && !error.is_failure());
    assert_eq!(seen.lock().unwrap().len(), 31);

    let (port, _) = server(vec![redirect(302, "ftp://x/", "")]).await;
    let error = call(&to(port)).await.unwrap_err();
    assert!(matches!(error, NetError::UnsupportedScheme { .. }));

    for (status, location, follow) in [(302, "/x", false), (302, "", true), (300, "/x", true)] {
        let (port, _) = server(vec![redirect(status, location, "")]).await;
        let mut request = to(port);
        request.follow_redirects = follow;
        assert_eq!(call(&request).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn credentials_of_the_address_do_not_follow_to_another_server() {
    let (other, seen_there) = one(OK).await;
    let (port, seen) = server(vec![redirect(302, &format!("http://127.0.0.1:{other}/"), "")]).await;
    let request = get(&format!("http://jane:s%33cret@127.0.0.1:{port}/"));
    call(&request).await.unwrap();
    assert!(seen.lock().unwrap()[0].contains("Authorization: Basic amFuZTpzM2NyZXQ=\r\n"));
    assert!(!seen_there.lock().unwrap()[0].contains("Authorization"));
}

#[tokio::test]
async fn retries_are_for_connections_and_for_methods_that_may_be_repeated() {
    for (method, answers) in [("GET", 3), ("PUT", 3), ("POST", 1)] {
        let (port, seen) = one("").await;
        let mut request = to(port);
        request.method = method.to_owned();
        request.max_retries = 2;
        assert!(call(&request).await.is_err());
        assert_eq!(seen.lock().unwrap().len(), answers, "{method}");
    }
    let (port, seen) = one("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").await;
    let mut request = to(port);
    request.max_retries = 2;
    assert_eq!(call(&request).await.unwrap().status, 503);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn plain_calls_go_through_a_proxy_with_the_whole_address() {
    let (port, seen) = one(OK).await;
    let host = host(&[("HTTP_PROXY", format!("http://u:p@127.0.0.1:{port}"))]);
    send(&get("http://jane:x@somewhere.invalid:81/a?b#c"), &host)
        .await
        .unwrap();
    let seen = seen.lock().unwrap();
    assert!(
        seen[0].starts_with("GET http://somewhere.invalid:81/a?b HTTP/1.1\r\nHost: somewhere.invalid:81\r\n")
    );
    assert!(seen[0].contains("Proxy-Authorization: Basic dTpw\r\n"));
}

#[tokio::test]
async fn a_proxy_that_refuses_the_tunnel_is_a_failure() {
    for (answer, expected) in [
        ("HTTP/1.1 407 Who\r\n\r\n", "credentials"),
        ("HTTP/1.1 502 No\r\n\r\n", "502 No"),
        ("", "end of file"),
    ] {
        let (port, seen) = one(answer).await;
        let host = host(&[("https_proxy", format!("127.0.0.1:{port}"))]);
        let error = send(&get("https://somewhere.invalid/"), &host).await.unwrap_err();
        assert!(
            error.is_failure() && error.to_string().contains(expected),
            "{error}"
        );
        assert!(seen.lock().unwrap()[0].starts_with("CONNECT somewhere.invalid:443 HTTP/1.1\r\n"));
    }
}

struct Secure {
    port: u16,
    bundle: tempfile::NamedTempFile,
}

/// A TLS server for `localhost` and 127.0.0.1, and the file of its certificate.
async fn secure() -> Secure {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let (port, _) = serve(vec![OK.into()], Some(TlsAcceptor::from(Arc::new(config)))).await;
    let bundle = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(bundle.path(), made.cert.pem()).unwrap();
    Secure { port, bundle }
}

impl Secure {
    fn request(&self, name: &str) -> Request {
        get(&format!("https://{name}:{}/", self.port))
    }

    fn bundle(&self) -> String {
        self.bundle.path().display().to_string()
    }
}

#[tokio::test]
async fn certificates_are_verified_unless_told_otherwise() {
    let server = secure().await;
    for variable in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"] {
        let trusting = host(&[(variable, server.bundle())]);
        for name in ["localhost", "127.0.0.1"] {
            assert_eq!(send(&server.request(name), &trusting).await.unwrap().body, "ok");
        }
    }
    let stranger = secure().await;
    let distrusting = host(&[("SSL_CERT_FILE", stranger.bundle())]);
    let mut request = server.request("127.0.0.1");
    let error = send(&request, &distrusting).await.unwrap_err();
    assert!(
        matches!(error, NetError::Tls { .. }) && error.is_failure(),
        "{error}"
    );
    request.ca_bundle = Some(server.bundle.path().to_owned());
    assert_eq!(send(&request, &distrusting).await.unwrap().status, 200);
    request.ca_bundle = None;
    request.verify_tls = false;
    assert_eq!(send(&request, &distrusting).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_bundle_that_cannot_be_read_is_told_with_its_path() {
    let server = secure().await;
    let host = host(&[("SSL_CERT_FILE", "/no/such/bundle.pem".to_owned())]);
    let error = send(&server.request("127.0.0.1"), &host).await.unwrap_err();
    assert!(
        !error.is_failure() && error.to_string().contains("/no/such/bundle.pem"),
        "{error}"
    );
}

#[tokio::test]
async fn secure_calls_go_through_a_tunnel() {
    let server = secure().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap().port();
    let target = server.port;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream: Box<dyn Stream> = Box::new(stream);
        let question = read_request(&mut stream).await;
        assert!(question.starts_with(&format!("CONNECT localhost:{target} HTTP/1.1\r\n")));
        stream
            .write_all(b"HTTP/1.1 200 Go\r\nA: b\r\n\r\n")
            .await
            .unwrap();
        let mut onward = tokio::net::TcpStream::connect(("127.0.0.1", target))
            .await
            .unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
    });
    let host = host(&[
        ("https_proxy", format!("http://127.0.0.1:{proxy}")),
        ("SSL_CERT_FILE", server.bundle()),
    ]);
    assert_eq!(
        send(&server.request("localhost"), &host).await.unwrap().body,
        "ok"
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_over_tls_is_a_connection_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut request = get(&format!("https://127.0.0.1:{port}/"));
    request.verify_tls = false;
    request.connect_timeout = Some(Duration::from_millis(50));
    let error = call(&request).await.unwrap_err();
    assert!(
        matches!(
            error,
            NetError::Timeout {
                phase: Phase::Connection,
                ..
            }
        ),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_answer_panics(answer in "(HTTP/1.[01] [0-9]{2,4} .{0,5}\r\n([A-Za-z-]{1,12}: .{0,9}\r\n){0,3}\r\n)?.{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (port, _) = one(answer).await;
            let mut request = to(port);
            request.follow_redirects = false;
            let _ = call(&request).await;
        });
    }
}
