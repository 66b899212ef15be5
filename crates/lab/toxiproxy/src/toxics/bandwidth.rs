use std::convert::Infallible;
use std::time::Duration;

use tokio::time::Instant;

use crate::stub::{Chunk, Stop, Stub};

/// At low rates, so much goes at once as the rate allows in this time.
const INTERVAL: Duration = Duration::from_millis(100);

/// Lets so many KB (1000 bytes) pass in a second; with 0 none. An interruption lets go of what waits.
pub async fn limit(stub: &mut Stub, rate: i64) -> Result<Infallible, Stop> {
    let rate = u64::try_from(rate).unwrap_or(0);
    let mut pace = Pace {
        rate,
        free_at: Instant::now(),
    };
    loop {
        let mut chunk = stub.next_chunk().await?;
        let sent = pace.send(stub, &mut chunk).await;
        if let Err(stop) = sent {
            stub.leave(chunk);
            return Err(stop);
        }
    }
}

struct Pace {
    rate: u64,
    /// When what has passed so far is paid for.
    free_at: Instant,
}

impl Pace {
    /// Sends a chunk piece by piece; what is not sent yet stays in it.
    async fn send(&mut self, stub: &mut Stub, chunk: &mut Chunk) -> Result<(), Stop> {
        // bytes in a millisecond are KB in a second
        let most = self.rate.saturating_mul(INTERVAL.as_millis() as u64);
        while !chunk.data.is_empty() {
            if most == 0 {
                stub.sleep(INTERVAL).await?;
                continue;
            }
            let size = usize::try_from(most).map_or(chunk.data.len(), |most| most.min(chunk.data.len()));
            self.pay(size);
            stub.sleep(self.free_at.saturating_duration_since(Instant::now()))
                .await?;
            let piece = Chunk {
                data: chunk.data.split_to(size),
                at: chunk.at,
            };
            stub.send(piece).await?;
        }
        Ok(())
    }

    fn pay(&mut self, bytes: usize) {
        let micros = (bytes as u64).saturating_mul(1000) / self.rate.max(1);
        self.free_at = self.free_at.max(Instant::now()) + Duration::from_micros(micros);
    }
}
