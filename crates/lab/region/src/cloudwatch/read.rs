//! GetMetricStatistics and ListMetrics.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ask::{self, borrowed, dimensions, invalid, shown, unfitting};
use super::metrics::{Metrics, Series, second};
use super::put::unit;
use super::series::Summary;
use super::statistic::Statistic;
use crate::wire::{Answer, ApiError, time};
use crate::{input, now};

/// How many data points an answer may have.
const MOST: i64 = 1440;

pub(super) fn statistics(metrics: &Metrics, input: &Value) -> Answer {
    let (namespace, name) = (
        input::required(input, "Namespace")?,
        input::required(input, "MetricName")?,
    );
    let (period, (from, to)) = (ask::period(input)?, ask::window(input)?);
    if (to - from) / period > MOST {
        let why = format!(
            "You have requested up to {} datapoints, which exceeds the limit of {MOST}.",
            (to - from) / period
        );
        return Err(unfitting(why));
    }
    let statistics = asked(input)?;
    let dimensions = dimensions(input)?;
    let found = metrics.matching(namespace, name, &borrowed(&dimensions), unit(input)?);
    let points = found.iter().flat_map(|series| {
        let periods = periods(std::slice::from_ref(series), from, to, period);
        let unit = series.unit();
        periods
            .into_iter()
            .map(move |(at, summary)| (at, unit, summary))
            .collect::<Vec<_>>()
    });
    let points: Vec<Value> = points
        .filter_map(|(at, unit, summary)| datapoint(at, unit, &summary, &statistics))
        .collect();
    Ok(json!({ "Label": name, "Datapoints": points }))
}

/// The statistics that a request names.
fn asked(input: &Value) -> Result<Vec<(String, Statistic)>, ApiError> {
    let mut names = input::texts(input, "Statistics");
    names.extend(input::texts(input, "ExtendedStatistics"));
    if names.is_empty() {
        let why = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
        return Err(ApiError::new("MissingParameter", why));
    }
    names
        .into_iter()
        .map(|name| Ok((name.clone(), Statistic::read(&name)?)))
        .collect()
}

fn datapoint(at: i64, unit: &str, summary: &Summary, statistics: &[(String, Statistic)]) -> Option<Value> {
    let (mut simple, mut extended) = (Map::new(), Map::new());
    for (name, statistic) in statistics {
        let members = if statistic.is_percentile() {
            &mut extended
        } else {
            &mut simple
        };
        members.insert(name.clone(), json!(statistic.of(summary)?));
    }
    simple.insert("Timestamp".to_owned(), time(at as f64));
    simple.insert("Unit".to_owned(), json!(unit));
    if !extended.is_empty() {
        simple.insert("ExtendedStatistics".to_owned(), Value::Object(extended));
    }
    Some(Value::Object(simple))
}

/// What metrics were in each period of `from..to` that has values, by its first second.
pub(super) fn periods(all: &[Series], from: i64, to: i64, period: i64) -> BTreeMap<i64, Summary> {
    let mut periods: BTreeMap<i64, Summary> = BTreeMap::new();
    for series in all {
        series.with(|seconds| {
            seconds.periods(from, to, period, |at, summary| {
                periods.entry(at).or_default().merge(summary)
            })
        });
    }
    periods
}

pub(super) fn list(metrics: &Metrics, input: &Value) -> Answer {
    let since = match input::text(input, "RecentlyActive") {
        None => i64::MIN,
        Some("PT3H") => second(now()) - 3 * 3600,
        Some(_) => return Err(invalid("The parameter RecentlyActive must be PT3H.")),
    };
    let filters = input::list(input, "Dimensions");
    let fits = |series: &Series| {
        input::text(input, "Namespace").is_none_or(|namespace| namespace == series.namespace())
            && input::text(input, "MetricName").is_none_or(|name| name == series.name())
            && filters.iter().all(|filter| has(series, filter))
            && series.newest().is_some_and(|newest| newest >= since)
    };
    let all = metrics.all().into_iter().filter(fits);
    let mut found: Vec<_> = all
        .map(|one| {
            (
                one.namespace().to_owned(),
                one.name().to_owned(),
                one.dimensions().to_vec(),
            )
        })
        .collect();
    found.sort();
    found.dedup();
    let listed = found.iter().map(|(namespace, name, dimensions)| {
        json!({ "Namespace": namespace, "MetricName": name, "Dimensions": shown(dimensions) })
    });
    Ok(Value::Object(ask::page("Metrics", listed.collect(), input, 500)?))
}

/// Whether a metric has a dimension, and with the filter's value if it names one.
fn has(series: &Series, filter: &Value) -> bool {
    let (name, value) = (input::text(filter, "Name"), input::text(filter, "Value"));
    series
        .dimensions()
        .iter()
        .any(|(n, v)| Some(n.as_str()) == name && value.is_none_or(|value| value == v))
}
