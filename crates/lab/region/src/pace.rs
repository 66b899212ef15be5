//! How much faster than AWS the lab's own clockwork runs.

use std::time::Duration;

/// Divides AWS's own durations: boot times, health check intervals, alarm periods, cooldowns. Timestamps stay real.
#[derive(Clone, Copy, Debug)]
pub struct Pace(f64);

/// No step of the lab is shorter, so that a high speed does not turn loops into busy waiting.
const SHORTEST: Duration = Duration::from_millis(50);

impl Pace {
    /// A speed of 10 makes a minute of AWS six seconds of the lab. Speeds that are not positive count as 1.
    pub fn new(speed: f64) -> Pace {
        Pace(if speed.is_finite() && speed > 0.0 {
            speed
        } else {
            1.0
        })
    }

    /// The speed itself.
    pub fn speed(self) -> f64 {
        self.0
    }

    /// What a duration of AWS is in the lab.
    pub fn of(self, duration: Duration) -> Duration {
        duration.div_f64(self.0).max(SHORTEST.min(duration))
    }

    /// [`Pace::of`] for a number of seconds.
    pub fn seconds(self, seconds: f64) -> Duration {
        self.of(Duration::from_secs_f64(seconds.max(0.0)))
    }
}
