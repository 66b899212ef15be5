use std::time::Duration;

use super::{Aggregation, Kind, trend::Trend};

/// What the samples of one metric, or sub-metric, add up to.
#[derive(Clone, Debug)]
pub(crate) enum Sink {
    Counter { samples: u64, sum: f64 },
    Gauge(Gauge),
    Rate { trues: u64, total: u64 },
    Trend(Box<Trend>),
}

#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Gauge {
    /// When the last value was set, as a number that grows with each sample of the test; 0 without samples.
    set: u64,
    last: f64,
    min: f64,
    max: f64,
}

impl Sink {
    pub(crate) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Counter { samples: 0, sum: 0.0 },
            Kind::Gauge => Self::Gauge(Gauge::default()),
            Kind::Rate => Self::Rate { trues: 0, total: 0 },
            Kind::Trend => Self::Trend(Box::default()),
        }
    }

    /// Adds a sample; `now` orders the values of gauges over all threads and is never 0.
    pub(super) fn add(&mut self, value: f64, now: impl FnOnce() -> u64) {
        match self {
            Self::Counter { samples, sum } => {
                *samples += 1;
                *sum += value;
            }
            Self::Gauge(gauge) => gauge.merge(&Gauge {
                set: now(),
                last: value,
                min: value,
                max: value,
            }),
            Self::Rate { trues, total } => {
                *trues += u64::from(value != 0.0);
                *total += 1;
            }
            Self::Trend(trend) => trend.add(value),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        match (self, other) {
            (
                Self::Counter { samples, sum },
                Self::Counter {
                    samples: more,
                    sum: other,
                },
            ) => {
                *samples += more;
                *sum += other;
            }
            (Self::Gauge(gauge), Self::Gauge(other)) => gauge.merge(other),
            (
                Self::Rate { trues, total },
                Self::Rate {
                    trues: more,
                    total: all,
                },
            ) => {
                *trues += more;
                *total += all;
            }
            (Self::Trend(trend), Self::Trend(other)) => trend.merge(other),
            // A metric never changes its kind.
            _ => {}
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Counter { samples, sum } => (*samples, *sum) = (0, 0.0),
            Self::Gauge(gauge) => *gauge = Gauge::default(),
            Self::Rate { trues, total } => (*trues, *total) = (0, 0),
            Self::Trend(trend) => trend.clear(),
        }
    }

    /// Whether no sample came.
    pub(crate) fn is_empty(&self) -> bool {
        self.samples() == 0
    }

    /// How many samples came; of a gauge only whether any did.
    pub(crate) fn samples(&self) -> u64 {
        match self {
            Self::Counter { samples, .. } => *samples,
            Self::Gauge(gauge) => u64::from(gauge.set > 0),
            Self::Rate { total, .. } => *total,
            Self::Trend(trend) => trend.count,
        }
    }

    /// What a threshold looks at. `None` where k6 lets a threshold pass: a rate without samples, or a counter's rate
    /// before any time has passed. Other metrics without samples are 0, as in k6.
    pub(crate) fn aggregate(&self, aggregation: Aggregation, elapsed: Duration) -> Option<f64> {
        match (self, aggregation) {
            (Self::Counter { sum, .. }, Aggregation::Count) => Some(*sum),
            (Self::Counter { sum, .. }, Aggregation::Rate) => {
                (!elapsed.is_zero()).then(|| sum / elapsed.as_secs_f64())
            }
            (Self::Gauge(gauge), Aggregation::Value) => Some(gauge.last),
            (Self::Gauge(gauge), Aggregation::Min) => Some(gauge.min),
            (Self::Gauge(gauge), Aggregation::Max) => Some(gauge.max),
            (Self::Rate { trues, total }, Aggregation::Rate) => {
                (*total > 0).then(|| *trues as f64 / *total as f64)
            }
            (Self::Trend(trend), Aggregation::Count) => Some(trend.count as f64),
            (Self::Trend(trend), Aggregation::Avg) => Some(trend.avg()),
            (Self::Trend(trend), Aggregation::Min) => Some(trend.min),
            (Self::Trend(trend), Aggregation::Max) => Some(trend.max),
            (Self::Trend(trend), Aggregation::Med) => Some(trend.percentile(50.0)),
            (Self::Trend(trend), Aggregation::Percentile(percent)) => Some(trend.percentile(percent)),
            _ => None,
        }
    }

    /// Pages of 1 KiB that the histogram has.
    #[cfg(test)]
    pub(super) fn pages(&self) -> usize {
        match self {
            Self::Trend(trend) => trend.pages(),
            _ => 0,
        }
    }

    /// The number of true samples and of all samples of a rate; zeros for other kinds.
    pub(crate) fn trues(&self) -> (u64, u64) {
        match self {
            Self::Rate { trues, total } => (*trues, *total),
            _ => (0, 0),
        }
    }
}

impl Gauge {
    fn merge(&mut self, other: &Self) {
        if other.set == 0 {
            return;
        }
        if self.set == 0 {
            *self = *other;
            return;
        }
        if other.set > self.set {
            (self.set, self.last) = (other.set, other.last);
        }
        (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
    }
}
