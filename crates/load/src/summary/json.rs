//! The JSON that k6 knows: `data` of handleSummary, and the file of `--summary-export`.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Check, Group, Metric, Summary};
use crate::metrics::Kind;

/// The largest whole number below which all whole numbers are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Summary {
    /// The argument of the script's `handleSummary`, as k6 gives it: metrics with `type`, `contains`, `values` and
    /// `thresholds`; `root_group` with lists of groups and checks; `options`; `state`; `setup_data` if there is any.
    pub fn handle_summary_data(&self) -> Value {
        let metrics: Map<String, Value> = self
            .metrics
            .iter()
            .map(|metric| (metric.name.clone(), metric_data(metric)))
            .collect();
        let mut data = json!({
            "metrics": metrics,
            "root_group": group_data(&self.root_group),
            "options": {
                "summaryTrendStats": self.settings.trend_stats,
                "summaryTimeUnit": self.settings.time_unit.as_deref().unwrap_or_default(),
                "noColor": self.state.no_colour,
            },
            "state": {
                "isStdOutTTY": self.state.stdout_is_terminal,
                "isStdErrTTY": self.state.stderr_is_terminal,
                "testRunDurationMs": number(self.elapsed.as_nanos() as f64 / 1e6),
            },
        });
        if let (Some(setup), Some(data)) = (&self.state.setup_data, data.as_object_mut()) {
            data.insert("setup_data".to_owned(), setup.clone());
        }
        data
    }

    /// What k6 writes to the file of `--summary-export`. Beware of k6's layout: a threshold is `true` there when it was
    /// crossed, and a rate's share is its `value`.
    pub fn export(&self) -> Value {
        let metrics: Map<String, Value> = self
            .metrics
            .iter()
            .map(|metric| (metric.name.clone(), exported_metric(metric)))
            .collect();
        let mut data = json!({ "metrics": metrics, "root_group": self.root_group });
        if let (Some(setup), Some(data)) = (&self.state.setup_data, data.as_object_mut()) {
            data.insert("setup_data".to_owned(), setup.clone());
        }
        data
    }
}

/// A number as JavaScript writes it: whole ones without a fraction, infinite ones as null.
pub(super) fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < EXACT {
        return Value::from(value as i64);
    }
    Value::from(value)
}

pub(super) fn numbers(values: &IndexMap<String, f64>) -> Map<String, Value> {
    values
        .iter()
        .map(|(name, value)| (name.clone(), number(*value)))
        .collect()
}

fn metric_data(metric: &Metric) -> Value {
    let mut data = json!({
        "type": metric.kind,
        "contains": metric.contains,
        "values": numbers(&metric.values),
    });
    if !metric.thresholds.is_empty() {
        let result = |(expression, ok)| (expression, json!({ "ok": ok }));
        data["thresholds"] = Value::Object(thresholds(metric).map(result).collect());
    }
    data
}

fn exported_metric(metric: &Metric) -> Value {
    let mut values = numbers(&metric.values);
    let share = if metric.kind == Kind::Rate {
        values.shift_remove("rate")
    } else {
        None
    };
    if !metric.thresholds.is_empty() {
        let crossed = thresholds(metric).map(|(expression, ok)| (expression, Value::Bool(!ok)));
        values.insert("thresholds".to_owned(), Value::Object(crossed.collect()));
    }
    if let Some(share) = share {
        values.insert("value".to_owned(), share);
    }
    Value::Object(values)
}

fn thresholds(metric: &Metric) -> impl Iterator<Item = (String, bool)> + '_ {
    metric
        .thresholds
        .iter()
        .map(|result| (result.expression.clone(), result.ok))
}

fn group_data(group: &Group) -> Value {
    json!({
        "name": group.name,
        "path": group.path,
        "id": group.id,
        "groups": group.groups.values().map(group_data).collect::<Vec<_>>(),
        "checks": group.checks.values().collect::<Vec<&Check>>(),
    })
}
