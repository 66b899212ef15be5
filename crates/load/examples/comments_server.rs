//! The comments application of the tests, to try scripts against: `cargo run --example comments_server -- 3000`.
//! It prints its address; `GET /_counts` gives its counters.

use std::process::ExitCode;

#[path = "../tests/comments/mod.rs"]
mod comments;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]
fn main() -> ExitCode {
    let port = std::env::args().nth(1).unwrap_or_else(|| "3000".into());
    let Ok(port) = port.parse() else {
        eprintln!("usage: comments_server [PORT]; 0 is a free port");
        return ExitCode::from(2);
    };
    match comments::Server::start(port) {
        Ok(server) => {
            println!("{}", server.url());
            server.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot serve on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}
