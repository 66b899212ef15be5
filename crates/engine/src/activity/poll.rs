//! Waiting for something outside, by looking again and again.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Context;
use crate::value::Value;

/// The configuration key that sets how many seconds lie between two looks of every activity that waits.
pub const POLL_INTERVAL: &str = "chaos_poll_interval";

impl Context {
    /// How long this activity waits between two looks: `chaos_poll_interval` (seconds, above 0) of the
    /// configuration, or what is usual for it.
    pub fn poll_interval(&self, usual: Duration) -> Duration {
        let configured = self
            .configuration
            .get(POLL_INTERVAL)
            .and_then(|value| match value {
                Value::Text(text) => text.trim().parse().ok(),
                other => other.as_f64(),
            });
        configured
            .and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok())
            .filter(|interval| !interval.is_zero())
            .unwrap_or(usual)
    }
}

/// Looks until `look` finds something, `interval` apart, at least once.
///
/// Returns `None` when nothing was found within `timeout`; a look that is under way then is dropped.
///
/// # Errors
/// What `look` fails with.
pub async fn poll<T, E, F>(
    interval: Duration,
    timeout: Duration,
    mut look: impl FnMut() -> F,
) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    let looking = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            sleep(interval).await;
        }
    };
    let end = Instant::now().checked_add(timeout);
    match end {
        Some(end) => tokio::time::timeout_at(end, looking).await.ok().transpose(),
        None => looking.await.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn third_look(interval: Duration, timeout: Duration) -> Option<u32> {
        let looks = Cell::new(0);
        let found = poll(interval, timeout, async || {
            looks.set(looks.get() + 1);
            Ok::<_, ()>(Some(looks.get()).filter(|looks| *looks == 3))
        });
        found.await.unwrap()
    }

    #[tokio::test]
    async fn it_looks_until_something_is_found_or_time_is_up() {
        let hour = Duration::from_secs(3600);
        assert_eq!(third_look(Duration::ZERO, hour).await, Some(3));
        assert_eq!(third_look(Duration::ZERO, Duration::MAX).await, Some(3));
        assert_eq!(third_look(hour, Duration::from_millis(20)).await, None);
    }

    #[tokio::test]
    async fn an_error_ends_it() {
        let failed = poll::<(), _, _>(Duration::ZERO, Duration::MAX, async || Err("broken"));
        assert_eq!(failed.await, Err("broken"));
    }
}
