//! When what happened in one exchange.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::outcome::{Timings, TlsInfo};
use super::stream::Meter;

type Moment = Cell<Option<Instant>>;

/// Moments of one exchange, set as it goes on and read when it ends, in whatever way.
#[derive(Default)]
pub(super) struct Trace {
    asked: Moment,
    pub(super) connect: Phase,
    pub(super) handshake: Phase,
    got: Moment,
    first: Moment,
    peer: Cell<Option<Peer>>,
    meter: Cell<Option<Rc<Meter>>>,
}

/// Whom a connection leads to.
#[derive(Clone, Copy)]
pub(super) struct Peer {
    pub(super) remote: SocketAddr,
    pub(super) tls: Option<TlsInfo>,
}

/// A step with a start and an end.
#[derive(Default)]
pub(super) struct Phase {
    start: Moment,
    end: Moment,
}

impl Phase {
    pub(super) fn start(&self) {
        self.start.set(Some(Instant::now()));
    }

    pub(super) fn end(&self) {
        self.end.set(Some(Instant::now()));
    }

    fn took(&self) -> Duration {
        since(self.start.get(), self.end.get())
    }
}

impl Trace {
    /// Now a connection is asked for. A retry keeps the first such moment.
    pub(super) fn ask(&self) {
        self.asked.set(self.asked.get().or_else(|| Some(Instant::now())));
    }

    /// Now there is one.
    pub(super) fn got(&self, peer: Peer, meter: Rc<Meter>) {
        self.got.set(Some(Instant::now()));
        self.peer.set(Some(peer));
        self.meter.set(Some(meter));
    }

    /// Bytes begin to move over a connection that is not yet of use.
    pub(super) fn measure(&self, meter: Rc<Meter>) {
        self.meter.set(Some(meter));
    }

    /// The head of the answer is here; HTTP/2 does not tell more closely when an answer began.
    pub(super) fn answered(&self, began: Option<Instant>) {
        self.first.set(began.or_else(|| Some(Instant::now())));
    }

    pub(super) fn peer(&self) -> Option<Peer> {
        self.peer.get()
    }

    /// Bytes sent and received since the meter was last read.
    pub(super) fn bytes(&self) -> (u64, u64) {
        self.with_meter(Meter::take).unwrap_or_default()
    }

    /// k6's timings, with the exchange ending now.
    pub(super) fn timings(&self) -> Timings {
        let done = Some(Instant::now());
        let got = self.got.get();
        let wrote = self
            .with_meter(|meter| meter.wrote.get())
            .flatten()
            .filter(|wrote| Some(*wrote) >= got);
        // After a failure within the head the meter knows of a first byte that nobody reported.
        let began = self
            .with_meter(|meter| meter.first.get().filter(|_| !meter.shared.get()))
            .flatten();
        let began = began.filter(|first| Some(*first) >= got);
        let first = self.first.get().or(began);
        Timings {
            blocked: since(self.asked.get(), got),
            connecting: self.connect.took(),
            tls_handshaking: self.handshake.took(),
            sending: since(got, wrote),
            waiting: since(wrote, first.or(done)),
            receiving: since(first, done),
        }
    }

    fn with_meter<T>(&self, read: impl FnOnce(&Meter) -> T) -> Option<T> {
        let meter = self.meter.take();
        let value = meter.as_deref().map(read);
        self.meter.set(meter);
        value
    }
}

fn since(start: Option<Instant>, end: Option<Instant>) -> Duration {
    match (start, end) {
        (Some(start), Some(end)) => end.saturating_duration_since(start),
        _ => Duration::ZERO,
    }
}
