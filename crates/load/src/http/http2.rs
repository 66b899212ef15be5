//! HTTP/2 over one connection, shared by all requests of a user to one host.

use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;

use super::dial::Connected;
use super::error::{self, HttpError};
use super::stream::Meter;
use super::trace::Peer;

/// A handle of the connection; it closes when the last one is gone.
#[derive(Clone)]
pub(super) struct Http2 {
    sender: http2::SendRequest<Full<Bytes>>,
    pub(super) meter: Rc<Meter>,
    pub(super) peer: Peer,
}

/// Runs what hyper needs on the thread of the user.
#[derive(Clone)]
struct OnThisThread;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

impl Http2 {
    pub(super) async fn new(connected: Connected) -> Result<Self, HttpError> {
        connected.meter.shared.set(true);
        let builder = http2::Builder::new(OnThisThread);
        let io = TokioIo::new(connected.stream);
        let (sender, connection) = builder
            .handshake(io)
            .await
            .map_err(|error| error::of_hyper(&error, false))?;
        tokio::task::spawn_local(async move {
            // Its failure reaches each request by itself.
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            meter: connected.meter,
            peer: connected.peer,
        })
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends and waits for the head of the answer. The flag of an error: nothing of the request was acted upon.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, (hyper::Error, bool)> {
        self.sender.ready().await.map_err(|error| (error, true))?;
        self.sender.try_send_request(request).await.map_err(|mut failed| {
            let unsent = failed.take_message().is_some();
            let error = failed.into_error();
            let refused = error::source::<h2::Error>(&error)
                .is_some_and(|error| error.reason() == Some(h2::Reason::REFUSED_STREAM));
            (error, unsent || refused)
        })
    }
}
