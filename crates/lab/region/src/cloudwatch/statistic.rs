//! Statistics of a metric in a period.

use super::series::Summary;
use crate::wire::ApiError;

/// A statistic that the lab computes: the simple ones and percentiles (within one per cent). Trimmed means and the like are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    Average,
    Sum,
    Minimum,
    Maximum,
    SampleCount,
    Percentile(f64),
}

impl Statistic {
    /// Reads `Average`, `p99.9`, …
    ///
    /// # Errors
    /// `InvalidParameterValue` for other statistics.
    pub(super) fn read(written: &str) -> Result<Statistic, ApiError> {
        Ok(match written {
            "Average" => Statistic::Average,
            "Sum" => Statistic::Sum,
            "Minimum" => Statistic::Minimum,
            "Maximum" => Statistic::Maximum,
            "SampleCount" => Statistic::SampleCount,
            other => Statistic::Percentile(percent(other).ok_or_else(|| {
                ApiError::new(
                    "InvalidParameterValue",
                    format!("chaos-lab knows Average, Sum, Minimum, Maximum, SampleCount and percentiles such as p99.9, not '{other}'."),
                )
            })?),
        })
    }

    /// Its value; nothing without values, or where values came in sum and percentiles are not known.
    pub(super) fn of(self, summary: &Summary) -> Option<f64> {
        if summary.count == 0 {
            return None;
        }
        match self {
            Statistic::Average => Some(summary.sum / summary.count as f64),
            Statistic::Sum => Some(summary.sum),
            Statistic::Minimum => Some(summary.minimum),
            Statistic::Maximum => Some(summary.maximum),
            Statistic::SampleCount => Some(summary.count as f64),
            Statistic::Percentile(percent) => summary.percentile(percent),
        }
    }

    /// Whether it is one of `ExtendedStatistics`.
    pub(super) fn is_percentile(self) -> bool {
        matches!(self, Statistic::Percentile(_))
    }
}

fn percent(written: &str) -> Option<f64> {
    let percent: f64 = written.strip_prefix('p')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent)
}
