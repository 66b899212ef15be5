//! Lines of metrics, aligned with each other.

use super::humanize;
use super::style::Style;
use crate::metrics::Kind;
use crate::summary::{Metric, SummarySettings};

/// The widths of what stands below each other. (Characters are counted; k6 also folds composed ones.)
pub(super) struct Columns<'a> {
    settings: &'a SummarySettings,
    name: usize,
    value: usize,
    extras: Vec<usize>,
    stats: Vec<usize>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(metrics: &[&Metric], settings: &'a SummarySettings) -> Self {
        let mut columns = Self {
            settings,
            name: 0,
            value: 0,
            extras: Vec::new(),
            stats: Vec::new(),
        };
        for metric in metrics {
            columns.name = columns.name.max(width(&display_name(&metric.name)));
            if metric.kind == Kind::Trend {
                let stats = columns.stats_of(metric);
                widen(&mut columns.stats, &stats);
            } else {
                let (value, extras) = columns.values_of(metric);
                columns.value = columns.value.max(width(&value));
                widen(&mut columns.extras, &extras);
            }
        }
        columns
    }

    pub(super) fn line(&self, metric: &Metric, style: Style) -> String {
        let name = display_name(&metric.name);
        let dots = format!("{}:", ".".repeat(self.name - width(&name) + 3));
        let data = if metric.kind == Kind::Trend {
            self.trend(metric, style)
        } else {
            self.other(metric, style)
        };
        format!("    {name}{} {data}", style.faint_white(&dots))
    }

    fn trend(&self, metric: &Metric, style: Style) -> String {
        let texts = self.stats_of(metric);
        let padded = texts
            .iter()
            .zip(&self.stats)
            .map(|(text, width)| pad(style.cyan(text), text, *width));
        let names = metric.values.keys();
        let columns: Vec<_> = names
            .zip(padded)
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        columns.join(" ")
    }

    fn other(&self, metric: &Metric, style: Style) -> String {
        let (value, extras) = self.values_of(metric);
        let main = pad(style.cyan(&value), &value, self.value);
        if let [extra] = &extras[..] {
            return format!("{main} {}", style.faint_cyan(extra));
        }
        let padded = extras
            .iter()
            .zip(&self.extras)
            .map(|(text, width)| pad(style.faint_cyan(text), text, *width));
        format!("{main} {}", padded.collect::<Vec<_>>().join(" "))
    }

    fn stats_of(&self, metric: &Metric) -> Vec<String> {
        let text = |(stat, value): (&String, &f64)| {
            if stat == "count" {
                humanize::plain(*value)
            } else {
                self.text(metric, *value)
            }
        };
        metric.values.iter().map(text).collect()
    }

    /// The value of a metric that is no trend, and what stands behind it.
    fn values_of(&self, metric: &Metric) -> (String, Vec<String>) {
        let value = |name: &str| metric.values.get(name).copied().unwrap_or_default();
        let text = |name: &str| self.text(metric, value(name));
        match metric.kind {
            Kind::Counter => (text("count"), vec![format!("{}/s", text("rate"))]),
            Kind::Gauge => (
                text("value"),
                vec![format!("min={}", text("min")), format!("max={}", text("max"))],
            ),
            Kind::Rate | Kind::Trend => {
                let (passes, all) = (value("passes"), value("passes") + value("fails"));
                (
                    text("rate"),
                    vec![format!(
                        "{} out of {}",
                        humanize::plain(passes),
                        humanize::plain(all)
                    )],
                )
            }
        }
    }

    fn text(&self, metric: &Metric, value: f64) -> String {
        humanize::value(
            value,
            metric.kind,
            metric.contains,
            self.settings.time_unit.as_deref(),
        )
    }
}

fn widen(widths: &mut Vec<usize>, texts: &[String]) {
    widths.resize(widths.len().max(texts.len()), 0);
    for (own, text) in widths.iter_mut().zip(texts) {
        *own = (*own).max(width(text));
    }
}

fn pad(shown: String, text: &str, column: usize) -> String {
    shown + &" ".repeat(column.saturating_sub(width(text)))
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn display_name(name: &str) -> String {
    match name.split_once('{') {
        Some((_, tags)) => format!("  {{ {} }}", tags.strip_suffix('}').unwrap_or(tags)),
        None => name.to_owned(),
    }
}
