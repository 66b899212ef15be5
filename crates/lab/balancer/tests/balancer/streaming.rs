//! Bodies are streamed both ways.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::support::*;

/// A body that is fed through a channel.
fn fed() -> (mpsc::Sender<Bytes>, Body) {
    let (feed, queue) = mpsc::channel::<Bytes>(4);
    let frames = futures_util::stream::unfold(queue, |mut queue| async {
        queue.recv().await.map(|bytes| (Ok(Frame::data(bytes)), queue))
    });
    (feed, BodyExt::boxed(StreamBody::new(frames)))
}

/// Sends each piece of a body back as it comes.
async fn echo() -> Server {
    Server::start(|request| async move { http::Response::new(request.into_body().boxed()) }).await
}

#[tokio::test]
async fn each_piece_passes_before_the_next_is_sent() {
    let server = echo().await;
    let bench = Bench::with(&[&server]).await;
    let mut client = bench.client().await;
    for _ in 0..3 {
        let (feed, body) = fed();
        feed.send("begin".into()).await.unwrap();
        let request = Request::post("/").header("host", "x").body(body).unwrap();
        let answer = client.send(request).await.unwrap();
        assert!(answer.headers().contains_key("transfer-encoding"));
        let mut back = answer.into_body();
        assert_eq!(back.frame().await.unwrap().unwrap().into_data().unwrap(), "begin");
        for at in 0..5 {
            feed.send(format!("piece {at}").into()).await.unwrap();
            let piece = back.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(piece, format!("piece {at}"));
        }
        drop(feed);
        assert!(back.frame().await.is_none());
    }
    assert_eq!(bench.recorder.all().len(), 3);
}

#[tokio::test]
async fn large_bodies_arrive_whole() {
    let server = echo().await;
    let bench = Bench::with(&[&server]).await;
    let mut client = bench.client().await;
    let piece = Bytes::from(vec![7_u8; 1 << 16]);
    let pieces = 512;
    let (feed, body) = fed();
    let sent = piece.clone();
    tokio::spawn(async move {
        for _ in 0..pieces {
            feed.send(sent.clone()).await.unwrap();
        }
    });
    let request = Request::post("/").header("host", "x").body(body).unwrap();
    let mut back = client.send(request).await.unwrap().into_body();
    let mut count = 0;
    while let Some(frame) = back.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        assert!(data.iter().all(|byte| *byte == 7));
        count += data.len();
    }
    assert_eq!(count, piece.len() * pieces);
}

#[tokio::test]
async fn bodies_of_known_length_keep_their_length() {
    let server = echo().await;
    let bench = Bench::with(&[&server]).await;
    let mut client = bench.client().await;
    let request = Request::post("/")
        .header("host", "x")
        .body(full("five!"))
        .unwrap();
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.headers()["content-length"], "5");
    assert_eq!(text(answer).await, "five!");
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_told_to_go_on() {
    let server = echo().await;
    let bench = Bench::with(&[&server]).await;
    let mut stream = BufReader::new(TcpStream::connect(bench.balancer.address()).await.unwrap());
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    stream.write_all(b"body").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(
        rest.contains("HTTP/1.1 200") && rest.ends_with("\r\n\r\nbody"),
        "{rest}"
    );
}

#[tokio::test]
async fn a_target_that_dies_within_its_answer_breaks_it_off() {
    let server = Server::raw(|mut stream| async move {
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).await.unwrap_or(0);
        let check = String::from_utf8_lossy(&request[..read]).contains("HealthChecker");
        let length = if check { 4 } else { 4000 };
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhalf");
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    let answer = bench.client().await.send(get("/")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.into_body().collect().await.is_err());
    let seen = bench.recorder.only();
    assert_eq!((seen.target_status, seen.balancer_status), (Some(200), None));
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_passed_on() {
    let server = Server::start(|request| async move {
        let code = if is_check(request.headers()) { 200 } else { 413 };
        status(code, "too much")
    })
    .await;
    let bench = Bench::with(&[&server]).await;
    let (feed, body) = fed();
    feed.send("some".into()).await.unwrap();
    let request = Request::post("/").header("host", "x").body(body).unwrap();
    let answer = bench.client().await.send(request).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), text(answer).await),
        (413, "too much".into())
    );
    drop(feed);
    assert_eq!(bench.get("/").await.0, 413);
    assert_eq!(bench.recorder.all().len(), 2);
}
