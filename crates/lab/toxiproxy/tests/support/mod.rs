//! What the tests share: a Toxiproxy with a client for its API, and servers behind it.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::net::SocketAddr;
use std::time::Duration;

use chaos_lab_toxiproxy::{Toxiproxy, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it hangs")
}

pub struct Setting {
    pub toxiproxy: Toxiproxy,
}

impl Setting {
    pub async fn new() -> Self {
        let toxiproxy = serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
        Self { toxiproxy }
    }

    pub async fn raw(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(self.toxiproxy.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// The status and the JSON of the answer; null without one.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let (status, body) = self.raw(method, path, "", &body).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// A proxy `db` that leads there; returns where it listens.
    pub async fn proxy(&self, upstream: SocketAddr) -> String {
        let wanted = json!({"name": "db", "listen": "127.0.0.1:0", "upstream": upstream.to_string()});
        let (status, proxy) = self.ask("POST", "/proxies", wanted).await;
        assert_eq!(status, 201, "{proxy}");
        proxy["listen"].as_str().unwrap().to_owned()
    }

    /// Adds a toxic to `db` under the name of its type.
    pub async fn toxic(&self, kind: &str, attributes: Value) {
        self.toxic_on("downstream", kind, attributes).await;
    }

    pub async fn toxic_on(&self, stream: &str, kind: &str, attributes: Value) {
        let toxic = json!({"name": kind, "type": kind, "stream": stream, "attributes": attributes});
        let (status, answer) = self.ask("POST", "/proxies/db/toxics", toxic).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub async fn remove_toxic(&self, name: &str) {
        let (status, _) = soon(self.ask("DELETE", &format!("/proxies/db/toxics/{name}"), Value::Null)).await;
        assert_eq!(status, 204);
    }
}

/// A server that sends back what it gets.
pub async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    address
}

/// Sends text, and returns as much from the other side.
pub async fn exchange(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    receive(stream, text.len()).await
}

pub async fn receive(stream: &mut TcpStream, size: usize) -> String {
    let mut got = vec![0; size];
    soon(stream.read_exact(&mut got)).await.unwrap();
    String::from_utf8(got).unwrap()
}

/// Everything until the connection ends, and the error by which it ends if it does.
pub async fn rest(stream: &mut TcpStream) -> (Vec<u8>, Option<std::io::ErrorKind>) {
    let mut got = Vec::new();
    let ended = soon(stream.read_to_end(&mut got)).await;
    (got, ended.err().map(|error| error.kind()))
}

/// A connection to the proxy, and the one to the server that comes of it.
pub async fn pair(listen: &str, server: &TcpListener) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(listen).await.unwrap();
    let (server, _) = soon(server.accept()).await.unwrap();
    (client, server)
}
