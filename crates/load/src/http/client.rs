//! The client of one virtual user.

use std::sync::Arc;

use super::error::HttpError;
use super::jar::Jar;
use super::outcome::Outcome;
use super::pool::Pool;
use super::request::Request;
use super::run::Run;
use super::shared::Shared;

/// The HTTP client of one virtual user, with its connections. To be used within a `tokio::task::LocalSet`.
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) pool: Pool,
}

impl Client {
    /// A client without connections.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            pool: Pool::default(),
        }
    }

    /// Makes a request, follows its redirects and reads the answer. Several may run at once: over HTTP/1.1 each takes a
    /// connection, over HTTP/2 they share one. To drop the future cancels the request at once.
    pub async fn send(&self, request: Request, jar: &Jar) -> Outcome {
        if let Some(limit) = &self.shared.limit {
            limit.turn().await;
        }
        let timeout = request.timeout;
        let mut run = Run::new(self, request, jar);
        // A timer would give the answer of a near server a millisecond.
        let result = match timeout.is_zero() {
            true => Err(HttpError::timeout()),
            false => {
                let within = tokio::time::timeout(timeout, run.go()).await;
                within.unwrap_or_else(|_| Err(HttpError::timeout()))
            }
        };
        run.end(result)
    }

    /// Closes all idle connections; those in use close when their request ends.
    pub fn close_connections(&self) {
        self.pool.close();
    }
}
