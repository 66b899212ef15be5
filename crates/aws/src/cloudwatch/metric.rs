//! Data points and dimensions of metrics as experiments write them, with the API's names
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>).

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{self, MetricDatum, StandardUnit, StatisticSet};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use schemars::JsonSchema;
use serde::Deserialize;

/// One dimension of a metric.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Dimension {
    /// Name of the dimension, for example `InstanceId`.
    name: String,
    /// Its value.
    value: String,
}

impl Dimension {
    pub fn new(name: String, value: String) -> Self {
        Self { name, value }
    }

    pub fn sdk(self) -> types::Dimension {
        types::Dimension::builder()
            .name(self.name)
            .value(self.value)
            .build()
    }
}

/// One data point of a metric.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Datum {
    /// Name of the metric.
    metric_name: String,
    /// What tells this metric from others of the same name.
    dimensions: Option<Vec<Dimension>>,
    /// When it was measured; now when absent.
    #[schemars(with = "Option<Written>")]
    timestamp: Option<Timestamp>,
    /// The measured number.
    value: Option<f64>,
    /// Many measured numbers in sum, instead of `Value`.
    statistic_values: Option<Statistics>,
    /// Many measured numbers one by one, instead of `Value`.
    values: Option<Vec<f64>>,
    /// How often each of `Values` was measured.
    counts: Option<Vec<f64>>,
    /// Unit of the numbers, for example `Milliseconds`, `Percent`, `Count`.
    unit: Option<String>,
    /// 1 for high resolution, 60 for the usual one.
    storage_resolution: Option<i32>,
}

/// Many measured numbers in sum.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statistics {
    /// How many there were.
    sample_count: f64,
    /// Their sum.
    sum: f64,
    /// The least of them.
    minimum: f64,
    /// The greatest of them.
    maximum: f64,
}

impl Datum {
    pub fn sdk(self) -> MetricDatum {
        let dimensions = self.dimensions.map(|all| all.into_iter().map(Dimension::sdk));
        let unit = self.unit.as_deref().map(StandardUnit::from);
        MetricDatum::builder()
            .metric_name(self.metric_name)
            .set_dimensions(dimensions.map(Iterator::collect))
            .set_timestamp(self.timestamp.map(|moment| moment.0))
            .set_value(self.value)
            .set_statistic_values(self.statistic_values.map(Statistics::sdk))
            .set_values(self.values)
            .set_counts(self.counts)
            .set_unit(unit)
            .set_storage_resolution(self.storage_resolution)
            .build()
    }
}

impl Statistics {
    fn sdk(self) -> StatisticSet {
        StatisticSet::builder()
            .sample_count(self.sample_count)
            .sum(self.sum)
            .minimum(self.minimum)
            .maximum(self.maximum)
            .build()
    }
}

/// A moment.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
struct Timestamp(DateTime);

/// A moment as it may be written: ISO 8601 text (UTC when it has no offset), or seconds since the epoch.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    Seconds(f64),
    Text(String),
}

impl TryFrom<Written> for Timestamp {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Seconds(seconds) => seconds_since_epoch(seconds),
            Written::Text(text) => match text.trim().parse() {
                Ok(seconds) => seconds_since_epoch(seconds),
                Err(_) => iso(text.trim()),
            },
        }
    }
}

fn seconds_since_epoch(seconds: f64) -> Result<Timestamp, String> {
    // the years that ISO 8601 writes with four digits
    if (-62_135_596_800.0..253_402_300_800.0).contains(&seconds) {
        Ok(Timestamp(DateTime::from_secs_f64(seconds)))
    } else {
        Err(format!(
            "{seconds} seconds since 1970 is no moment that AWS takes"
        ))
    }
}

fn iso(text: &str) -> Result<Timestamp, String> {
    let moment = chrono::DateTime::parse_from_rfc3339(text)
        .or_else(|_| chrono::DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .map(|moment| moment.to_utc())
        .ok()
        .or_else(|| without_offset(text).map(|moment| moment.and_utc()));
    let moment = moment.ok_or_else(|| {
        format!(
            "'{text}' is no moment: write ISO 8601, for example 2030-01-31T12:00:00Z, or seconds since 1970"
        )
    })?;
    seconds_since_epoch(moment.timestamp_micros() as f64 / 1e6)
}

fn without_offset(text: &str) -> Option<NaiveDateTime> {
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"));
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d");
    moment
        .or_else(|_| date().map(|date| date.and_time(NaiveTime::MIN)))
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seconds(written: serde_json::Value) -> Result<f64, String> {
        serde_json::from_value::<Timestamp>(written)
            .map(|moment| moment.0.as_secs_f64())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn moments_are_read_however_they_are_written() {
        for written in [
            json!(1_893_456_000),
            json!("1893456000.0"),
            json!("2030-01-01"),
            json!("2030-01-01T00:00:00"),
            json!("2030-01-01 00:00:00.000"),
            json!("2030-01-01T00:00:00Z"),
            json!("2030-01-01 02:00:00+02:00"),
            json!("2030-01-01T02:00:00+02:00"),
        ] {
            assert_eq!(seconds(written.clone()), Ok(1_893_456_000.0), "{written}");
        }
        assert_eq!(seconds(json!("2030-01-01T00:00:00.25Z")), Ok(1_893_456_000.25));
    }

    #[test]
    fn a_misspelt_member_of_a_data_point_is_named() {
        let read = |datum| serde_json::from_value::<Datum>(datum).map(Datum::sdk);
        let point = read(json!({"MetricName": "m", "Value": 3, "Timestamp": "2030-01-01"})).unwrap();
        assert_eq!((point.metric_name(), point.value()), (Some("m"), Some(3.0)));
        for wrong in [
            json!({"MetricName": "m", "Vale": 3}),
            json!({"MetricName": "m", "Dimensions": [{"Name": "n", "Vale": "v"}]}),
        ] {
            assert!(read(wrong).unwrap_err().to_string().contains("`Vale`"));
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        assert!(seconds(json!("tomorrow")).unwrap_err().contains("'tomorrow'"));
        assert!(seconds(json!("nan")).is_err());
        assert!(seconds(json!(1e300)).is_err());
        assert!(seconds(json!("2030-02-30")).is_err());
        assert!(seconds(json!({})).is_err());
    }
}
