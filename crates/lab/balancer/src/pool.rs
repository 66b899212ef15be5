//! Connections to one target that wait for their next request.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::client::conn::http1::SendRequest;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::body::Upload;
use crate::lock;
use crate::target::Target;

/// Idle connections older than this are not used again; the default idle timeout of Application Load Balancers.
const IDLE: Duration = Duration::from_secs(60);

/// How long a connection may take to become ready after its last answer. One takes longer whose target answered
/// without reading its request, and may never be.
const READY: Duration = Duration::from_millis(100);

/// A connection to a target.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Upload>,
    /// Cancelled once hyper's side of the connection is gone.
    pub(crate) ended: CancellationToken,
}

/// The idle connections; the youngest goes out first, so that surplus ones grow old.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Pool {
    /// A connection that is ready for a request, if there is one.
    pub(crate) async fn take(&self) -> Option<Connection> {
        loop {
            let (mut connection, since) = lock(&self.idle).pop()?;
            // An answer's last byte comes a moment before its connection is ready again; a closed one says so here.
            if since.elapsed() < IDLE && matches!(timeout(READY, connection.sender.ready()).await, Ok(Ok(())))
            {
                return Some(connection);
            }
        }
    }

    /// Takes a connection back whose request and answer are complete.
    pub(crate) fn give_back(target: &Arc<Target>, connection: Connection) {
        if connection.sender.is_closed() {
            return;
        }
        let mut idle = lock(&target.pool.idle);
        // Asked under the lock: a target that starts to drain empties its pool after saying so.
        if !target.is_draining() {
            idle.push((connection, Instant::now()));
        }
    }

    /// Closes what the target closed, or nobody needed for long.
    pub(crate) fn forget_idle(&self) {
        lock(&self.idle)
            .retain(|(connection, since)| !connection.sender.is_closed() && since.elapsed() < IDLE);
    }

    /// Closes all idle connections.
    pub(crate) fn clear(&self) {
        lock(&self.idle).clear();
    }
}
