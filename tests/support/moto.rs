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

    /// The answer to a form for SQS, which needs no client of its own for that. moto checks no signature, but looks
    /// into its scope to tell the service.
    pub fn sqs(&self, form: &str) -> String {
        let scope = "Credential=testing/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0";
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: sqs.us-east-1.amazonaws.com\r\nAuthorization: AWS4-HMAC-SHA256 {scope}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
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
