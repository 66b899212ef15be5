//! PutMetricData.

use serde_json::{Value, json};

use super::ask::{borrowed, dimensions, invalid, unfitting};
use super::metrics::{Metrics, second};
use super::series::Summary;
use crate::wire::{Answer, ApiError};
use crate::{input, now};

/// How far back, and how far ahead, AWS takes values.
const BACK: f64 = 14.0 * 86_400.0;
const AHEAD: f64 = 2.0 * 3600.0;

/// How many data points a request may have, and how many values one of them.
const MOST_POINTS: usize = 1000;
const MOST_VALUES: usize = 150;

const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// One of CloudWatch's units.
///
/// # Errors
/// `InvalidParameterValue` for others.
pub(super) fn unit(input: &Value) -> Result<Option<&'static str>, ApiError> {
    let Some(given) = input::text(input, "Unit") else {
        return Ok(None);
    };
    let known = UNITS.into_iter().find(|unit| *unit == given);
    known
        .map(Some)
        .ok_or_else(|| invalid(format!("The parameter Unit must be one of {}.", UNITS.join(", "))))
}

/// A data point, ready to be kept.
struct Point {
    name: String,
    dimensions: Vec<(String, String)>,
    unit: &'static str,
    second: i64,
    values: Vec<Summary>,
}

pub(super) fn put(metrics: &Metrics, input: &Value) -> Answer {
    let namespace = input::text(input, "Namespace").ok_or_else(|| missing("Namespace"))?;
    if namespace.starts_with("AWS/") {
        return Err(invalid("The value AWS/ for parameter Namespace is invalid."));
    }
    let data = input::list(input, "MetricData");
    if data.len() > MOST_POINTS {
        return Err(invalid(format!(
            "The collection MetricData must not have a size greater than {MOST_POINTS}."
        )));
    }
    // all are read first: one bad point refuses the request
    for point in data.iter().map(point).collect::<Result<Vec<Point>, ApiError>>()? {
        let series = metrics.series(namespace, &point.name, &borrowed(&point.dimensions), point.unit);
        point
            .values
            .iter()
            .for_each(|values| series.put_at(point.second, values));
    }
    Ok(json!({}))
}

fn missing(member: &str) -> ApiError {
    ApiError::new("MissingParameter", format!("The parameter {member} is required."))
}

fn point(datum: &Value) -> Result<Point, ApiError> {
    let at = input::time(datum, "Timestamp")?.unwrap_or_else(now);
    if !(now() - BACK..=now() + AHEAD).contains(&at) {
        return Err(invalid(
            "The parameter Timestamp must be within the last two weeks and the next two hours.",
        ));
    }
    Ok(Point {
        name: input::text(datum, "MetricName")
            .ok_or_else(|| missing("MetricName"))?
            .to_owned(),
        dimensions: dimensions(datum)?,
        unit: unit(datum)?.unwrap_or("None"),
        second: second(at),
        values: values(datum)?,
    })
}

fn values(datum: &Value) -> Result<Vec<Summary>, ApiError> {
    let many = input::list(datum, "Values");
    let set = datum.get("StatisticValues").filter(|set| set.is_object());
    match (finite(datum, "Value")?, set, many) {
        (Some(value), None, []) => Ok(vec![Summary::of_value(value, 1)]),
        (None, Some(set), []) => Ok(vec![statistic_set(set)?]),
        (None, None, [_, ..]) => counted(many, input::list(datum, "Counts")),
        (None, None, []) => Err(ApiError::new(
            "MissingParameter",
            "A data point needs Value, Values or StatisticValues.",
        )),
        _ => Err(unfitting("Value, Values and StatisticValues exclude each other.")),
    }
}

fn finite(input: &Value, member: &str) -> Result<Option<f64>, ApiError> {
    match input::number(input, member)? {
        Some(value) if !value.is_finite() => Err(invalid(format!(
            "The value {value} for parameter {member} is invalid."
        ))),
        value => Ok(value),
    }
}

fn statistic_set(set: &Value) -> Result<Summary, ApiError> {
    let part = |member| finite(set, member)?.ok_or_else(|| missing(member));
    let (count, sum, minimum, maximum) = (
        part("SampleCount")?,
        part("Sum")?,
        part("Minimum")?,
        part("Maximum")?,
    );
    if count <= 0.0 || minimum > maximum {
        return Err(invalid(
            "A statistic set needs a SampleCount above 0, and a Minimum not above its Maximum.",
        ));
    }
    Ok(Summary::of_set(count.round() as u64, sum, minimum, maximum))
}

fn counted(values: &[Value], counts: &[Value]) -> Result<Vec<Summary>, ApiError> {
    if values.len() > MOST_VALUES {
        return Err(invalid(format!(
            "The collection Values must not have a size greater than {MOST_VALUES}."
        )));
    }
    if !counts.is_empty() && counts.len() != values.len() {
        return Err(unfitting("Values and Counts must have the same length."));
    }
    let number = |value: &Value| {
        let read = value
            .as_f64()
            .or_else(|| value.as_str()?.parse().ok())
            .filter(|number: &f64| number.is_finite());
        read.ok_or_else(|| invalid("Values and Counts must be numbers."))
    };
    let counts = counts
        .iter()
        .map(number)
        .chain(std::iter::repeat_with(|| Ok(1.0)));
    let pairs = values.iter().map(number).zip(counts);
    pairs
        .map(|(value, count)| Ok(Summary::of_value(value?, count?.round().max(0.0) as u64)))
        .collect()
}
