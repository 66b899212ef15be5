//! The server of the tests as a program: `test_server [PORT]`. HTTP on the port, HTTPS on the next one.
//! Without a port it takes 8080. The root certificate that signed its own is printed as PEM.

#[path = "../tests/support/mod.rs"]
mod support;

use support::{ServerOptions, TestServer};

#[allow(clippy::print_stdout)] // what a program of the developer prints is its result
fn main() {
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(8080);
    let server = TestServer::with(ServerOptions {
        port,
        ..ServerOptions::default()
    });
    println!("http://{}", server.http);
    println!("https://localhost:{}", server.https.port());
    println!("{}", server.authority.root_pem());
    loop {
        std::thread::park();
    }
}
