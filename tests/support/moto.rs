//! moto's server as a child process.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server; ends with this value.
pub struct Moto {
    pub address: SocketAddr,
    child: Child,
}

impl Moto {
    /// Starts the server; none, with a word on standard error, where moto is not installed.
    pub fn start() -> Option<Self> {
        let Some(program) = program() else {
            eprintln!(
                "SKIPPED: no moto_server (CHAOS_TEST_MOTO, PATH, target/test-venv); pip install 'moto[server]'"
            );
            return None;
        };
        let address = free_address();
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server starts");
        let moto = Self { address, child };
        moto.wait();
        Some(moto)
    }

    /// The answer to a form for SQS.
    pub fn sqs(&self, form: &str) -> String {
        self.form("sqs", form)
    }

    /// The answer to a form for a service that takes forms.
    pub fn form(&self, service: &str, form: &str) -> String {
        self.post(
            "/",
            service,
            "Content-Type: application/x-www-form-urlencoded",
            form,
        )
    }

    /// The answer to JSON for an operation such as `AmazonEC2ContainerServiceV20141113.ListClusters`.
    pub fn json(&self, service: &str, operation: &str, body: &str) -> String {
        let head = format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {operation}");
        self.post("/", service, &head, body)
    }

    /// Changes moto's own settings.
    pub fn configure(&self, settings: &str) {
        self.post(
            "/moto-api/config",
            "moto",
            "Content-Type: application/json",
            settings,
        );
    }

    /// Forgets everything.
    pub fn reset(&self) {
        self.post("/moto-api/reset", "moto", "Content-Type: text/plain", "");
    }

    /// These requests need no client of their own: moto checks no signature, but looks into its scope to tell the
    /// service.
    fn post(&self, path: &str, service: &str, head: &str, body: &str) -> String {
        let scope = format!(
            "Credential=testing/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {service}.us-east-1.amazonaws.com\r\n\
             Authorization: AWS4-HMAC-SHA256 {scope}\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{body}: {answer}");
        answer
    }

    fn wait(&self) {
        for _ in 0..600 {
            if TcpStream::connect(self.address).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("moto_server does not listen on {}", self.address);
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("CHAOS_TEST_MOTO").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("moto_server"));
    let venv = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-venv/bin/moto_server");
    let mut candidates = named.into_iter().chain(on_path).chain([PathBuf::from(venv)]);
    candidates.find(works)
}

/// A shim of a version manager can be there without the program behind it.
fn works(program: &PathBuf) -> bool {
    let help = Command::new(program).arg("--help").stdin(Stdio::null()).output();
    help.is_ok_and(|output| output.status.success())
}
