//! Real processes of the application, on a real database, asked over HTTP.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use chaos_lab_database::{Database, Engine, Settings};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything takes that is well, on a busy machine, too.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const PASSWORD: &str = "hush-hush-4711";

/// The embedded database, and MariaDB where it is installed.
pub fn engines() -> Vec<Engine> {
    let mut engines = vec![Engine::Embedded, Engine::choose()];
    engines.dedup();
    engines
}

/// An address where nothing listens, and where nothing comes to listen by chance while a database is down: the last part of the
/// loopback network, by process, is for nobody's outgoing connections.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let [.., high, low] = std::process::id().to_be_bytes();
    loop {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::from(([127, 201, high, low.max(1)], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A database in a folder of its own.
pub struct Data {
    pub database: Database,
    _folder: TempDir,
}

impl Data {
    pub async fn start(engine: Engine) -> Self {
        Self::start_at(engine, free_address()).await
    }

    pub async fn start_at(engine: Engine, address: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            folder: folder.path().to_owned(),
            address,
            schema: "comments".into(),
            user: "app".into(),
            password: PASSWORD.into(),
            guard: Vec::new(),
        };
        Self {
            database: Database::start(engine, settings).await.unwrap(),
            _folder: folder,
        }
    }

    pub fn settings(&self) -> Vec<(&'static str, String)> {
        datasource(self.database.address())
    }
}

pub fn datasource(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        (
            "SPRING_DATASOURCE_URL",
            format!("jdbc:mysql://{address}/comments?useSSL=false"),
        ),
        ("SPRING_DATASOURCE_USERNAME", "app".into()),
        ("SPRING_DATASOURCE_PASSWORD", PASSWORD.into()),
    ]
}

/// A command of the real binary, with these settings and no others.
pub fn command(service: &str, settings: &[(&str, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comments-app"));
    command.arg(service).env_clear().stdin(Stdio::null());
    command.env("SERVER_ADDRESS", "127.0.0.1").env("SERVER_PORT", "0");
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

/// A running service; killed when it is dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Service {
    /// Starts it; it listens when this returns.
    pub fn start(service: &str, settings: &[(&str, String)]) -> Self {
        let mut child = command(service, settings)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        let address = loop {
            assert_ne!(lines.read_line(&mut text).unwrap(), 0, "it ended: {text}");
            let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
            if last["message"] == "listening" {
                break last["address"].as_str().unwrap().parse().unwrap();
            }
        };
        let log = Arc::new(Mutex::new(text));
        let written = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap_or(0) > 0 {
                written.lock().unwrap().push_str(&std::mem::take(&mut line));
            }
        });
        Self {
            child,
            address,
            log,
            reader: Some(reader),
        }
    }

    pub fn api(data: &Data, more: &[(&'static str, &str)]) -> Self {
        let mut settings = data.settings();
        settings.push(("APPLICATION_PATH_BASE", "/api".into()));
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Self::start("api", &settings)
    }

    pub fn web(api: &str, more: &[(&'static str, &str)]) -> Self {
        let mut settings = vec![("API_URL", api.to_owned())];
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Self::start("web", &settings)
    }

    pub fn spamcheck() -> Self {
        Self::start("spamcheck", &[("APPLICATION_PATH_BASE", "/spam".into())])
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it logs this.
    pub async fn logs(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(Instant::now() < deadline, "no '{text}' in {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    pub fn id(&self) -> i64 {
        self.json()["id"].as_i64().unwrap()
    }
}

/// An HTTP client.
#[derive(Clone)]
pub struct Http(Client<HttpConnector, Full<Bytes>>);

impl Http {
    pub fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    /// An answer, or why there was none.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, String> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
            .unwrap();
        let asked = tokio::time::timeout(PATIENCE, self.0.request(request)).await;
        let response = asked
            .map_err(|_| "too slow")?
            .map_err(|error| format!("{error:?}"))?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| error.to_string())?
            .to_bytes();
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    pub async fn get(&self, url: &str) -> Reply {
        self.send(Method::GET, url, &[], "").await.unwrap()
    }

    pub async fn delete(&self, url: &str) -> Reply {
        self.send(Method::DELETE, url, &[], "").await.unwrap()
    }

    pub async fn post(&self, url: &str, body: &Value) -> Reply {
        self.send(Method::POST, url, &[], &body.to_string())
            .await
            .unwrap()
    }

    pub async fn put(&self, url: &str, body: &Value) -> Reply {
        self.send(Method::PUT, url, &[], &body.to_string()).await.unwrap()
    }

    /// Asks until it answers this status.
    pub async fn until(&self, url: &str, status: StatusCode) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let reply = self.send(Method::GET, url, &[], "").await;
            if reply.as_ref().is_ok_and(|reply| reply.status == status.as_u16()) {
                return;
            }
            assert!(Instant::now() < deadline, "{url}: {reply:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A program that ends at once: its exit code and what it wrote to standard error.
pub fn run(service: &str, settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let mut child = command(service, &settings)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    (child.wait().unwrap().code(), told)
}
