//! All values of a metric over a stretch of time, reduced to one number.

use aws_sdk_cloudwatch::types::{Metric, MetricDataQuery, MetricStat, StandardUnit};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Dimensions, MODULE, ago};
use crate::answer::list;
use crate::client::{Aws, answer};
use crate::cloudwatch::metric::Dimension;
use crate::given::filled;

fn five_minutes() -> i64 {
    300
}

fn minute() -> i32 {
    60
}

/// Reads the values of a metric between `duration` and `offset` seconds ago, one per `period`, and reduces them to
/// one number.
///
/// Needs `statistic` and the metric's dimensions: either `dimensions` (an empty list for a metric without any), or
/// `dimension_name` and `dimension_value`.
#[derive(Deserialize, JsonSchema)]
pub struct GetMetricData {
    /// Namespace of the metric, for example `AWS/EC2`.
    namespace: String,
    /// Name of the metric.
    metric_name: String,
    /// Name of its only dimension; without `dimension_value`, it is ignored.
    #[serde(default)]
    dimension_name: Option<String>,
    /// Value of its only dimension; without `dimension_name`, it is ignored.
    #[serde(default)]
    dimension_value: Option<String>,
    /// All its dimensions, instead of `dimension_name` and `dimension_value`.
    #[serde(default)]
    dimensions: Option<Vec<Dimension>>,
    /// `Sum`, `Minimum` and `Maximum` are that of all values; `Average`, `SampleCount` and any other statistic of
    /// CloudWatch (for example `p99`) are averaged over the periods.
    #[serde(default)]
    statistic: Option<String>,
    /// How many seconds ago the stretch of time began.
    #[serde(default = "five_minutes")]
    duration: i64,
    /// Seconds for which there is one value: a multiple of 60, or 1, 5, 10, 20, 30.
    #[serde(default = "minute")]
    period: i32,
    /// How many seconds ago the stretch of time ended.
    #[serde(default)]
    offset: i64,
    /// Only data points in this unit, for example `Seconds`.
    #[serde(default)]
    unit: Option<String>,
}

impl NativeActivity for GetMetricData {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_metric_data";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The number, rounded to two places; 0 when there is no data.";
    const IAM: &'static [&'static str] = &["cloudwatch:GetMetricData"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let (start, end) = (ago(self.duration), ago(self.offset));
        let dimensions = Dimensions {
            list: self.dimensions,
            name: filled(self.dimension_name),
            value: filled(self.dimension_value),
        };
        let metric = Metric::builder()
            .namespace(self.namespace)
            .metric_name(&self.metric_name)
            .set_dimensions(dimensions.sdk()?)
            .build();
        let statistic = filled(self.statistic).ok_or_else(|| {
            ActivityError::failed("which statistic to read is not said: give statistic, for example Average")
        })?;
        let wanted = MetricStat::builder()
            .metric(metric)
            .period(self.period)
            .stat(&statistic)
            .set_unit(filled(self.unit).as_deref().map(StandardUnit::from))
            .build();
        let query = MetricDataQuery::builder()
            .id("m1")
            .metric_stat(wanted)
            .label(self.metric_name)
            .build();
        let cloudwatch = Aws::of(&context).await?.cloudwatch();
        let request = cloudwatch.get_metric_data().metric_data_queries(query);
        let answer = answer(request.start_time(start).end_time(end).send()).await?;
        Ok(reduce(&values(&answer), &statistic))
    }
}

/// The values of all results, which are those of the one query.
fn values(answer: &Value) -> Vec<f64> {
    let results = list(answer, "MetricDataResults").iter();
    let values = results.flat_map(|result| list(result, "Values"));
    values.filter_map(Value::as_f64).collect()
}

fn reduce(values: &[f64], statistic: &str) -> Value {
    if values.is_empty() {
        return Value::Int(0);
    }
    let sum: f64 = values.iter().sum();
    let number = match statistic {
        "Sum" => sum,
        "Minimum" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "Maximum" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        _ => sum / values.len() as f64,
    };
    Value::Float(two_places(number))
}

/// Rounded as Python rounds: by the exact value, ties to the even digit.
fn two_places(number: f64) -> f64 {
    format!("{number:.2}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;

    use super::*;

    fn reduced(answer: &str, statistic: &str) -> Value {
        reduce(&values(&json::parse(answer).unwrap()), statistic)
    }

    #[test]
    fn values_of_all_results_are_reduced() {
        let answer = r#"{"MetricDataResults": [{"Values": [3.0, 1.5]}, {"Values": []}, {"Values": [2.0]}]}"#;
        assert_eq!(reduced(answer, "Sum"), Value::Float(6.5));
        assert_eq!(reduced(answer, "Minimum"), Value::Float(1.5));
        assert_eq!(reduced(answer, "Maximum"), Value::Float(3.0));
        assert_eq!(reduced(answer, "p99"), Value::Float(2.17));
    }

    #[test]
    fn no_values_are_a_whole_zero() {
        assert_eq!(reduced(r#"{"MetricDataResults": []}"#, "Sum"), Value::Int(0));
        assert_eq!(reduced("{}", "Average"), Value::Int(0));
    }

    #[test]
    fn rounding_is_pythons() {
        assert_eq!(two_places(0.125), 0.12);
        assert_eq!(two_places(0.375), 0.38);
        assert_eq!(two_places(2.675), 2.67);
        assert_eq!(two_places(-1.005), -1.0);
        assert_eq!(two_places(1e300), 1e300);
    }
}
