//! What CloudWatch can be asked (`chaosaws.cloudwatch.probes`).

mod alarm;
mod data;
mod statistics;

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types;
use chaos_engine::activity::Catalogue;
use chrono::Utc;

use super::metric::Dimension;
use crate::AwsError;

const MODULE: &str = "chaosaws.cloudwatch.probes";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<alarm::GetAlarmStateValue>()
        .with::<statistics::GetMetricStatistics>()
        .with::<data::GetMetricData>()
}

/// The moment that many seconds ago.
fn ago(seconds: i64) -> DateTime {
    let now = Utc::now().timestamp_millis();
    DateTime::from_millis(now.saturating_sub(seconds.saturating_mul(1000)))
}

/// The dimensions that a probe's arguments name, in one of two ways.
struct Dimensions {
    list: Option<Vec<Dimension>>,
    name: Option<String>,
    value: Option<String>,
}

impl Dimensions {
    /// The list, else the one dimension, `None` when neither is complete.
    ///
    /// # Errors
    /// When there is nothing of either.
    fn sdk(self) -> Result<Option<Vec<types::Dimension>>, AwsError> {
        if self.list.is_none() && self.name.is_none() && self.value.is_none() {
            return Err(AwsError::because(
                "the metric's dimensions are missing: give dimensions, or dimension_name and dimension_value",
            ));
        }
        let list = self.list.filter(|list| !list.is_empty());
        let one = self.name.zip(self.value);
        let one = one.map(|(name, value)| vec![Dimension::new(name, value)]);
        let dimensions = list.or(one);
        Ok(dimensions.map(|all| all.into_iter().map(Dimension::sdk).collect()))
    }
}
