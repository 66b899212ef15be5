//! Stands in for the lab's own program where tasks are tested: `task comments-app web|api|spamcheck` serves HTTP on SERVER_ADDRESS
//! and SERVER_PORT until SIGTERM, `task hog` burns CPU.
//!
//! Any path answers 200, but `/environment` with the process's variables, and all with 500 once `/sick` was asked for. The variable
//! FAIL ends it at once, STUBBORN makes it ignore SIGTERM.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chaos_lab_processes::{CpuLimit, HogConfig, hog, tie_to_parent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    if tie_to_parent().is_err() || std::env::var_os("FAIL").is_some() {
        return ExitCode::FAILURE;
    }
    if std::env::args().nth(1).as_deref() == Some("hog") {
        let config = HogConfig::from_environment().unwrap_or_default();
        let _ = hog(&config, CpuLimit::cores(0.2));
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map(|runtime| runtime.block_on(serve())) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::from(3),
    }
}

async fn serve() -> std::io::Result<()> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let port: u16 = variable("SERVER_PORT").parse().unwrap_or(0);
    let listener = TcpListener::bind((variable("SERVER_ADDRESS"), port)).await?;
    let mut end = signal(SignalKind::terminate())?;
    let sick = Arc::new(AtomicBool::new(false));
    loop {
        tokio::select! {
            _ = end.recv() => {
                if std::env::var_os("STUBBORN").is_none() {
                    return Ok(());
                }
            }
            accepted = listener.accept() => {
                tokio::spawn(answer(accepted?.0, Arc::clone(&sick)));
            }
        }
    }
}

async fn answer(mut stream: TcpStream, sick: Arc<AtomicBool>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await? > 0 {}
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    sick.fetch_or(path.ends_with("/sick"), Ordering::Relaxed);
    let status = if sick.load(Ordering::Relaxed) {
        "500 Internal Server Error"
    } else {
        "200 OK"
    };
    let body = match path {
        "/environment" => std::env::vars()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect(),
        _ => "ok".to_owned(),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await
}
