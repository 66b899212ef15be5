//! Opening the connection that a call goes over: directly, or through a proxy, in clear or over TLS.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host as UrlHost, Url};

use super::certificates::Trust;
use super::error::{Phase, io_reason};
use super::proxy::Proxy;
use super::{NetError, Request, shown};
use crate::host::Host;

/// Bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The longest answer to CONNECT that is read.
const LONGEST_TUNNEL_HEAD: usize = 64 * 1024;

/// A connection over which the request can be sent, or the error of the step that failed.
pub(super) async fn open(
    request: &Request,
    proxy: Option<&Proxy>,
    host: &Host,
) -> Result<Box<dyn Stream>, NetError> {
    let opening = connect(request, proxy, host);
    let Some(limit) = request.connect_timeout else {
        return opening.await;
    };
    let timeout = |_| NetError::Timeout {
        url: shown(&request.url),
        phase: Phase::Connection,
        after: limit,
    };
    tokio::time::timeout(limit, opening).await.map_err(timeout)?
}

async fn connect(request: &Request, proxy: Option<&Proxy>, host: &Host) -> Result<Box<dyn Stream>, NetError> {
    let url = &request.url;
    let is_tls = |url: &Url| url.scheme() == "https";
    let config = || Trust::of(request, host).config();
    let mut stream: Box<dyn Stream> = Box::new(tcp(proxy.map_or(url, |proxy| &proxy.url), url, proxy).await?);
    if let Some(proxy) = proxy {
        if is_tls(&proxy.url) {
            stream = tls(stream, &proxy.url, config()?).await?;
        }
        if is_tls(url) {
            tunnel(&mut stream, url, proxy).await?;
        }
    }
    if is_tls(url) {
        stream = tls(stream, url, config()?).await?;
    }
    Ok(stream)
}

async fn tcp(server: &Url, url: &Url, proxy: Option<&Proxy>) -> Result<TcpStream, NetError> {
    let port = server.port_or_known_default().unwrap_or_default();
    let stream = match server.host() {
        Some(UrlHost::Ipv4(ip)) => TcpStream::connect((ip, port)).await,
        Some(UrlHost::Ipv6(ip)) => TcpStream::connect((ip, port)).await,
        Some(UrlHost::Domain(name)) => TcpStream::connect((name, port)).await,
        None => Err(io::ErrorKind::InvalidInput.into()),
    };
    let stream = stream.map_err(|error| match proxy {
        None => NetError::Connect {
            url: shown(url),
            reason: io_reason(&error),
        },
        Some(proxy) => refused(url, proxy, &io_reason(&error)),
    })?;
    // a small request must not wait for the answer to an earlier packet; without the option it is only slower
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

async fn tls(
    stream: Box<dyn Stream>,
    server: &Url,
    config: Arc<ClientConfig>,
) -> Result<Box<dyn Stream>, NetError> {
    let failed = |reason: String| NetError::Tls {
        url: shown(server),
        reason,
    };
    let name = match server.host() {
        Some(UrlHost::Ipv4(ip)) => Ok(ServerName::from(IpAddr::V4(ip))),
        Some(UrlHost::Ipv6(ip)) => Ok(ServerName::from(IpAddr::V6(ip))),
        Some(UrlHost::Domain(name)) => ServerName::try_from(name.to_owned()),
        None => ServerName::try_from(String::new()),
    };
    let name = name.map_err(|error| failed(error.to_string()))?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(failed(io_reason(&error))),
    }
}

/// Asks the proxy for a connection to the server of `url`.
async fn tunnel(stream: &mut Box<dyn Stream>, url: &Url, proxy: &Proxy) -> Result<(), NetError> {
    let head = ask(stream, url, proxy)
        .await
        .map_err(|error| refused(url, proxy, &io_reason(&error)))?;
    let line =
        String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
    match line.split(' ').nth(1) {
        Some(code) if code.len() == 3 && code.starts_with('2') => Ok(()),
        Some("407") => Err(refused(
            url,
            proxy,
            "it asks for credentials, put them into the address of the proxy",
        )),
        _ => Err(refused(url, proxy, &format!("it answered `{line}`"))),
    }
}

async fn ask(stream: &mut Box<dyn Stream>, url: &Url, proxy: &Proxy) -> io::Result<Vec<u8>> {
    let server = format!(
        "{}:{}",
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or_default()
    );
    let mut question = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n").into_bytes();
    if let Some(authorization) = &proxy.authorization {
        question.extend_from_slice(b"Proxy-Authorization: ");
        question.extend_from_slice(authorization.as_bytes());
        question.extend_from_slice(b"\r\n");
    }
    question.extend_from_slice(b"\r\n");
    stream.write_all(&question).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
        if answer.len() > LONGEST_TUNNEL_HEAD || stream.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(answer)
}

fn refused(url: &Url, proxy: &Proxy, reason: &str) -> NetError {
    NetError::Proxy {
        url: shown(url),
        proxy: shown(&proxy.url),
        reason: reason.to_owned(),
    }
}
