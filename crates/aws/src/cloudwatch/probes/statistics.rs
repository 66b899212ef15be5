//! One statistic of a metric over one stretch of time.

use aws_sdk_cloudwatch::types::{StandardUnit, Statistic};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Dimensions, MODULE, ago};
use crate::AwsError;
use crate::answer::{at, list};
use crate::client::{Aws, answer};
use crate::cloudwatch::metric::Dimension;
use crate::given::filled;

fn minute() -> i32 {
    60
}

/// Reads one statistic of a metric over the stretch of `duration` seconds that ended `offset` seconds ago.
///
/// Needs `statistic` or `extended_statistic`, and the metric's dimensions: either `dimensions`, or `dimension_name`
/// and `dimension_value`.
#[derive(Deserialize, JsonSchema)]
pub struct GetMetricStatistics {
    /// Namespace of the metric, for example `AWS/EC2`.
    namespace: String,
    /// Name of the metric.
    metric_name: String,
    /// Name of its only dimension.
    #[serde(default)]
    dimension_name: Option<String>,
    /// Value of its only dimension.
    #[serde(default)]
    dimension_value: Option<String>,
    /// All its dimensions, instead of `dimension_name` and `dimension_value`.
    #[serde(default)]
    dimensions: Option<Vec<Dimension>>,
    /// Length of the stretch of time in seconds, which is the period as well: a multiple of 60, or 1, 5, 10, 20, 30.
    #[serde(default = "minute")]
    duration: i32,
    /// How many seconds ago it ended.
    #[serde(default)]
    offset: i64,
    /// `Average`, `Sum`, `Minimum`, `Maximum` or `SampleCount`.
    #[serde(default)]
    statistic: Option<String>,
    /// A percentile, for example `p99.9`; not returned when `statistic` is given as well.
    #[serde(default)]
    extended_statistic: Option<String>,
    /// Only data points in this unit, for example `Seconds`.
    #[serde(default)]
    unit: Option<String>,
}

impl NativeActivity for GetMetricStatistics {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_metric_statistics";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The statistic of the first data point, a number; 0 when there is no data.";
    const IAM: &'static [&'static str] = &["cloudwatch:GetMetricStatistics"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let statistic = filled(self.statistic);
        let extended = filled(self.extended_statistic);
        if statistic.is_none() && extended.is_none() {
            return Err(ActivityError::failed(
                "which statistic to read is not said: give statistic (for example Average) or extended_statistic \
                 (for example p99)",
            ));
        }
        let dimensions = dimensions(self.dimensions, self.dimension_name, self.dimension_value)?;
        let statistics = statistic.as_deref().map(Statistic::from);
        let request = Aws::of(&context)
            .await?
            .cloudwatch()
            .get_metric_statistics()
            .namespace(self.namespace)
            .metric_name(self.metric_name)
            .set_dimensions(Some(dimensions))
            .start_time(ago(self.offset.saturating_add(self.duration.into())))
            .end_time(ago(self.offset))
            .period(self.duration)
            .set_statistics(statistics.map(|statistic| vec![statistic]))
            .set_extended_statistics(extended.clone().map(|statistic| vec![statistic]))
            .set_unit(filled(self.unit).as_deref().map(StandardUnit::from));
        let answer = answer(request.send()).await?;
        Ok(first_value(&answer, statistic.as_deref(), extended.as_deref())?)
    }
}

/// The dimensions, of which this operation needs all.
fn dimensions(
    list: Option<Vec<Dimension>>,
    name: Option<String>,
    value: Option<String>,
) -> Result<Vec<aws_sdk_cloudwatch::types::Dimension>, AwsError> {
    Dimensions { list, name, value }.sdk()?.ok_or_else(|| {
        AwsError::because(
            "the metric's dimensions are incomplete: dimension_name and dimension_value belong together, and \
             dimensions must not be empty",
        )
    })
}

fn first_value(answer: &Value, statistic: Option<&str>, extended: Option<&str>) -> Result<Value, AwsError> {
    let Some(point) = list(answer, "Datapoints").first() else {
        return Ok(Value::Int(0));
    };
    let value = match (statistic, extended) {
        (Some(statistic), _) => point.get(statistic),
        (None, Some(extended)) => at(point, &["ExtendedStatistics", extended]),
        (None, None) => None,
    };
    value.cloned().ok_or_else(|| {
        AwsError::because(format!(
            "the data point that AWS answered has no {}",
            statistic.or(extended).unwrap_or_default()
        ))
    })
}
