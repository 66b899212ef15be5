//! Bodies on their way through the balancer: streamed frame by frame, never gathered.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::pool::{Connection, Pool};
use crate::target::Target;

/// Why a body ended early. The client's connection is closed then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The other side broke off.
    #[error("the body ended early: {0}")]
    Broken(#[from] hyper::Error),
    /// The target sent nothing for as long as the idle timeout.
    #[error("the target sent nothing for {0:?}, the idle timeout")]
    Idle(Duration),
}

/// How far the upload of a request is.
#[derive(Default)]
pub(crate) struct Progress {
    frames: AtomicU64,
    waits_for_client: AtomicBool,
    done: AtomicBool,
}

impl Progress {
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    pub(crate) fn waits_for_client(&self) -> bool {
        self.waits_for_client.load(Ordering::Relaxed) && !self.is_done()
    }

    fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }
}

/// A request's body on its way to the target.
pub(crate) struct Upload {
    inner: Incoming,
    progress: Option<Arc<Progress>>,
}

impl Upload {
    pub(crate) fn new(inner: Incoming) -> (Upload, Option<Arc<Progress>>) {
        let progress = (!inner.is_end_stream()).then(Arc::<Progress>::default);
        (
            Upload {
                inner,
                progress: progress.clone(),
            },
            progress,
        )
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        if let Some(progress) = &self.progress {
            progress
                .waits_for_client
                .store(polled.is_pending(), Ordering::Relaxed);
            if matches!(polled, Poll::Ready(Some(Ok(_)))) {
                progress.frames.fetch_add(1, Ordering::Relaxed);
            }
            let ended = matches!(polled, Poll::Ready(None));
            if ended || self.inner.is_end_stream() {
                progress.done.store(true, Ordering::Relaxed);
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The connection that an answer comes on; goes back to the pool once request and answer are complete.
pub(crate) struct Lease {
    pub(crate) target: Arc<Target>,
    /// None when it has ended already.
    pub(crate) connection: Option<Connection>,
    pub(crate) upload: Option<Arc<Progress>>,
}

impl Lease {
    fn end(self) {
        // A target may answer before it took the whole request; such a connection cannot serve another one.
        let whole = self.upload.is_none_or(|upload| upload.is_done());
        if let Some(connection) = self.connection.filter(|_| whole) {
            Pool::give_back(&self.target, connection);
        }
    }
}

/// A target's answer on its way to the client.
pub(crate) struct Download {
    inner: Incoming,
    lease: Option<Lease>,
    idle: Duration,
    /// Armed only while the target lets the client wait.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Download {
    pub(crate) fn new(inner: Incoming, lease: Lease, idle: Duration) -> Download {
        let mut download = Download {
            inner,
            lease: Some(lease),
            idle,
            alarm: None,
        };
        download.settle(false);
        download
    }

    /// Ends the lease when nothing more comes.
    fn settle(&mut self, ended: bool) {
        if (ended || self.inner.is_end_stream())
            && let Some(lease) = self.lease.take()
        {
            lease.end();
        }
    }

    fn poll_alarm(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        alarm.as_mut().poll(context)
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        if polled.is_pending() {
            ready!(self.poll_alarm(context));
            return Poll::Ready(Some(Err(BodyError::Idle(self.idle))));
        }
        let idle = self.idle;
        if let Some(alarm) = &mut self.alarm {
            alarm.as_mut().reset(Instant::now() + idle);
        }
        self.settle(matches!(polled, Poll::Ready(None)));
        polled.map_err(BodyError::from)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of an answer to a client.
pub(crate) enum Reply {
    /// Made by the balancer.
    Own(Full<Bytes>),
    /// From a target.
    Target(Download),
}

impl Body for Reply {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Reply::Own(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Reply::Target(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Reply::Own(body) => body.is_end_stream(),
            Reply::Target(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Reply::Own(body) => body.size_hint(),
            Reply::Target(body) => body.size_hint(),
        }
    }
}
