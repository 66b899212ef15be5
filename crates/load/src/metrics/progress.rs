use std::time::Duration;

use serde::Serialize;

use super::store::Interval;

/// Numbers for a live line.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    pub elapsed: Duration,
    /// Active virtual users.
    pub virtual_users: u64,
    /// Virtual users that are allocated.
    pub max_virtual_users: u64,
    pub total: Figures,
    /// The last whole second, or what there is in the first one.
    pub last_second: Figures,
}

/// Numbers of a span of the test.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    pub requests: u64,
    pub requests_per_second: f64,
    /// The share of requests that failed, 0 to 1.
    pub failed_rate: f64,
    /// Milliseconds of `http_req_duration`; `None` without requests.
    pub p95: Option<f64>,
    pub iterations: u64,
    pub iterations_per_second: f64,
    pub checks_failed: u64,
}

impl Figures {
    pub(super) fn of(interval: &Interval, span: Duration) -> Self {
        let per_second = |count: u64| {
            if span.is_zero() {
                0.0
            } else {
                count as f64 / span.as_secs_f64()
            }
        };
        let durations = &interval.durations;
        Self {
            requests: interval.requests,
            requests_per_second: per_second(interval.requests),
            failed_rate: if interval.checked == 0 {
                0.0
            } else {
                interval.failed as f64 / interval.checked as f64
            },
            p95: (durations.count > 0).then(|| durations.percentile(95.0)),
            iterations: interval.iterations,
            iterations_per_second: per_second(interval.iterations),
            checks_failed: interval.checks_failed,
        }
    }
}

/// The last second, however often samples are collected.
#[derive(Default)]
pub(super) struct Live {
    since: Duration,
    interval: Interval,
    last: Option<Figures>,
}

impl Live {
    pub(super) fn add(&mut self, interval: &Interval, to: Duration) {
        self.interval.merge(interval);
        let span = to.saturating_sub(self.since);
        // A collection that comes a little early still ends the second.
        if span >= Duration::from_millis(950) {
            self.last = Some(Figures::of(&self.interval, span));
            self.since = to;
            self.interval.clear();
        }
    }

    pub(super) fn figures(&self, now: Duration) -> Figures {
        let unfinished = || Figures::of(&self.interval, now.saturating_sub(self.since));
        self.last.clone().unwrap_or_else(unfinished)
    }
}
