//! Toxics that end connections, or keep them from ending.

use std::convert::Infallible;

use super::millis;
use crate::link::Ends;
use crate::stub::{Chunk, Stop, Stub};

/// Lets no data through, and closes when none has come for so many milliseconds; with 0 never.
pub async fn swallow(stub: &mut Stub, timeout: i64) -> Result<Infallible, Stop> {
    loop {
        let next = stub.next_chunk();
        if timeout <= 0 {
            next.await?;
        } else if let Ok(next) = tokio::time::timeout(millis(timeout), next).await {
            next?;
        } else {
            return Err(Stop::Closed);
        }
    }
}

/// Lets everything through but the end of the stream, which comes so many milliseconds later.
pub async fn linger(stub: &mut Stub, delay: i64) -> Result<Infallible, Stop> {
    while let Some(chunk) = stub.next().await? {
        stub.send(chunk).await?;
    }
    stub.sleep(millis(delay)).await?;
    Err(Stop::Closed)
}

/// Resets both sides of the connection, so many milliseconds after the first data, which is lost. Taken away in that
/// time, it resets at once.
pub async fn reset(stub: &mut Stub, timeout: i64, ends: &Ends) -> Result<Infallible, Stop> {
    stub.next().await?;
    // whatever ends the sleep, the data is lost
    let _ = stub.sleep(millis(timeout)).await;
    ends.make_abrupt();
    Err(Stop::Closed)
}

/// Closes once so many bytes have passed.
pub async fn limit(stub: &mut Stub, bytes: i64) -> Result<Infallible, Stop> {
    let bytes = u64::try_from(bytes).unwrap_or(0);
    loop {
        let mut chunk: Chunk = stub.next_chunk().await?;
        let left = bytes.saturating_sub(stub.passed);
        chunk.data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        if !chunk.data.is_empty() {
            stub.passed += chunk.data.len() as u64;
            stub.send(chunk).await?;
        }
        if stub.passed >= bytes {
            return Err(Stop::Closed);
        }
    }
}
