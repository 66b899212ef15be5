//! Waiting with the arguments that the starter pack's probes have.

use std::time::Duration;

use chaos_engine::activity::poll;
use tokio::time::{Instant, sleep};

use crate::AwsError;

/// How long probes wait unless told otherwise, in seconds.
pub(super) const MINUTE: f64 = 60.0;

/// An argument in seconds; none when it is not above zero.
pub(super) fn seconds(seconds: f64) -> Option<Duration> {
    if seconds > 0.0 {
        // beyond what a duration holds it means for ever
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    } else {
        None
    }
}

/// Polls for at most `timeout` seconds; when these are not above zero, nothing is looked at. The first look counts
/// however long AWS takes to answer it.
///
/// # Errors
/// What `look` fails with; when time is up, the text of `left`, which says what is still missing.
pub(super) async fn within<T, F>(
    timeout: f64,
    interval: Duration,
    look: impl FnMut() -> F,
    left: impl FnOnce() -> String,
) -> Result<T, AwsError>
where
    F: Future<Output = Result<Option<T>, AwsError>>,
{
    let found = match seconds(timeout) {
        Some(time) => first_then_poll(time, interval, look).await?,
        None => None,
    };
    found.ok_or_else(|| AwsError::because(format!("operation timed out after {timeout} s: {}", left())))
}

async fn first_then_poll<T, F>(
    time: Duration,
    interval: Duration,
    mut look: impl FnMut() -> F,
) -> Result<Option<T>, AwsError>
where
    F: Future<Output = Result<Option<T>, AwsError>>,
{
    let begin = Instant::now();
    let left = || time.saturating_sub(begin.elapsed());
    if let Some(found) = look().await? {
        return Ok(Some(found));
    }
    sleep(interval.min(left())).await;
    match left() {
        Duration::ZERO => Ok(None),
        left => poll(interval, left, look).await,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn found(timeout: f64) -> Result<bool, AwsError> {
        let look = async || Ok(Some(true));
        within(timeout, Duration::ZERO, look, || "nothing there".to_owned()).await
    }

    #[tokio::test]
    async fn without_time_nothing_is_looked_at() {
        assert!(found(0.5).await.unwrap());
        assert!(found(f64::INFINITY).await.unwrap());
        for none in [0.0, -1.0, f64::NAN] {
            let error = found(none).await.unwrap_err().to_string();
            assert!(
                error.contains("timed out") && error.contains("nothing there"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn a_slow_first_look_counts() {
        let slow = async || {
            sleep(Duration::from_millis(20)).await;
            Ok(Some(true))
        };
        assert!(within(0.001, Duration::ZERO, slow, String::new).await.unwrap());
    }

    #[tokio::test]
    async fn it_looks_again_until_time_is_up() {
        let looks = Cell::new(0);
        let third = async || {
            looks.set(looks.get() + 1);
            Ok((looks.get() >= 3).then_some(()))
        };
        within(60.0, Duration::ZERO, third, String::new).await.unwrap();
        let never = async || Ok(None::<()>);
        let hour = Duration::from_secs(3600);
        assert!(within(0.02, hour, never, String::new).await.is_err());
    }
}
