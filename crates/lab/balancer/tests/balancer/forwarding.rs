//! What targets and clients see of each other.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use chaos_lab_balancer::TargetState;

use crate::support::*;

/// Answers with the request's line and headers as text.
async fn mirror() -> Server {
    Server::start(|request| async move {
        let mut said = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
        for (name, value) in request.headers() {
            said += &format!("{name}: {}\n", value.to_str().unwrap());
        }
        let mut answer = status(200, said);
        answer
            .headers_mut()
            .insert("keep-alive", "timeout=5".parse().unwrap());
        answer.headers_mut().insert("x-own", "kept".parse().unwrap());
        answer
    })
    .await
}

#[tokio::test]
async fn requests_go_round_robin() {
    let servers = [
        Server::saying("a").await,
        Server::saying("b").await,
        Server::saying("c").await,
    ];
    let bench = Bench::with(&[&servers[0], &servers[1], &servers[2]]).await;
    let mut client = bench.client().await;
    let mut order = String::new();
    for _ in 0..30 {
        order += &client.get("/").await.1;
    }
    let turn = &order[..3];
    assert_eq!(order, turn.repeat(10));
    assert!(servers.iter().all(|server| server.count() == 10));
    let mut by_target = BTreeMap::new();
    for seen in bench.recorder.all() {
        assert_eq!((seen.target_status, seen.balancer_status), (Some(200), None));
        assert_eq!(
            (&*seen.load_balancer, seen.target_group.as_deref()),
            ("public", Some("web"))
        );
        assert!(seen.target_response_time.is_some() && !seen.target_connection_error);
        *by_target.entry(seen.target).or_insert(0) += 1;
    }
    assert_eq!(by_target.into_values().collect::<Vec<_>>(), [10, 10, 10]);
}

#[tokio::test]
async fn hop_by_hop_headers_stop_and_forwarding_headers_come() {
    let server = mirror().await;
    let bench = Bench::with(&[&server]).await;
    let answer = bench
        .raw(
            "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\n\
             Keep-Alive: 9\r\nTE: trailers\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Else: yes\r\n\r\n",
        )
        .await;
    assert!(answer.contains("GET /a?b=c HTTP/1.1\n"), "{answer}");
    assert!(answer.contains("host: shop.example\n"));
    assert!(answer.contains("x-else: yes\n"));
    assert!(answer.contains("x-forwarded-for: 9.9.9.9, 127.0.0.1\n"));
    assert!(answer.contains("x-forwarded-proto: http\n"));
    assert!(answer.contains(&format!(
        "x-forwarded-port: {}\n",
        bench.balancer.address().port()
    )));
    for gone in ["x-secret: 1", "keep-alive", "\nte: ", "connection: close\n"] {
        assert!(!answer.contains(gone), "{gone} in {answer}");
    }
    assert!(answer.contains("x-own: kept\r\n"));
}

#[tokio::test]
async fn whole_urls_and_old_clients_are_understood() {
    let server = mirror().await;
    let bench = Bench::with(&[&server]).await;
    let whole = "GET http://shop.example/x?y HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    assert!(bench.raw(whole).await.contains("GET /x?y HTTP/1.1\n"));
    let old = bench.raw("GET /old HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    assert!(old.contains("GET /old HTTP/1.1\n"));
    assert!(old.contains(&format!("host: {}\n", bench.balancer.address())));
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let server = Server::saying("a").await;
    let bench = Bench::with(&[&server]).await;
    let checks = server.connections.load(Ordering::SeqCst);
    let mut client = bench.client().await;
    for _ in 0..50 {
        assert_eq!(client.get("/").await, (200, "a".into()));
    }
    assert_eq!(server.connections.load(Ordering::SeqCst) - checks, 1);
}

#[tokio::test]
async fn head_has_headers_and_no_body() {
    let server = Server::start(|_| async { status(200, "twelve bytes") }).await;
    let bench = Bench::with(&[&server]).await;
    let mut client = bench.client().await;
    for _ in 0..3 {
        let mut request = get("/");
        *request.method_mut() = http::Method::HEAD;
        let answer = client.send(request).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-length"]),
            (200, &"12".parse().unwrap())
        );
        assert_eq!(text(answer).await, "");
    }
    assert_eq!(client.get("/").await, (200, "twelve bytes".into()));
}

#[tokio::test]
async fn methods_that_are_not_passed_on_are_refused() {
    let server = Server::saying("a").await;
    let bench = Bench::with(&[&server]).await;
    let answer = bench
        .raw("TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    assert_eq!(bench.recorder.only().balancer_status, Some(405));
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_closed_balancer_finishes_and_then_refuses() {
    let (open, gate) = tokio::sync::watch::channel(false);
    let server = Server::start(move |request| {
        let mut gate = gate.clone();
        async move {
            if !is_check(request.headers()) {
                gate.wait_for(|open| *open).await.unwrap();
            }
            status(200, "late")
        }
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    let address = bench.balancer.address();
    let mut client = bench.client().await;
    let asked = tokio::spawn(async move { client.get("/").await });
    until("the request arrives", || server.count() == 1).await;
    let (closed, ()) = tokio::join!(bench.balancer.close(), async {
        open.send(true).unwrap();
    });
    assert_eq!((closed, asked.await.unwrap()), ((), (200, "late".into())));
    assert!(Client::connect(address).await.is_err());
    assert_eq!(bench.group.targets()[0].state, TargetState::Healthy);
}

#[tokio::test]
async fn a_dropped_balancer_lets_go_of_its_port_and_clients() {
    let bench = Bench::new(seldom()).await;
    let mut client = bench.client().await;
    assert_eq!(client.get("/").await.0, 503);
    let address = bench.balancer.address();
    drop(bench);
    client.connection.await.unwrap();
    until("the port is free", || {
        std::net::TcpListener::bind(address).is_ok()
    })
    .await;
}
