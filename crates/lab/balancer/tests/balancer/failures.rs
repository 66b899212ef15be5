//! Requests that no target answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::*;

/// Reads one request from a connection; tells whether it is a health check, nothing at the connection's end.
async fn read_request(stream: &mut TcpStream) -> Option<bool> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&read).contains("HealthChecker"))
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers checks; writes something else to requests, then closes.
async fn writing(bytes: &'static [u8], requests: Arc<AtomicUsize>) -> Server {
    Server::raw(move |mut stream| {
        let requests = Arc::clone(&requests);
        async move {
            if read_request(&mut stream).await == Some(true) {
                let _ = stream.write_all(OK).await;
            } else {
                requests.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(bytes).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn without_targets_it_is_503() {
    let bench = Bench::new(seldom()).await;
    let (code, page) = bench.get("/").await;
    assert_eq!(code, 503);
    assert!(page.contains("503 Service Unavailable"));
    let seen = bench.recorder.only();
    assert_eq!(
        (seen.balancer_status, seen.target, seen.target_status),
        (Some(503), None, None)
    );
    assert_eq!(seen.target_group.as_deref(), Some("web"));
}

#[tokio::test]
async fn a_refused_connection_is_502_and_a_connection_error() {
    let bench = Bench::new(seldom()).await;
    let address = refusing().await;
    bench.group.register(address, "a");
    assert_eq!(bench.get("/").await.0, 502);
    let seen = bench.recorder.only();
    assert_eq!(
        (seen.balancer_status, seen.target, seen.target_status),
        (Some(502), Some(address), None)
    );
    assert!(seen.target_connection_error && seen.target_response_time.is_none());
}

#[tokio::test]
async fn a_connection_closed_before_an_answer_is_502_and_not_sent_to_another() {
    let requests = Arc::new(AtomicUsize::new(0));
    let closing = writing(b"", Arc::clone(&requests)).await;
    let good = Server::saying("good").await;
    let bench = Bench::with(&[&closing, &good]).await;
    let mut codes = Vec::new();
    for _ in 0..10 {
        codes.push(bench.get("/").await.0);
    }
    assert_eq!(codes.iter().filter(|code| **code == 502).count(), 5, "{codes:?}");
    assert_eq!((requests.load(Ordering::SeqCst), good.count()), (5, 5));
    assert!(
        bench
            .recorder
            .all()
            .iter()
            .all(|seen| !seen.target_connection_error)
    );
}

#[tokio::test]
async fn what_is_no_http_is_502() {
    for nonsense in [
        &b"220 smtp.example ESMTP\r\n"[..],
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ] {
        let server = writing(nonsense, Arc::default()).await;
        let bench = Bench::with(&[&server]).await;
        assert_eq!(bench.get("/").await.0, 502);
        assert_eq!(bench.recorder.only().balancer_status, Some(502));
    }
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_504() {
    let server = Server::start(|request| async move {
        if !is_check(request.headers()) {
            std::future::pending::<()>().await;
        }
        status(200, "")
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    bench.balancer.set_idle_timeout(Duration::from_millis(200));
    assert_eq!(bench.get("/").await.0, 504);
    let seen = bench.recorder.only();
    assert_eq!(
        (seen.balancer_status, seen.target),
        (Some(504), Some(server.address))
    );
    assert!(!seen.target_connection_error);
}

#[tokio::test]
async fn an_answer_that_stalls_is_broken_off() {
    let server = Server::raw(|mut stream| async move {
        let check = read_request(&mut stream).await == Some(true);
        let _ = stream
            .write_all(if check {
                OK
            } else {
                b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"
            })
            .await;
        std::future::pending::<()>().await;
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    bench.balancer.set_idle_timeout(Duration::from_millis(200));
    let answer = bench.client().await.send(get("/")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(
        http_body_util::BodyExt::collect(answer.into_body())
            .await
            .is_err()
    );
    assert_eq!(bench.recorder.only().target_status, Some(200));
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_request_gets_408() {
    let server = Server::start(|request| async move {
        let _ = http_body_util::BodyExt::collect(request.into_body()).await;
        status(200, "")
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    bench.balancer.set_idle_timeout(Duration::from_millis(200));
    let answer = bench
        .raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(bench.recorder.only().balancer_status, Some(408));
}

#[tokio::test]
async fn a_client_that_leaves_is_460() {
    let server = Server::start(|request| async move {
        if !is_check(request.headers()) {
            std::future::pending::<()>().await;
        }
        status(200, "")
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    let mut stream = TcpStream::connect(bench.balancer.address()).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    until("the target has the request", || server.count() == 1).await;
    assert!(bench.recorder.all().is_empty());
    drop(stream);
    until("it is observed", || !bench.recorder.all().is_empty()).await;
    let seen = bench.recorder.only();
    assert_eq!((seen.balancer_status, seen.target_status), (Some(460), None));
    assert_eq!(seen.target, Some(server.address));
}

#[tokio::test]
async fn a_stale_connection_of_the_pool_is_replaced() {
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    let server = Server::raw(move |mut stream| {
        let counted = Arc::clone(&counted);
        async move {
            let check = read_request(&mut stream).await == Some(true);
            let _ = stream.write_all(OK).await;
            // Closes without having announced it; the end of the other side says that it was noticed.
            let _ = stream.shutdown().await;
            while read_request(&mut stream).await.is_some() {}
            if !check {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    let mut client = bench.client().await;
    for at in 1..=20 {
        assert_eq!(client.get("/").await, (200, "ok".into()));
        until("the connection ends", || ended.load(Ordering::SeqCst) == at).await;
    }
}
