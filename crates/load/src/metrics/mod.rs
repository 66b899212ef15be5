//! Metrics, their parts by tag, and thresholds.
//!
//! Virtual users add samples to the [`Shard`] of their thread. The [`Store`] collects all shards into totals, evaluates
//! thresholds and tells the [`Summary`](crate::summary::Summary). Nothing here grows with the number of samples: trends
//! are histograms, the time series halves its resolution when it is full, and the tree of checks has a cap.

pub mod builtin;
mod coarse;
mod error;
mod expression;
mod histogram;
mod key;
mod number;
mod progress;
mod registry;
mod series;
mod shard;
mod sink;
mod store;
mod tags;
mod tree;
mod trend;

use std::fmt;

use serde::Serialize;

pub use error::MetricError;
pub use expression::{Aggregation, Expression, Operator};
pub use progress::{Figures, Progress};
pub use registry::Registry;
pub use series::{Row, TimeSeries};
pub use shard::Shard;
pub use store::{Crossed, Evaluation, Store};
pub use tags::{NoTags, Tags};
pub use tree::{MAX_CHECKS, MAX_GROUPS, OTHER_CHECKS, OTHER_GROUPS};

pub(crate) use number::parse_percentile;
pub(crate) use registry::{Definition, Watched, WatchedThreshold};
pub(crate) use sink::Sink;
pub(crate) use tree::{Tally, Tree};

#[cfg(test)]
mod tests;

/// A metric of one [`Registry`]. Ids of [`builtin`] metrics are the same in every registry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MetricId(u32);

impl MetricId {
    pub(crate) const fn new(index: usize) -> Self {
        Self(index as u32)
    }

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How samples of a metric are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The sum of all values.
    Counter,
    /// The last value, with the smallest and the largest one.
    Gauge,
    /// How many values were not zero.
    Rate,
    /// Average, extremes and percentiles.
    Trend,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Rate => "rate",
            Self::Trend => "trend",
        })
    }
}

/// What the values of a metric are, for people who read them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Contains {
    /// Plain numbers.
    Default,
    /// Milliseconds.
    Time,
    /// Bytes.
    Data,
}

impl fmt::Display for Contains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Time => "time",
            Self::Data => "data",
        })
    }
}
