//! k6's option `rps`: a limit of requests per second over all users.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Gives out moments that are at least `gap` apart.
pub(super) struct Limit {
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Limit {
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second,
            next: Mutex::new(None),
        }
    }

    /// Waits for the caller's turn.
    pub(super) async fn turn(&self) {
        tokio::time::sleep_until(self.take(Instant::now())).await;
    }

    fn take(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.gap);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_a_gap_apart_and_do_not_pile_up_while_idle() {
        let limit = Limit::new(100);
        let start = Instant::now();
        let gap = Duration::from_millis(10);
        assert_eq!(limit.take(start), start);
        assert_eq!(limit.take(start), start + gap);
        assert_eq!(limit.take(start + gap), start + gap * 2);
        let later = start + Duration::from_secs(9);
        assert_eq!(limit.take(later), later);
        assert_eq!(limit.take(later), later + gap);
    }
}
