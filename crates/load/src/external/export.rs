//! The file of `--summary-export`, in the shape of the journal.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::ExternalError;

/// The parts of k6's summary that count.
pub(super) struct Exported {
    pub summary: Value,
    pub crossed: Vec<(String, String)>,
}

/// Reads the file; none when k6 wrote none. `elapsed` is how long k6 ran: more than the test, with its start.
pub(super) fn read(path: &Path, elapsed: Duration) -> Result<Option<Exported>, ExternalError> {
    let wrong = |error: &dyn std::fmt::Display| ExternalError::Summary(error.to_string());
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(&error)),
    };
    let exported: Value = serde_json::from_slice(&text).map_err(|error| wrong(&error))?;
    let metrics = exported.get("metrics").and_then(Value::as_object);
    let metrics = metrics.ok_or_else(|| wrong(&"it has no `metrics`"))?;
    let seconds = seconds(metrics).unwrap_or(elapsed.as_secs_f64());
    let summary = json!({
        "duration": seconds,
        "metrics": metrics.iter().map(|(name, values)| (name.clone(), numbers(values, seconds))).collect::<Map<_, _>>(),
        "checks": checks(exported.get("root_group").unwrap_or(&Value::Null)),
        "thresholds": metrics.iter().filter_map(thresholds).collect::<Map<_, _>>(),
        "http_req_failed": failed(metrics),
    });
    let crossed = metrics.iter().flat_map(|(name, values)| {
        let crossed = results(values).filter(|(_, crossed)| *crossed);
        crossed.map(|(expression, _)| (name.clone(), expression.to_owned()))
    });
    Ok(Some(Exported {
        crossed: crossed.collect(),
        summary,
    }))
}

fn number(values: &Value, name: &str) -> Option<f64> {
    values.get(name)?.as_f64()
}

/// How long the test took: k6 does not say, but a count and its rate do.
fn seconds(metrics: &Map<String, Value>) -> Option<f64> {
    let of = |values: &Value| Some(number(values, "count")? / number(values, "rate")?);
    let known = metrics.values().filter_map(of);
    known
        .into_iter()
        .find(|seconds| seconds.is_finite() && *seconds > 0.0)
}

/// What the journal has of a metric: a rate's share is called `rate` there, and a trend has a rate.
fn numbers(values: &Value, seconds: f64) -> Value {
    let values = values.as_object().into_iter().flatten();
    let mut numbers: Map<String, Value> = values
        .filter(|(_, value)| value.is_number())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if numbers.contains_key("passes")
        && let Some(share) = numbers.shift_remove("value")
    {
        numbers.insert("rate".to_owned(), share);
    }
    if let (Some(count), true) = (
        numbers.get("count").and_then(Value::as_f64),
        numbers.contains_key("avg"),
    ) {
        numbers.insert("rate".to_owned(), Value::from(count / seconds));
    }
    Value::Object(numbers)
}

/// All checks of a group and of those in it.
fn checks(group: &Value) -> Vec<Value> {
    let own = group
        .get("checks")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let mut checks: Vec<Value> = own
        .map(|(_, check)| {
            let part = |name: &str| check.get(name).cloned().unwrap_or_default();
            json!({"name": part("name"), "path": part("path"), "passes": part("passes"), "fails": part("fails")})
        })
        .collect();
    let groups = group
        .get("groups")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    groups.for_each(|(_, group)| checks.extend(self::checks(group)));
    checks
}

/// The expressions of a metric's thresholds, and whether each was crossed: `true` says that in this file.
fn results(values: &Value) -> impl Iterator<Item = (&str, bool)> {
    let thresholds = values.get("thresholds").and_then(Value::as_object);
    let stated = thresholds.into_iter().flatten();
    stated.map(|(expression, crossed)| (expression.as_str(), crossed.as_bool().unwrap_or_default()))
}

fn thresholds((name, values): (&String, &Value)) -> Option<(String, Value)> {
    let result = |(expression, crossed): (&str, bool)| {
        let value = observed(values, expression);
        json!({"expression": expression, "ok": !crossed, "value": value})
    };
    let results: Vec<Value> = results(values).map(result).collect();
    (!results.is_empty()).then(|| (name.clone(), Value::Array(results)))
}

/// The value that a threshold looks at, as far as it is exported.
fn observed(values: &Value, expression: &str) -> Option<Value> {
    let end = expression.find(['<', '>', '=', '!'])?;
    let aggregation: String = expression.get(..end)?.split_whitespace().collect();
    let is_share = aggregation == "rate" && values.get("passes").is_some();
    let name = if is_share { "value" } else { aggregation.as_str() };
    values.get(name).cloned()
}

fn failed(metrics: &Map<String, Value>) -> Value {
    let values = metrics.get("http_req_failed").unwrap_or(&Value::Null);
    let count = |name: &str| values.get(name).and_then(Value::as_u64).unwrap_or_default();
    // the metric counts failures, so that they are its passes
    let (failed, others) = (count("passes"), count("fails"));
    json!({"rate": number(values, "value").unwrap_or_default(), "failed": failed, "requests": failed + others})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Option<Exported>, ExternalError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path(), Duration::from_secs(7))
    }

    #[test]
    fn the_export_takes_the_shape_of_the_journal() {
        let text = json!({
            "root_group": {"name": "", "path": "", "checks": {"up": {"name": "up", "path": "::up", "passes": 3, "fails": 1}},
                "groups": {"in": {"name": "in", "checks": {"ok": {"name": "ok", "path": "::in::ok", "passes": 1, "fails": 0}}, "groups": {}}}},
            "metrics": {
                "iterations": {"count": 8, "rate": 4},
                "http_req_failed": {"passes": 1, "fails": 3, "value": 0.25, "thresholds": {"rate < 0.1": true}},
                "http_req_duration": {"count": 4, "avg": 5, "p(99)": 9, "thresholds": {"p(99)<10": false, "p(98)<1": true}},
                "vus": {"value": 1, "min": 1, "max": 1},
            },
        });
        let exported = read_text(&text.to_string()).unwrap().unwrap();
        assert_eq!(
            exported.summary,
            json!({
                "duration": 2.0,
                "metrics": {
                    "iterations": {"count": 8, "rate": 4},
                    "http_req_failed": {"passes": 1, "fails": 3, "rate": 0.25},
                    "http_req_duration": {"count": 4, "avg": 5, "p(99)": 9, "rate": 2.0},
                    "vus": {"value": 1, "min": 1, "max": 1},
                },
                "checks": [
                    {"name": "up", "path": "::up", "passes": 3, "fails": 1},
                    {"name": "ok", "path": "::in::ok", "passes": 1, "fails": 0},
                ],
                "thresholds": {
                    "http_req_failed": [{"expression": "rate < 0.1", "ok": false, "value": 0.25}],
                    "http_req_duration": [
                        {"expression": "p(99)<10", "ok": true, "value": 9},
                        {"expression": "p(98)<1", "ok": false, "value": null},
                    ],
                },
                "http_req_failed": {"rate": 0.25, "failed": 1, "requests": 4},
            })
        );
        let crossed: Vec<_> = exported
            .crossed
            .iter()
            .map(|(metric, what)| format!("{metric} {what}"))
            .collect();
        assert_eq!(
            crossed,
            ["http_req_failed rate < 0.1", "http_req_duration p(98)<1"]
        );
    }

    #[test]
    fn what_is_no_summary_is_an_error_and_a_missing_one_is_none() {
        assert!(matches!(
            read(Path::new("/nowhere/at/all"), Duration::ZERO),
            Ok(None)
        ));
        assert!(matches!(read_text("{"), Err(ExternalError::Summary(_))));
        assert!(matches!(read_text("{}"), Err(ExternalError::Summary(_))));
        let empty = read_text(r#"{"metrics": {}}"#).unwrap().unwrap();
        assert_eq!(empty.summary["duration"], 7.0);
        assert_eq!(empty.summary["checks"], json!([]));
    }
}
