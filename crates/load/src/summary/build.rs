//! Takes a summary from the totals.

use std::time::Duration;

use indexmap::IndexMap;

use super::settings;
use super::{Group, Metric, State, Summary, SummarySettings, ThresholdResult, groups};
use crate::metrics::{Aggregation, Definition, Kind, MetricId, Sink, Store, Watched, WatchedThreshold};

/// What the journal has of a trend; counts and rates come before.
const JOURNAL: [(&str, Aggregation); 7] = [
    ("min", Aggregation::Min),
    ("avg", Aggregation::Avg),
    ("med", Aggregation::Med),
    ("p(90)", Aggregation::Percentile(90.0)),
    ("p(95)", Aggregation::Percentile(95.0)),
    ("p(99)", Aggregation::Percentile(99.0)),
    ("max", Aggregation::Max),
];

impl Summary {
    pub(crate) fn of(store: &Store, elapsed: Duration, settings: &SummarySettings) -> Self {
        let tree = store.tree();
        Self {
            elapsed,
            metrics: metrics(store, elapsed, settings),
            root_group: Group::root(tree),
            checks: groups::by_name(tree),
            settings: settings.clone(),
            state: State::default(),
        }
    }
}

/// As in k6, a metric is shown if it had samples, or if it or one of its sub-metrics has thresholds.
fn metrics(store: &Store, elapsed: Duration, settings: &SummarySettings) -> Vec<Metric> {
    let definitions = store.registry().definitions();
    let watched = store.registry().watched();
    let is_watched = |id: MetricId| watched.iter().any(|watched| watched.metric == id);
    let is_shown = |id: MetricId| store.total(id).is_some() || is_watched(id);
    let metric = |(id, definition): (MetricId, &Definition)| {
        let empty = Sink::new(definition.kind);
        let sink = store.total(id).unwrap_or(&empty);
        let thresholds = watched.iter().filter(|watched| watched.metric == id);
        Metric::of(
            definition,
            sink,
            thresholds.flat_map(|watched| results(watched, sink, elapsed)),
            elapsed,
            settings,
        )
    };
    let mut shown = Vec::new();
    for (index, definition) in definitions
        .iter()
        .enumerate()
        .filter(|(_, main)| main.parent.is_none())
    {
        let id = MetricId::new(index);
        let children = definition.children.iter().filter(|child| is_shown(**child));
        let children: Vec<_> = children
            .map(|child| metric((*child, &definitions[child.index()])))
            .collect();
        if is_shown(id) || definition.children.iter().any(|child| is_watched(*child)) {
            shown.push(metric((id, definition)));
        }
        shown.extend(children);
    }
    shown
}

/// At the end, metrics without samples count too: as in k6 they are 0, but for rates, which have no value.
fn results(watched: &Watched, sink: &Sink, elapsed: Duration) -> Vec<ThresholdResult> {
    let result = |threshold: &WatchedThreshold| ThresholdResult {
        expression: threshold.source.clone(),
        aggregation: threshold.expression.written.clone(),
        value: sink.aggregate(threshold.expression.aggregation, elapsed),
        ok: threshold.met(sink, elapsed),
    };
    watched.thresholds.iter().map(result).collect()
}

impl Metric {
    fn of(
        definition: &Definition,
        sink: &Sink,
        thresholds: impl Iterator<Item = ThresholdResult>,
        elapsed: Duration,
        settings: &SummarySettings,
    ) -> Self {
        Self {
            name: definition.name.clone(),
            kind: definition.kind,
            contains: definition.contains,
            values: values(definition.kind, sink, elapsed, settings),
            journal: journal(definition.kind, sink, elapsed),
            thresholds: thresholds.collect(),
        }
    }
}

/// What k6 gives for a metric.
fn values(kind: Kind, sink: &Sink, elapsed: Duration, settings: &SummarySettings) -> IndexMap<String, f64> {
    let get = |aggregation| sink.aggregate(aggregation, elapsed).unwrap_or_default();
    let named = |list: &[(&str, f64)]| {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect()
    };
    match kind {
        Kind::Counter => named(&[
            ("count", get(Aggregation::Count)),
            ("rate", get(Aggregation::Rate)),
        ]),
        Kind::Gauge => named(&[
            ("value", get(Aggregation::Value)),
            ("min", get(Aggregation::Min)),
            ("max", get(Aggregation::Max)),
        ]),
        Kind::Rate => {
            let (trues, total) = sink.trues();
            let (passes, fails) = (trues as f64, (total - trues) as f64);
            named(&[
                ("rate", get(Aggregation::Rate)),
                ("passes", passes),
                ("fails", fails),
            ])
        }
        Kind::Trend => {
            let known = |stat: &String| Some((stat.clone(), get(settings::aggregation(stat)?)));
            settings.trend_stats.iter().filter_map(known).collect()
        }
    }
}

/// What the journal gives for a metric: trends with their number of samples, whatever the settings ask for.
fn journal(kind: Kind, sink: &Sink, elapsed: Duration) -> IndexMap<String, f64> {
    if kind != Kind::Trend {
        return values(kind, sink, elapsed, &SummarySettings::default());
    }
    let count = sink.samples() as f64;
    let rate = if elapsed.is_zero() {
        0.0
    } else {
        count / elapsed.as_secs_f64()
    };
    let stat = |(name, aggregation): &(&str, Aggregation)| {
        (
            (*name).to_owned(),
            sink.aggregate(*aggregation, elapsed).unwrap_or_default(),
        )
    };
    let counted = [("count".to_owned(), count), ("rate".to_owned(), rate)];
    counted.into_iter().chain(JOURNAL.iter().map(stat)).collect()
}
