//! HTTP/1.1 over one connection, driven by whoever uses it: no task of its own, no poll while idle.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::dial::Connected;
use super::error::{self, HttpError};
use super::stream::{Meter, Stream};
use super::trace::Peer;

/// Bounds the read buffer, and with it what an idle connection costs and how long a head may be.
const READ_BUFFER: usize = 64 * 1024;

/// One connection.
pub(super) struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    connection: Box<http1::Connection<TokioIo<Stream>, Full<Bytes>>>,
    ended: bool,
    relay: Arc<Relay>,
    waker: Waker,
    pub(super) meter: Rc<Meter>,
    pub(super) peer: Peer,
}

impl Http1 {
    pub(super) async fn new(connected: Connected) -> Result<Self, HttpError> {
        let mut builder = http1::Builder::new();
        builder.title_case_headers(true).max_buf_size(READ_BUFFER);
        let io = TokioIo::new(connected.stream);
        let (sender, connection) = builder
            .handshake(io)
            .await
            .map_err(|error| error::of_hyper(&error, false))?;
        let relay = Arc::new(Relay::default());
        let waker = Waker::from(relay.clone());
        let (meter, peer) = (connected.meter, connected.peer);
        Ok(Self {
            sender,
            connection: Box::new(connection),
            ended: false,
            relay,
            waker,
            meter,
            peer,
        })
    }

    /// Whether another request can go over it; false too when the peer is known to have closed. `careful` looks at the
    /// socket anew: for requests that must not be sent twice.
    pub(super) async fn is_usable(&mut self, careful: bool) -> bool {
        if careful {
            // The runtime asks the operating system for news before it comes back to a task that yielded.
            tokio::task::yield_now().await;
        }
        self.settle().await
    }

    /// Lets the connection take note that the last answer is through.
    pub(super) async fn settle(&mut self) -> bool {
        poll_fn(|cx| self.drive(cx, |_| Poll::Ready(()))).await;
        !self.ended && self.sender.is_ready()
    }

    /// Sends and waits for the head of the answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        self.meter.begin();
        let mut answer = pin!(self.sender.send_request(request));
        poll_fn(|cx| self.drive(cx, |cx| answer.as_mut().poll(cx))).await
    }

    /// The next piece of the answer's body.
    pub(super) async fn frame(&mut self, body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        poll_fn(|cx| self.drive(cx, |cx| Pin::new(&mut *body).poll_frame(cx))).await
    }

    /// Polls the connection and what waits for it in turn until neither has anything left to do now.
    fn drive<T>(&mut self, cx: &Context, mut wanted: impl FnMut(&mut Context) -> Poll<T>) -> Poll<T> {
        self.relay.remember(cx.waker());
        let mut inner = Context::from_waker(&self.waker);
        loop {
            self.relay.state.store(POLLING, Ordering::Release);
            if !self.ended {
                // Its errors come out of the answer or the body as well.
                self.ended = Pin::new(&mut self.connection).poll(&mut inner).is_ready();
            }
            if let Poll::Ready(value) = wanted(&mut inner) {
                self.relay.state.store(IDLE, Ordering::Release);
                return Poll::Ready(value);
            }
            if self
                .relay
                .state
                .compare_exchange(POLLING, IDLE, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
            {
                return Poll::Pending;
            }
        }
    }
}

const IDLE: u8 = 0;
const POLLING: u8 = 1;
const WOKEN: u8 = 2;

/// Wakes the user's task, except while that very task is polling: then the poll goes round once more, which is cheaper
/// than scheduling the task again.
#[derive(Default)]
struct Relay {
    task: Mutex<Option<Waker>>,
    state: AtomicU8,
}

impl Relay {
    fn remember(&self, waker: &Waker) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *task {
            Some(known) => known.clone_from(waker),
            None => *task = Some(waker.clone()),
        }
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == IDLE {
            let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(waker) = task {
                waker.wake();
            }
        }
    }
}
