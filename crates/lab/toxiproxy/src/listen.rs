//! Where a proxy listens: addresses as Go reads them.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, lookup_host};

/// Why a proxy does not listen.
#[derive(Debug, thiserror::Error)]
#[error("listen tcp {listen}: bind: {source}")]
pub struct ListenError {
    listen: String,
    source: io::Error,
}

/// Where a proxy listens and leads to.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: String,
    pub upstream: String,
}

impl Settings {
    /// Whether a proxy with these would not stay as it is with the others.
    pub async fn differ(&self, other: &Self) -> Result<bool, ListenError> {
        let resolved = resolve(&other.listen).await;
        let resolved = resolved.map_err(|source| ListenError {
            listen: other.listen.clone(),
            source,
        })?;
        let same = resolved.iter().any(|address| address.to_string() == self.listen);
        Ok(!same || self.upstream != other.upstream)
    }
}

/// Listens there; tells where that is.
pub async fn bind(listen: &str) -> Result<(TcpListener, SocketAddr), ListenError> {
    let bound = async {
        let listener = TcpListener::bind(resolve(listen).await?.as_slice()).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|source| ListenError {
        listen: listen.to_owned(),
        source,
    })
}

/// Where to listen, IPv4 first as in Go. Without a host it is everywhere, without a port a free one.
async fn resolve(listen: &str) -> io::Result<Vec<SocketAddr>> {
    if listen.is_empty() || listen.starts_with(':') {
        let port = listen.trim_start_matches(':');
        let port = if port.is_empty() { "0" } else { port };
        let both = [format!("[::]:{port}"), format!("0.0.0.0:{port}")];
        return both.iter().map(|address| parsed(address)).collect();
    }
    let mut addresses: Vec<SocketAddr> = lookup_host(listen).await?.collect();
    addresses.sort_by_key(SocketAddr::is_ipv6);
    Ok(addresses)
}

fn parsed(address: &str) -> io::Result<SocketAddr> {
    address
        .parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}
