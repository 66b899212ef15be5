use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use tokio::time::Instant;

use super::millis;
use crate::stub::{Chunk, Stop, Stub};

/// As many chunks wait at once; then the source waits.
const WAITING: usize = 1024;

/// A chunk, and when it may go on.
type Delayed = (Instant, Chunk);

/// Delays each chunk by `latency` give or take `jitter`, in milliseconds from when it was read, in their order. An
/// interruption lets go of what waits.
pub async fn delay(stub: &mut Stub, latency: i64, jitter: i64) -> Result<Infallible, Stop> {
    let mut waiting = VecDeque::new();
    let stopped = work(stub, latency, jitter, &mut waiting).await;
    stub.give_back(waiting.into_iter().map(|(_, chunk)| chunk).collect());
    stopped
}

async fn work(
    stub: &mut Stub,
    latency: i64,
    jitter: i64,
    waiting: &mut VecDeque<Delayed>,
) -> Result<Infallible, Stop> {
    let mut ended = false;
    loop {
        let due = waiting
            .front()
            .map(|(due, _)| due.saturating_duration_since(Instant::now()));
        let full = ended || waiting.len() >= WAITING;
        let next = match due {
            None if ended => return Err(Stop::Closed),
            None => Some(stub.next().await?),
            Some(Duration::ZERO) => None,
            Some(due) if full => stub.sleep(due).await.map(|()| None)?,
            Some(due) => tokio::time::timeout(due, stub.next()).await.ok().transpose()?,
        };
        match next {
            Some(Some(chunk)) => waiting.push_back((later(chunk.at, drawn(latency, jitter)), chunk)),
            Some(None) => ended = true,
            None => send_first(stub, waiting).await?,
        }
    }
}

async fn send_first(stub: &mut Stub, waiting: &mut VecDeque<Delayed>) -> Result<(), Stop> {
    match waiting.pop_front() {
        // the next toxic counts from when it is let go
        Some((due, chunk)) => stub.send(Chunk { at: due, ..chunk }).await,
        None => Ok(()),
    }
}

fn drawn(latency: i64, jitter: i64) -> Duration {
    if jitter <= 0 {
        return millis(latency);
    }
    let jitter = jitter.min(i64::MAX / 2);
    millis(latency.saturating_add(fastrand::i64(-jitter..jitter)))
}

/// A time that no clock reaches is far enough at ten years.
fn later(at: Instant, delay: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    at + delay.min(FAR)
}
