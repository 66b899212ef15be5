//! What each toxic does to real connections, new ones and those that are open.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Setting, echo, exchange, pair, receive, rest, soon};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn server() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A proxy with one connection through it.
async fn connected() -> (Setting, TcpStream, TcpStream) {
    let (setting, server) = (Setting::new().await, server().await);
    let listen = setting.proxy(server.local_addr().unwrap()).await;
    let (client, server) = pair(&listen, &server).await;
    (setting, client, server)
}

/// A proxy to an echo with these toxics, and a connection through it.
async fn echoing(toxics: &[(&str, Value)]) -> (Setting, TcpStream) {
    let setting = Setting::new().await;
    let listen = setting.proxy(echo().await).await;
    for (kind, attributes) in toxics {
        setting.toxic(kind, attributes.clone()).await;
    }
    let client = TcpStream::connect(listen).await.unwrap();
    (setting, client)
}

#[tokio::test]
async fn data_passes_unharmed_both_ways_and_so_does_the_end() {
    let (_setting, mut client, mut server) = connected().await;
    let data: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let sent = data.clone();
    let sending = tokio::spawn(async move {
        server.write_all(&sent).await.unwrap();
        server.shutdown().await.unwrap();
        server
    });
    let (got, error) = rest(&mut client).await;
    assert!(got == data && error.is_none());
    drop(sending);
}

#[tokio::test]
async fn the_end_of_the_client_reaches_the_server() {
    let (_setting, client, mut server) = connected().await;
    drop(client);
    assert_eq!(rest(&mut server).await, (Vec::new(), None));
}

#[tokio::test]
async fn latency_delays_and_keeps_the_order() {
    let (setting, mut client) = echoing(&[("latency", json!({"latency": 60, "jitter": 50}))]).await;
    let start = Instant::now();
    let mut sent = String::new();
    for number in 0..50 {
        let line = format!("{number};");
        client.write_all(line.as_bytes()).await.unwrap();
        sent += &line;
        tokio::task::yield_now().await;
    }
    assert_eq!(receive(&mut client, sent.len()).await, sent);
    assert!(
        start.elapsed() >= Duration::from_millis(10),
        "not before the least delay"
    );
    setting.remove_toxic("latency").await;
    assert_eq!(exchange(&mut client, "quick").await, "quick");
}

#[tokio::test]
async fn what_waits_in_a_latency_comes_when_that_is_removed() {
    let (setting, mut client) = echoing(&[("latency", json!({"latency": 3_600_000}))]).await;
    client.write_all(b"first").await.unwrap();
    client.write_all(b"second").await.unwrap();
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(50), client.read(&mut byte)).await;
    assert!(early.is_err(), "it is delayed");
    setting.remove_toxic("latency").await;
    assert_eq!(receive(&mut client, 11).await, "firstsecond");
}

#[tokio::test]
async fn an_update_reaches_open_connections() {
    let (setting, mut client) = echoing(&[("latency", json!({"latency": 3_600_000}))]).await;
    client.write_all(b"hello").await.unwrap();
    let changed = json!({"attributes": {"latency": 1}});
    assert_eq!(
        setting.ask("POST", "/proxies/db/toxics/latency", changed).await.0,
        200
    );
    assert_eq!(receive(&mut client, 5).await, "hello");
}

#[tokio::test]
async fn a_latency_still_lets_all_data_through_before_the_end() {
    let (setting, mut client, mut server) = connected().await;
    setting.toxic("latency", json!({"latency": 30})).await;
    server.write_all(b"last words").await.unwrap();
    drop(server);
    assert_eq!(rest(&mut client).await, (b"last words".to_vec(), None));
}

#[tokio::test]
async fn a_timeout_swallows_and_closes() {
    let (_setting, mut client) = echoing(&[("timeout", json!({"timeout": 30}))]).await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(rest(&mut client).await.0, b"");
}

#[tokio::test]
async fn a_timeout_of_0_closes_only_when_it_is_removed() {
    let (setting, mut client, mut server) = connected().await;
    setting.toxic("timeout", json!({"timeout": 0})).await;
    server.write_all(b"lost").await.unwrap();
    // the other direction still works
    assert_eq!(passed(&mut client, &mut server, "request").await, "request");
    setting.remove_toxic("timeout").await;
    assert_eq!(rest(&mut client).await.0, b"");
}

async fn passed(from: &mut TcpStream, to: &mut TcpStream, text: &str) -> String {
    from.write_all(text.as_bytes()).await.unwrap();
    receive(to, text.len()).await
}

#[tokio::test]
async fn toxics_affect_their_stream_only() {
    let (setting, mut client, mut server) = connected().await;
    setting.toxic_on("upstream", "timeout", json!({})).await;
    client.write_all(b"lost").await.unwrap();
    assert_eq!(passed(&mut server, &mut client, "news").await, "news");
    setting.remove_toxic("timeout").await;
    assert_eq!(rest(&mut server).await.0, b"", "what was swallowed does not come");
}

#[tokio::test]
async fn a_bandwidth_limits_and_loses_nothing() {
    let (setting, mut client, mut server) = connected().await;
    setting.toxic("bandwidth", json!({"rate": 100})).await;
    let data = "x".repeat(30_000);
    let start = Instant::now();
    assert_eq!(passed(&mut server, &mut client, &data).await, data);
    assert!(
        start.elapsed() >= Duration::from_millis(200),
        "30 KB at 100 KB a second"
    );
}

#[tokio::test]
async fn a_bandwidth_of_0_holds_all_until_it_is_removed() {
    for rate in [0, -5, 1] {
        let (setting, mut client, mut server) = connected().await;
        setting.toxic("bandwidth", json!({"rate": rate})).await;
        let data: String = (0..20_000)
            .map(|number| char::from(b'a' + (number % 26) as u8))
            .collect();
        server.write_all(data.as_bytes()).await.unwrap();
        setting.remove_toxic("bandwidth").await;
        assert_eq!(receive(&mut client, data.len()).await, data);
    }
}

#[tokio::test]
async fn a_reset_peer_resets_both_sides() {
    let (setting, server) = (Setting::new().await, server().await);
    let listen = setting.proxy(server.local_addr().unwrap()).await;
    setting.toxic("reset_peer", json!({"timeout": 0})).await;
    let (mut client, mut server) = pair(&listen, &server).await;
    server.write_all(b"lost").await.unwrap();
    assert_eq!(
        rest(&mut client).await,
        (Vec::new(), Some(ErrorKind::ConnectionReset))
    );
    assert_eq!(
        rest(&mut server).await,
        (Vec::new(), Some(ErrorKind::ConnectionReset))
    );
}

#[tokio::test]
async fn a_reset_peer_resets_open_connections_after_its_time() {
    let (setting, mut client, mut server) = connected().await;
    setting
        .toxic_on("upstream", "reset_peer", json!({"timeout": 20}))
        .await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(
        rest(&mut client).await,
        (Vec::new(), Some(ErrorKind::ConnectionReset))
    );
    assert_eq!(
        rest(&mut server).await,
        (Vec::new(), Some(ErrorKind::ConnectionReset))
    );
}

#[tokio::test]
async fn a_reset_peer_that_waits_resets_when_it_is_removed() {
    let (setting, mut client, mut server) = connected().await;
    loop {
        setting
            .toxic_on("upstream", "reset_peer", json!({"timeout": 3_600_000}))
            .await;
        client.write_all(b"x").await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        setting.remove_toxic("reset_peer").await;
        let mut byte = [0];
        match soon(server.read(&mut byte)).await {
            // removed before the data came to it
            Ok(1) => {}
            ended => break assert_eq!(ended.unwrap_err().kind(), ErrorKind::ConnectionReset),
        }
    }
    assert_eq!(
        rest(&mut client).await,
        (Vec::new(), Some(ErrorKind::ConnectionReset))
    );
}

#[tokio::test]
async fn a_slow_close_delays_the_end_but_no_data() {
    let (setting, mut client, mut server) = connected().await;
    setting.toxic("slow_close", json!({"delay": 3_600_000})).await;
    assert_eq!(passed(&mut server, &mut client, "hello").await, "hello");
    drop(server);
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(50), client.read(&mut byte)).await;
    assert!(early.is_err(), "it stays open");
    setting.remove_toxic("slow_close").await;
    assert_eq!(rest(&mut client).await, (Vec::new(), None));
}

#[tokio::test]
async fn a_short_slow_close_ends_by_itself() {
    let (setting, mut client, server) = connected().await;
    setting.toxic("slow_close", json!({"delay": 20})).await;
    drop(server);
    assert_eq!(rest(&mut client).await, (Vec::new(), None));
}

#[tokio::test]
async fn limit_data_counts_bytes_and_closes() {
    let (setting, mut client, mut server) = connected().await;
    setting.toxic("limit_data", json!({"bytes": 10})).await;
    assert_eq!(passed(&mut server, &mut client, "1234").await, "1234");
    // an update does not forget what has passed
    setting
        .ask(
            "PATCH",
            "/proxies/db/toxics/limit_data",
            json!({"attributes": {"bytes": 7}}),
        )
        .await;
    server.write_all(b"56789").await.unwrap();
    assert_eq!(rest(&mut client).await.0, b"567");
    let (setting, mut client) = echoing(&[("limit_data", json!({"bytes": 5}))]).await;
    assert_eq!(exchange(&mut client, "12345").await, "12345");
    assert_eq!(rest(&mut client).await.0, b"");
    drop(setting);
}

#[tokio::test]
async fn a_slicer_cuts_and_loses_nothing() {
    let (setting, mut client, mut server) = connected().await;
    setting
        .toxic(
            "slicer",
            json!({"average_size": 10, "size_variation": 4, "delay": 1000}),
        )
        .await;
    server
        .write_all("0123456789".repeat(10).as_bytes())
        .await
        .unwrap();
    let mut first = [0; 100];
    let read = soon(client.read(&mut first)).await.unwrap();
    assert!(read < 100, "in pieces");
    setting.remove_toxic("slicer").await;
    let got = receive(&mut client, 100 - read).await;
    assert_eq!(
        String::from_utf8_lossy(&first[..read]) + got.as_str(),
        "0123456789".repeat(10)
    );
    for attributes in [
        json!({}),
        json!({"average_size": -1, "size_variation": -1, "delay": -1}),
    ] {
        setting.toxic("slicer", attributes).await;
        assert_eq!(passed(&mut server, &mut client, "odd sizes").await, "odd sizes");
        setting.remove_toxic("slicer").await;
    }
}

#[tokio::test]
async fn toxicity_0_affects_no_connection_until_it_is_raised() {
    let (setting, mut client, mut server) = connected().await;
    let toxic = json!({"name": "t", "type": "timeout", "toxicity": 0, "attributes": {"timeout": 20}});
    assert_eq!(setting.ask("POST", "/proxies/db/toxics", toxic).await.0, 200);
    assert_eq!(passed(&mut server, &mut client, "hello").await, "hello");
    setting
        .ask("PATCH", "/proxies/db/toxics/t", json!({"toxicity": 1.0}))
        .await;
    assert_eq!(rest(&mut client).await.0, b"");
}

#[tokio::test]
async fn toxicity_is_drawn_for_each_connection() {
    let setting = Setting::new().await;
    let listen = setting.proxy(echo().await).await;
    let toxic = json!({"type": "limit_data", "toxicity": 0.5, "attributes": {"bytes": 0}});
    assert_eq!(setting.ask("POST", "/proxies/db/toxics", toxic).await.0, 200);
    let (mut closed, mut open) = (0, 0);
    // either alone has a chance of 2^-100
    for _ in 0..100 {
        let mut client = TcpStream::connect(&listen).await.unwrap();
        client.write_all(b"x").await.unwrap();
        let mut byte = [0];
        match soon(client.read(&mut byte)).await {
            Ok(1) => open += 1,
            _ => closed += 1,
        }
    }
    assert!(closed > 0 && open > 0, "{closed} closed, {open} open");
}

#[tokio::test]
async fn toxics_work_one_behind_the_other() {
    let toxics = [
        ("latency", json!({"latency": 5})),
        ("slicer", json!({"average_size": 3, "delay": 10})),
        ("bandwidth", json!({"rate": 1000})),
        ("limit_data", json!({"bytes": 20})),
    ];
    let (_setting, mut client) = echoing(&toxics).await;
    assert_eq!(exchange(&mut client, "first of two").await, "first of two");
    client.write_all(b" and the second").await.unwrap();
    assert_eq!(rest(&mut client).await.0, b" and the");
}

#[tokio::test]
async fn toxics_come_and_go_under_load_without_loss() {
    let (setting, mut client) = echoing(&[]).await;
    let data: Vec<u8> = (0..2_000_000_u32).map(|number| (number % 249) as u8).collect();
    let (mut from, mut to) = client.split();
    let sending = async {
        to.write_all(&data).await.unwrap();
    };
    let mut got = vec![0; data.len()];
    let changing = async {
        for round in 0..40 {
            let stream = ["upstream", "downstream"][round % 2];
            setting
                .toxic_on(stream, "latency", json!({"latency": 2, "jitter": 2}))
                .await;
            setting
                .toxic_on(
                    stream,
                    "slicer",
                    json!({"average_size": 5000, "size_variation": 900}),
                )
                .await;
            setting
                .toxic_on(stream, "bandwidth", json!({"rate": 50_000}))
                .await;
            setting.remove_toxic("slicer").await;
            setting.remove_toxic("latency").await;
            setting.remove_toxic("bandwidth").await;
        }
    };
    let (_, read, ()) = soon(async { tokio::join!(sending, from.read_exact(&mut got), changing) }).await;
    read.unwrap();
    assert!(got == data);
}

#[tokio::test]
async fn a_change_does_not_wait_for_who_does_not_read() {
    let (setting, client, mut server) = connected().await;
    let chunk = vec![7; 1 << 20];
    // until nothing fits in any more
    while tokio::time::timeout(Duration::from_millis(100), server.write_all(&chunk))
        .await
        .is_ok()
    {}
    setting.toxic("latency", json!({"latency": 1})).await;
    setting.toxic("slow_close", json!({"delay": 1})).await;
    setting.remove_toxic("latency").await;
    let (status, _) = soon(setting.ask("POST", "/proxies/db", json!({"enabled": false}))).await;
    assert_eq!(status, 200);
    drop(client);
}
