use serde_json::{Map, Value, json};

use super::json::{number, numbers};
use super::{Metric, Summary};

impl Summary {
    /// What an experiment's journal keeps:
    /// - `duration`: seconds;
    /// - `metrics`: by name; trends with count, rate (samples per second), min, avg, med, p(90), p(95), p(99) and max,
    ///   counters with count and rate, gauges with value, min and max, rates with rate, passes and fails;
    /// - `checks`: a list of name, path, passes and fails, group by group;
    /// - `thresholds`: by metric, a list of expression, ok and value;
    /// - `http_req_failed`: the share of failed requests, the number of them, and the number of requests.
    pub fn for_journal(&self) -> Value {
        let metrics: Map<_, _> = self
            .metrics
            .iter()
            .map(|metric| (metric.name.clone(), Value::Object(numbers(&metric.journal))))
            .collect();
        let watched = self.metrics.iter().filter(|metric| !metric.thresholds.is_empty());
        let thresholds: Map<_, _> = watched
            .map(|metric| (metric.name.clone(), thresholds(metric)))
            .collect();
        json!({
            "duration": number(self.elapsed.as_secs_f64()),
            "metrics": metrics,
            "checks": self.journal_checks(),
            "thresholds": thresholds,
            "http_req_failed": self.journal_failed(),
        })
    }

    fn journal_checks(&self) -> Vec<Value> {
        let mut checks = Vec::new();
        let mut groups = vec![&self.root_group];
        while let Some(group) = groups.pop() {
            checks.extend(group.checks.values().map(|check| {
                json!({ "name": check.name, "path": check.path, "passes": check.passes, "fails": check.fails })
            }));
            groups.extend(group.groups.values().rev());
        }
        checks
    }

    fn journal_failed(&self) -> Value {
        let values = self.metric("http_req_failed").map(|metric| &metric.values);
        let value = |name| {
            values
                .and_then(|values| values.get(name))
                .copied()
                .unwrap_or_default()
        };
        let (failed, others) = (value("passes"), value("fails"));
        json!({ "rate": number(value("rate")), "failed": number(failed), "requests": number(failed + others) })
    }
}

fn thresholds(metric: &Metric) -> Value {
    let result = metric.thresholds.iter().map(|result| {
        json!({ "expression": result.expression, "ok": result.ok, "value": result.value.map(number) })
    });
    Value::Array(result.collect())
}
