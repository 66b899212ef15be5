//! The place of a toxic in a connection: what comes in, what goes out, and how the toxic is halted without losing data.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What was read from a socket at once.
#[derive(Clone, Debug)]
pub struct Chunk {
    pub data: Bytes,
    /// When it was read; later once a toxic has delayed it.
    pub at: Instant,
}

/// Why a toxic does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Something else is to run in its place.
    Interrupted,
    /// The connection ends here.
    Closed,
}

/// One place. Dropped, it ends the stream towards the destination, and soon that from the source.
#[derive(Debug)]
pub struct Stub {
    input: Receiver<Chunk>,
    output: Sender<Chunk>,
    /// Taken from the input, but not worked on.
    inbox: VecDeque<Chunk>,
    /// Worked on, but not yet with the output.
    outbox: VecDeque<Chunk>,
    /// Bytes that the present toxic has counted.
    pub passed: u64,
    interrupt: CancellationToken,
}

impl Stub {
    pub fn new(input: Receiver<Chunk>, output: Sender<Chunk>) -> Self {
        Self {
            input,
            output,
            inbox: VecDeque::new(),
            outbox: VecDeque::new(),
            passed: 0,
            interrupt: CancellationToken::new(),
        }
    }

    /// Leads to another place; returns where it led before.
    pub fn redirect(&mut self, output: Sender<Chunk>) -> Sender<Chunk> {
        std::mem::replace(&mut self.output, output)
    }

    /// What is to be cancelled to halt the toxic that runs next.
    pub fn arm(&mut self) -> CancellationToken {
        self.interrupt = CancellationToken::new();
        self.interrupt.clone()
    }

    async fn stopped(&self) -> Stop {
        tokio::select! {
            biased;
            () = self.interrupt.cancelled() => Stop::Interrupted,
            () = self.output.closed() => Stop::Closed,
        }
    }

    /// The next chunk, or none at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<Chunk>, Stop> {
        if let Some(chunk) = self.inbox.pop_front() {
            return Ok(Some(chunk));
        }
        tokio::select! {
            biased;
            () = self.interrupt.cancelled() => Err(Stop::Interrupted),
            () = self.output.closed() => Err(Stop::Closed),
            chunk = self.input.recv() => Ok(chunk),
        }
    }

    /// The next chunk; the end of the stream closes.
    pub async fn next_chunk(&mut self) -> Result<Chunk, Stop> {
        self.next().await?.ok_or(Stop::Closed)
    }

    pub async fn sleep(&self, time: Duration) -> Result<(), Stop> {
        tokio::select! {
            biased;
            stop = self.stopped() => Err(stop),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }

    /// Takes a chunk for the output. It is not lost when this is interrupted.
    pub async fn send(&mut self, chunk: Chunk) -> Result<(), Stop> {
        self.outbox.push_back(chunk);
        self.flush().await
    }

    /// Leaves a chunk for the output, without waiting.
    pub fn leave(&mut self, chunk: Chunk) {
        self.outbox.push_back(chunk);
    }

    /// Gives chunks back that were taken but not worked on.
    pub fn give_back(&mut self, mut chunks: VecDeque<Chunk>) {
        chunks.append(&mut self.inbox);
        self.inbox = chunks;
    }

    /// Hands over what was left for the output.
    pub async fn flush(&mut self) -> Result<(), Stop> {
        while !self.outbox.is_empty() {
            let permit = tokio::select! {
                biased;
                () = self.interrupt.cancelled() => return Err(Stop::Interrupted),
                permit = self.output.reserve() => permit.map_err(|_| Stop::Closed)?,
            };
            if let Some(chunk) = self.outbox.pop_front() {
                permit.send(chunk);
            }
        }
        Ok(())
    }
}
