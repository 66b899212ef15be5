//! GetMetricData.

use serde_json::{Value, json};

use super::ask::{self, invalid, unfitting};
use super::metrics::Metrics;
use super::query::{Evaluation, Points, Query, Range, Source, period};
use crate::input;
use crate::wire::{Answer, ApiError, time};

/// How many data points the lab answers; it answers them at once, without pages.
const MOST: i64 = 100_800;

pub(super) fn get(metrics: &Metrics, input: &Value) -> Answer {
    let queries = Query::read_all(input, "MetricDataQueries")?;
    if queries.is_empty() {
        return Err(ApiError::validation(
            "The parameter MetricDataQueries is required.",
        ));
    }
    let (from, to) = ask::window(input)?;
    if (to - from) / period(&queries) * queries.len() as i64 > MOST {
        return Err(unfitting(format!(
            "The request would give more than {MOST} datapoints."
        )));
    }
    let ascending = match input::text(input, "ScanBy") {
        None | Some("TimestampDescending") => false,
        Some("TimestampAscending") => true,
        Some(_) => {
            return Err(invalid(
                "The parameter ScanBy must be TimestampAscending or TimestampDescending.",
            ));
        }
    };
    let mut evaluation = Evaluation::new(metrics, &queries, Range { from, to, speed: 1.0 });
    let mut results = Vec::new();
    for query in queries.iter().filter(|query| query.returned) {
        results.push(result(query, &evaluation.points(&query.id)?, ascending));
    }
    Ok(json!({ "MetricDataResults": results, "Messages": [] }))
}

fn result(query: &Query, points: &Points, ascending: bool) -> Value {
    let mut pairs: Vec<(i64, f64)> = points.iter().map(|(at, value)| (*at, *value)).collect();
    if !ascending {
        pairs.reverse();
    }
    let label = match (&query.label, &query.source) {
        (Some(label), _) => label,
        (None, Source::Stat(stat)) => &stat.name,
        (None, Source::Expression { .. }) => &query.id,
    };
    json!({
        "Id": query.id,
        "Label": label,
        "Timestamps": pairs.iter().map(|(at, _)| time(*at as f64)).collect::<Vec<Value>>(),
        "Values": pairs.iter().map(|(_, value)| *value).collect::<Vec<f64>>(),
        "StatusCode": "Complete",
    })
}
