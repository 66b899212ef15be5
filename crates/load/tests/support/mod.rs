//! A server for tests: routes like httpbin's over HTTP/1.1, and over TLS also HTTP/2, with counters of what it saw.
#![allow(dead_code, clippy::unwrap_used)]

mod auth;
mod certificates;
mod connection;
mod cookies;
mod counts;
mod echo;
mod payloads;
mod routes;

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub use certificates::Authority;
pub use counts::Counts;

/// What a test may choose of a server.
pub struct ServerOptions {
    /// Port of HTTP; HTTPS is on the next one. 0: two free ports.
    pub port: u16,
    /// Protocols offered in the TLS handshake, best first.
    pub alpn: Vec<&'static str>,
    /// Names the certificate is for.
    pub names: Vec<String>,
    /// The certificate ended a day ago.
    pub expired: bool,
    /// Ask the client for a certificate signed by the server's own authority.
    pub client_certificates: bool,
    /// Newest version of TLS spoken: 1.2 instead of 1.3.
    pub only_tls12: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            port: 0,
            alpn: vec!["h2", "http/1.1"],
            names: vec!["localhost".into(), "127.0.0.1".into()],
            expired: false,
            client_certificates: false,
            only_tls12: false,
        }
    }
}

/// A running server; it ends when dropped.
pub struct TestServer {
    /// Where it speaks HTTP/1.1.
    pub http: SocketAddr,
    /// Where it speaks HTTP/1.1 and HTTP/2 over TLS.
    pub https: SocketAddr,
    /// What it saw so far.
    pub counts: Arc<Counts>,
    /// Who signed its certificate.
    pub authority: Authority,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// On two free ports of 127.0.0.1.
    pub fn start() -> Self {
        Self::with(ServerOptions::default())
    }

    /// As `options` say; panics when the port is taken.
    pub fn with(options: ServerOptions) -> Self {
        let bind = |port| StdListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        let plain = bind(options.port);
        let secure = bind(if options.port == 0 { 0 } else { options.port + 1 });
        let (http, https) = (plain.local_addr().unwrap(), secure.local_addr().unwrap());
        let authority = Authority::new();
        let acceptor = TlsAcceptor::from(Arc::new(authority.server_config(&options)));
        let counts = Arc::new(Counts::default());
        let (stop, stopped) = oneshot::channel();
        let seen = counts.clone();
        let thread = std::thread::spawn(move || run(plain, secure, acceptor, seen, stopped));
        Self {
            http,
            https,
            counts,
            authority,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:port` with `path` behind.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    /// `https://localhost:port` with `path` behind.
    pub fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.https.port())
    }

    /// The root certificate a client has to trust.
    pub fn root(&self) -> CertificateDer<'static> {
        self.authority.root()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(
    plain: StdListener,
    secure: StdListener,
    acceptor: TlsAcceptor,
    counts: Arc<Counts>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(async move {
        let plain = listener(plain);
        let secure = listener(secure);
        tokio::task::spawn_local(connection::accept(plain, None, counts.clone()));
        tokio::task::spawn_local(connection::accept(secure, Some(acceptor), counts));
        let _ = stopped.await;
    }));
}

fn listener(bound: StdListener) -> TcpListener {
    bound.set_nonblocking(true).unwrap();
    TcpListener::from_std(bound).unwrap()
}

/// Waits until `condition` holds; panics with `what` when it does not within ten seconds.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("waited in vain: {what}");
}
