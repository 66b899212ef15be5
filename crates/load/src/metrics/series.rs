use std::time::Duration;

use serde::Serialize;

use super::coarse::Coarse;
use super::store::Interval;
use super::trend::Trend;

/// Rows that are kept at most.
const MAX_ROWS: usize = 3_600;

/// What happened in each second of the test, for charts.
///
/// There are at most 3,600 rows: when they are full, neighbours become one row and a row covers twice the time. Each row
/// keeps a small histogram for that, so percentiles of such rows are right to about 3 %; those of rows that were never
/// put together, to 0.1 %. Counts, and the largest duration, are exact.
#[derive(Debug, Serialize)]
pub struct TimeSeries {
    /// Seconds that a row covers: 1, 2, 4, …
    resolution: u64,
    rows: Vec<Row>,
    /// The durations of the last row, as far as they are not in its own histogram.
    #[serde(skip)]
    current: Trend,
}

/// One row of the [`TimeSeries`].
#[derive(Clone, Default, Debug, Serialize)]
pub struct Row {
    /// Seconds from the start of the test to the start of the row.
    pub offset: u64,
    pub requests: u64,
    pub failed_requests: u64,
    pub iterations: u64,
    /// The last number that was told; of rows that were put together, the larger one.
    pub active_virtual_users: u64,
    pub checks_failed: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    /// Milliseconds of `http_req_duration`; `None` without requests.
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    pub max: Option<f64>,
    #[serde(skip)]
    durations: Coarse,
}

impl Default for TimeSeries {
    fn default() -> Self {
        Self {
            resolution: 1,
            rows: Vec::new(),
            current: Trend::default(),
        }
    }
}

impl TimeSeries {
    /// The rows without a gap, from the start of the test.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What a row covers.
    pub fn resolution(&self) -> Duration {
        Duration::from_secs(self.resolution)
    }

    /// Adds what was collected between two moments to the row of the middle between them, so that collections that come a
    /// little late each second do not leave a row empty.
    pub(super) fn add(&mut self, interval: &Interval, from: Duration, to: Duration) {
        let middle = (from + to.saturating_sub(from) / 2).as_secs();
        while middle / self.resolution >= MAX_ROWS as u64 {
            self.halve();
        }
        let index = (middle / self.resolution) as usize;
        while self.rows.len() <= index {
            self.open();
        }
        if let Some(row) = self.rows.last_mut() {
            self.current.merge(&interval.durations);
            row.count(interval);
            row.tell(&self.current);
        }
    }

    fn open(&mut self) {
        self.seal();
        let users = self.rows.last().map_or(0, |row| row.active_virtual_users);
        let offset = self.rows.len() as u64 * self.resolution;
        self.rows.push(Row {
            offset,
            active_virtual_users: users,
            ..Row::default()
        });
    }

    /// Moves the durations of the last row into its small histogram.
    fn seal(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.durations.merge(&Coarse::of(&self.current));
        }
        self.current.clear();
    }

    fn halve(&mut self) {
        self.seal();
        self.resolution *= 2;
        self.rows = self.rows.chunks(2).map(Row::joined).collect();
    }
}

impl Row {
    fn count(&mut self, interval: &Interval) {
        self.requests += interval.requests;
        self.failed_requests += interval.failed;
        self.iterations += interval.iterations;
        self.checks_failed += interval.checks_failed;
        self.bytes_sent += interval.sent;
        self.bytes_received += interval.received;
        self.active_virtual_users = interval.virtual_users.unwrap_or(self.active_virtual_users);
    }

    fn tell(&mut self, current: &Trend) {
        if current.count > 0 {
            self.max = Some(current.max.max(self.max.unwrap_or(current.max)));
        }
        let max = self.max.unwrap_or_default();
        let percentiles: [Option<f64>; 3] = if self.durations.is_empty() {
            [50.0, 95.0, 99.0].map(|percent| (current.count > 0).then(|| current.percentile(percent)))
        } else {
            let mut all = self.durations.clone();
            all.merge(&Coarse::of(current));
            [50.0, 95.0, 99.0].map(|percent| Some(all.percentile(percent, max)))
        };
        [self.p50, self.p95, self.p99] = percentiles;
    }

    fn joined(pair: &[Self]) -> Self {
        let mut row = pair[0].clone();
        for other in &pair[1..] {
            row.requests += other.requests;
            row.failed_requests += other.failed_requests;
            row.iterations += other.iterations;
            row.checks_failed += other.checks_failed;
            row.bytes_sent += other.bytes_sent;
            row.bytes_received += other.bytes_received;
            row.active_virtual_users = row.active_virtual_users.max(other.active_virtual_users);
            if other.durations.is_empty() {
                continue;
            }
            if row.durations.is_empty() {
                (row.p50, row.p95, row.p99) = (other.p50, other.p95, other.p99);
                (row.max, row.durations) = (other.max, other.durations.clone());
                continue;
            }
            row.max = row.max.zip(other.max).map(|(own, other)| own.max(other));
            row.durations.merge(&other.durations);
            row.tell(&Trend::default());
        }
        row
    }
}
