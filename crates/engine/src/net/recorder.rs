//! The stream under hyper: keeps the raw head of the answer, and limits how long nothing may move.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::connect::Stream;
use super::head::HeadReader;

/// As good as no limit, and small enough for a clock.
const LONGEST_IDLE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A stream that remembers the head that came through it.
pub(super) struct Recorder {
    stream: Box<dyn Stream>,
    pub head: HeadReader,
    idle: Option<Duration>,
    moved: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Recorder {
    /// `idle` is how long a read or a write may wait.
    pub fn new(stream: Box<dyn Stream>, idle: Option<Duration>) -> Self {
        Self {
            stream,
            head: HeadReader::default(),
            idle: idle.map(|idle| idle.min(LONGEST_IDLE)),
            moved: Instant::now(),
            timer: None,
        }
    }

    /// Ends a wait in which nothing has moved, either way, for too long.
    ///
    /// The timer is never dropped on progress: hyper polls the reading side once and then relies on its being woken.
    fn watch<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let Some(idle) = self.idle else { return poll };
        if poll.is_ready() {
            self.moved = Instant::now();
            return poll;
        }
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        loop {
            ready!(timer.as_mut().poll(cx));
            if self.moved.elapsed() >= idle {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            timer.as_mut().reset(self.moved + idle);
        }
    }
}

impl AsyncRead for Recorder {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let poll = match Pin::new(&mut this.stream).poll_read(cx, buf) {
            // servers that end TLS without saying so are common; hyper knows when the answer is not whole
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            poll => poll,
        };
        this.head.feed(&buf.filled()[before..]);
        this.watch(cx, poll)
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watch(cx, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
