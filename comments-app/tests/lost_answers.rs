//! The worst moment for a connection to break: the database has committed, and its answer is lost.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use serde_json::json;
use support::{Data, Http, Service, datasource, engines};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};

/// In the text of the comment whose answer is to be lost.
const MARK: &[u8] = b"lose this answer";

/// Passes all on to the database, but once: what answers the mark is swallowed, and the connection closed.
async fn lossy(database: SocketAddr) -> (SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let lost = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&lost);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass_on(client, database, Arc::clone(&shared)));
        }
    });
    (address, lost)
}

async fn pass_on(client: TcpStream, database: SocketAddr, lost: Arc<AtomicBool>) {
    let server = TcpStream::connect(database).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = async {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = from_client.read(&mut buffer).await.unwrap_or(0);
            if length == 0 {
                return false;
            }
            let asked = &buffer[..length];
            let marked = asked.windows(MARK.len()).any(|part| part == MARK);
            let lose = marked && !lost.swap(true, Ordering::SeqCst);
            if to_server.write_all(asked).await.is_err() || lose {
                return lose;
            }
        }
    };
    // while one side asks, the other answers; asking ends first when an answer is to be lost
    let lose = tokio::select! {
        lose = asking => lose,
        _ = copy(&mut from_server, &mut to_client) => false,
    };
    if lose {
        // the answer means that it is committed
        let mut answer = [0; 1024];
        assert!(from_server.read(&mut answer).await.unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_whose_answer_was_lost_is_there_once() {
    for engine in engines() {
        let data = Data::start(engine).await;
        let (address, lost) = lossy(data.database.address()).await;
        let api = Service::start("api", &datasource(address));
        let http = Http::new();
        http.until(&api.url("/health"), StatusCode::OK).await;
        let user = json!({ "id": 1, "handle": "@ann", "username": "Ann" });
        http.post(&api.url("/users"), &user).await.expect(200);
        http.post(&api.url("/posts"), &json!({ "id": 1, "url": "x", "title": "t" }))
            .await
            .expect(200);

        let comment = json!({ "post": 1, "user": 1, "content": std::str::from_utf8(MARK).unwrap() });
        let written = http.post(&api.url("/comments"), &comment).await.expect(200);
        assert!(lost.load(Ordering::SeqCst));
        let all = http.get(&api.url("/posts/1/comments")).await.expect(200);
        assert_eq!(all["comments"], json!([written]), "{engine:?}");
        let metrics = http.get(&api.url("/metrics")).await.text;
        for line in [r#"{why="away"} 1"#, r#"{why="duplicate"} 1"#] {
            assert!(metrics.contains(line), "it was not sent again: {metrics}");
        }
    }
}
