//! New connections: the name, TCP, a proxy's tunnel, TLS.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::{self, HttpError, code};
use super::hosts::Target;
use super::pool::Origin;
use super::proxy;
use super::shared::Shared;
use super::stream::{Meter, Stream, Tcp};
use super::tls;
use super::trace::{Peer, Trace};

/// k6's limit on connecting.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// A new connection.
pub(super) struct Connected {
    pub(super) stream: Stream,
    pub(super) meter: Rc<Meter>,
    pub(super) peer: Peer,
    /// The server chose HTTP/2.
    pub(super) http2: bool,
}

/// Connects to `origin`, or to its proxy.
pub(super) async fn connect(shared: &Shared, origin: &Origin, trace: &Trace) -> Result<Connected, HttpError> {
    let (host, port) = match &origin.proxy {
        Some(proxy) => proxy.address()?,
        None => (&origin.host[..], origin.port),
    };
    let addresses = addresses(shared, host, port).await?;
    trace.connect.start();
    let dialled = tokio::time::timeout(DIAL_TIMEOUT, dial(&addresses)).await;
    let (stream, remote) =
        dialled.unwrap_or_else(|_| Err(HttpError::new(code::DIAL_TIMEOUT, "dial: i/o timeout")))?;
    trace.connect.end();
    let meter = Rc::new(Meter::default());
    trace.measure(meter.clone());
    let mut tcp = Tcp::new(stream, meter.clone());
    if !origin.secure {
        return Ok(Connected {
            stream: Stream::Plain(tcp),
            meter,
            peer: Peer { remote, tls: None },
            http2: false,
        });
    }
    if let Some(proxy) = &origin.proxy {
        proxy::tunnel(&mut tcp, proxy, &origin.host, origin.port).await?;
    }
    secure(shared, origin, trace, tcp, remote, meter).await
}

async fn secure(
    shared: &Shared,
    origin: &Origin,
    trace: &Trace,
    tcp: Tcp,
    remote: SocketAddr,
    meter: Rc<Meter>,
) -> Result<Connected, HttpError> {
    let config = shared.tls.config(&origin.host)?;
    let name = ServerName::try_from(origin.host.clone())
        .map_err(|error| HttpError::new(code::TLS, format!("tls: \"{}\": {error}", origin.host)))?;
    trace.handshake.start();
    let tls = TlsConnector::from(config)
        .connect(name, tcp)
        .await
        .map_err(|error| handshake_error(&error))?;
    trace.handshake.end();
    let connection = tls.get_ref().1;
    let http2 = connection.alpn_protocol() == Some(b"h2");
    let peer = Peer {
        remote,
        tls: Some(tls::describe(connection)),
    };
    Ok(Connected {
        stream: Stream::Tls(Box::new(tls)),
        meter,
        peer,
        http2,
    })
}

fn handshake_error(error: &io::Error) -> HttpError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => HttpError::new(code::DEFAULT, "EOF"),
        _ => error::of_io(error, "read"),
    }
}

async fn addresses(shared: &Shared, host: &str, port: u16) -> Result<Vec<SocketAddr>, HttpError> {
    if let Target::Address(address) = shared.hosts.target(host, port)? {
        return Ok(vec![address]);
    }
    let mut refused = None;
    let mut allowed = Vec::new();
    for ip in shared.resolver.lookup(host).await? {
        match shared.hosts.allow(ip) {
            Ok(()) => allowed.push(SocketAddr::new(ip, port)),
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) if allowed.is_empty() => Err(error),
        _ => Ok(allowed),
    }
}

/// Each address in turn until one answers.
async fn dial(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), HttpError> {
    let mut failure = HttpError::new(code::NO_SUCH_HOST, "lookup: no such host");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Err(error) => failure = error::of_dial(&error, address),
        }
    }
    Err(failure)
}
