//! The server of benches/load.py: one thread, one fixed answer, HTTP/1.1 with keep-alive. `bench_server [PORT]`; 0, or none, is a
//! free port. It prints its address. `GET /_stall?MILLISECONDS` has it answer nobody for so long. `awake`: it never sleeps. On one
//! machine the system charges the waking of a server to whoever sends to it, which no generator pays for a server elsewhere.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

const BODY: &[u8] = b"{\"id\": 1, \"text\": \"the same for all who ask\"}";

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() == "/_stall" {
        let millis = request
            .uri()
            .query()
            .and_then(|query| query.parse().ok())
            .unwrap_or(1000);
        // All connections are served by this one thread.
        std::thread::sleep(Duration::from_millis(millis));
    }
    let mut response = Response::new(Full::new(Bytes::from_static(BODY)));
    response
        .headers_mut()
        .insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}

#[expect(clippy::print_stdout, reason = "it is a command")]
async fn serve(port: u16, awake: bool) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    // Room for all users while it stalls: else the system drops their connections, and they wait for TCP to try again.
    let listener = socket.listen(4096)?;
    println!("http://{}", listener.local_addr()?);
    if awake {
        tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
    }
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
            // A client that goes away is no matter.
            let _ = connection.await;
        });
    }
}

#[expect(clippy::print_stderr, reason = "it is a command")]
fn main() -> ExitCode {
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".into());
    let awake = std::env::args().nth(2).is_some_and(|word| word == "awake");
    let Ok(port) = port.parse() else {
        eprintln!("usage: bench_server [PORT [awake]]; 0 is a free port");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(8)
        .enable_all()
        .build();
    match runtime.and_then(|runtime| runtime.block_on(serve(port, awake))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot serve on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}
