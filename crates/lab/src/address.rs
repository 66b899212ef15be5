//! Ports, and the loopback network of a lab.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use chaos_lab_region::network::Network;
use tokio::net::TcpListener;

use crate::error::Error;

/// The second number of the first and the last network that are tried.
const NETWORKS: (u8, u8) = (77, 120);
/// Bound for as long as a lab has its network; nothing speaks here.
const RESERVATION: u16 = 45_660;

/// A network that no other lab has while this lives.
pub struct Reserved {
    pub network: Network,
    _listener: TcpListener,
}

/// Reserves the first free network.
///
/// # Errors
/// [`Error::Network`] where none can be had.
pub async fn reserve() -> Result<Reserved, Error> {
    let (first, last) = NETWORKS;
    let mut reason = io::Error::from(io::ErrorKind::AddrInUse);
    for second in first..=last {
        let network = Network::new(second);
        match TcpListener::bind((network.host(0, 1), RESERVATION)).await {
            Ok(listener) => {
                return Ok(Reserved {
                    network,
                    _listener: listener,
                });
            }
            Err(error) => reason = error,
        }
    }
    Err(Error::Network {
        first,
        last,
        source: reason,
    })
}

/// Listens on 127.0.0.1.
///
/// # Errors
/// [`Error::Port`] where the port is taken or may not be used.
pub async fn listen(port: u16, purpose: &'static str, option: &'static str) -> Result<TcpListener, Error> {
    let address = local(port);
    TcpListener::bind(address).await.map_err(|source| Error::Port {
        purpose,
        option,
        address,
        source,
    })
}

/// 127.0.0.1 and a port.
pub fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
