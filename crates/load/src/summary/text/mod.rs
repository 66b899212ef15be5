//! The summary for people, laid out like k6's (its compact mode).

mod columns;
mod humanize;
mod order;
mod style;

use super::{Check, Metric, Summary};
use crate::metrics::{Contains, Kind};
use columns::Columns;
use style::Style;

/// How the text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TextSettings {
    /// Colours by ANSI codes, as k6 writes them to a terminal.
    pub colour: bool,
}

/// Sections by the beginning of a metric's name, in k6's order. What is in none is "custom" and comes first.
const SECTIONS: [(&str, &[&str]); 7] = [
    ("HTTP", &["http_reqs", "http_req_failed", "http_req_duration"]),
    (
        "EXECUTION",
        &["vus", "iterations", "iteration_duration", "dropped_iterations"],
    ),
    ("NETWORK", &["data_sent", "data_received"]),
    ("BROWSER", &["browser_"]),
    ("WEB_VITALS", &["browser_web_vital_"]),
    ("GRPC", &["grpc_"]),
    ("WEBSOCKET", &["ws_"]),
];

/// Beginnings of names of metrics that k6's compact summary leaves out.
const HIDDEN: [&str; 8] = [
    "checks",
    "group_duration",
    "http_req_blocked",
    "http_req_connecting",
    "http_req_receiving",
    "http_req_sending",
    "http_req_tls_handshaking",
    "http_req_waiting",
];

const CUSTOM: &str = "CUSTOM";

impl Summary {
    /// The end-of-test summary with the empty lines around it, just as k6 writes it to standard output.
    ///
    /// It differs from k6 where k6 shows a threshold's value wrongly or not at all: behind `!=`, and for a statistic that is
    /// not among the trend stats.
    pub fn text(&self, settings: &TextSettings) -> String {
        let writer = Writer {
            summary: self,
            style: Style {
                colour: settings.colour,
            },
        };
        let mut lines = vec![String::new()];
        if self.metrics.iter().any(|metric| !metric.thresholds.is_empty()) {
            writer.section(&mut lines, "THRESHOLDS", writer.thresholds());
        }
        let mut results = writer.checks();
        results.extend(writer.metrics());
        writer.section(&mut lines, "TOTAL RESULTS", results);
        lines.join("\n") + "\n\n\n"
    }

    fn unit(&self) -> Option<&str> {
        self.settings.time_unit.as_deref()
    }
}

struct Writer<'a> {
    summary: &'a Summary,
    style: Style,
}

impl Writer<'_> {
    fn section(&self, lines: &mut Vec<String>, title: &str, content: Vec<String>) {
        lines.extend([
            String::new(),
            format!("  █ {} ", self.style.bold(title)),
            String::new(),
        ]);
        lines.extend(content);
    }

    fn thresholds(&self) -> Vec<String> {
        let mut metrics: Vec<_> = self
            .summary
            .metrics
            .iter()
            .filter(|metric| !metric.thresholds.is_empty())
            .collect();
        order::sort(&mut metrics);
        let mut lines = Vec::new();
        for metric in &metrics {
            let (parent, tags) = order::parts(&metric.name);
            let below = !tags.is_empty() && metrics.iter().any(|other| other.name == parent);
            let (indent, name) = if below {
                ("      ", tags)
            } else {
                ("    ", metric.name.as_str())
            };
            lines.push(format!("{indent}{name}"));
            lines.extend(self.results(metric).map(|line| format!("{indent}{line}")));
            lines.push(String::new());
        }
        lines
    }

    fn results(&self, metric: &Metric) -> impl Iterator<Item = String> {
        metric.thresholds.iter().map(move |result| {
            let mark = if result.ok {
                self.style.green("✓")
            } else {
                self.style.red("✗")
            };
            let source = self.style.white(&format!("'{}'", result.expression.trim()));
            let value = self.threshold_value(metric, &result.aggregation, result.value.unwrap_or_default());
            format!(
                "{mark} {source} {}={}",
                self.style.white(&result.aggregation),
                self.style.cyan(&value)
            )
        })
    }

    fn threshold_value(&self, metric: &Metric, aggregation: &str, value: f64) -> String {
        let text = humanize::value(value, metric.kind, metric.contains, self.summary.unit());
        let per_second = metric.kind == Kind::Counter && aggregation == "rate";
        if per_second { text + "/s" } else { text }
    }

    fn checks(&self) -> Vec<String> {
        let Some(checks) = self.summary.metric("checks") else {
            return Vec::new();
        };
        let totals = check_totals(checks, self.summary.elapsed.as_secs_f64());
        let columns = Columns::of(&totals.iter().collect::<Vec<_>>(), &self.summary.settings);
        let mut lines: Vec<_> = totals
            .iter()
            .map(|metric| columns.line(metric, self.style))
            .collect();
        lines.push(String::new());
        lines.extend(self.summary.checks.values().map(|check| self.check(check)));
        lines.push(String::new());
        lines
    }

    fn check(&self, check: &Check) -> String {
        let (passes, fails) = (check.passes, check.fails);
        if fails == 0 {
            return format!("    {}", self.style.green(&format!("✓ {}", check.name)));
        }
        let share = u128::from(passes) * 100 / (u128::from(passes) + u128::from(fails));
        let name = self.style.red(&format!("✗ {}", check.name));
        let result = self.style.red(&format!("↳  {share}% — ✓ {passes} / ✗ {fails}"));
        format!("    {name}\n      {result}")
    }

    fn metrics(&self) -> Vec<String> {
        let shown = self
            .summary
            .metrics
            .iter()
            .filter(|metric| !starts_with_any(&metric.name, &HIDDEN));
        let mut metrics: Vec<_> = shown.collect();
        order::sort(&mut metrics);
        let columns = Columns::of(&metrics, &self.summary.settings);
        let mut lines = Vec::new();
        for name in std::iter::once(CUSTOM).chain(SECTIONS.map(|(name, _)| name)) {
            let mut rows = metrics
                .iter()
                .filter(|metric| section(&metric.name) == name)
                .peekable();
            if rows.peek().is_some() {
                lines.push(format!("    {}", self.style.bold(name)));
                lines.extend(rows.map(|metric| columns.line(metric, self.style)));
                lines.push(String::new());
            }
        }
        lines
    }
}

/// The section of a metric. Of several beginnings that fit, the longest counts.
fn section(metric: &str) -> &'static str {
    let fitting = SECTIONS
        .iter()
        .rev()
        .find(|(_, beginnings)| starts_with_any(metric, beginnings));
    fitting.map_or(CUSTOM, |(name, _)| name)
}

fn starts_with_any(name: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| name.starts_with(beginning))
}

/// The three lines that k6 makes of the rate `checks`.
fn check_totals(checks: &Metric, seconds: f64) -> [Metric; 3] {
    let value = |name: &str| checks.values.get(name).copied().unwrap_or_default();
    let (passes, fails) = (value("passes"), value("fails"));
    let total = passes + fails;
    let share = |part: f64| if total > 0.0 { part / total } else { 0.0 };
    let per_second = if seconds > 0.0 { total / seconds } else { 0.0 };
    let metric = |name: &str, kind, values: &[(&str, f64)]| Metric {
        name: name.to_owned(),
        kind,
        contains: Contains::Default,
        values: values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect(),
        journal: Default::default(),
        thresholds: Vec::new(),
    };
    let rate = |name, part, rest| {
        metric(
            name,
            Kind::Rate,
            &[("rate", share(part)), ("passes", part), ("fails", rest)],
        )
    };
    [
        metric(
            "checks_total",
            Kind::Counter,
            &[("count", total), ("rate", per_second)],
        ),
        rate("checks_succeeded", passes, fails),
        rate("checks_failed", fails, passes),
    ]
}
