//! A TCP proxy with the HTTP API and the toxics of Shopify's Toxiproxy 2.x, for any client of that.
//!
//! It differs from the original in this:
//!
//! - It serves this machine only: a connection from elsewhere is closed, whatever address a proxy listens on.
//! - `reset_peer` also resets connections that were open before the toxic was added.
//! - Whether a toxic affects a connection is drawn when the connection starts or the toxic is added or updated, not again
//!   when another toxic comes or goes.
//! - `/metrics` is always there and counts bytes as they pass, not at the end of a connection.
//! - A change never waits for a connection whose peer does not read.
//! - What the Go server says of JSON that it cannot use (after `bad request body: `) is said in other words.

mod api;
mod collection;
mod link;
mod listen;
mod metrics;
mod proxy;
mod socket;
mod stub;
mod toxics;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::collection::Collection;

/// How long [`Toxiproxy::close`] waits for requests that are under way.
const GRACE: Duration = Duration::from_secs(1);

/// A server that runs until it is closed or dropped.
#[derive(Debug)]
pub struct Toxiproxy {
    address: SocketAddr,
    collection: Arc<Collection>,
    closed: CancellationToken,
    server: Option<JoinHandle<io::Result<()>>>,
}

/// Serves the API on this address (the original's port is 8474; port 0 takes a free one), without any proxy.
///
/// # Errors
/// When it cannot listen there.
pub async fn serve(api: SocketAddr) -> io::Result<Toxiproxy> {
    let listener = TcpListener::bind(api).await?;
    let address = listener.local_addr()?;
    let closed = CancellationToken::new();
    let collection = Arc::new(Collection::new(closed.clone()));
    let router = api::router(Arc::clone(&collection));
    let shutdown = closed.clone().cancelled_owned();
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown);
    Ok(Toxiproxy {
        address,
        collection,
        closed,
        server: Some(tokio::spawn(server.into_future())),
    })
}

impl Toxiproxy {
    /// Where its API is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes all proxies with their connections, and the API.
    pub async fn close(mut self) {
        self.closed.cancel();
        self.collection.clear().await;
        if let Some(mut server) = self.server.take()
            && tokio::time::timeout(GRACE, &mut server).await.is_err()
        {
            server.abort();
        }
    }
}

impl Drop for Toxiproxy {
    fn drop(&mut self) {
        self.closed.cancel();
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}
