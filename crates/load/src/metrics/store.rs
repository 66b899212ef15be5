use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::progress::Live;
use super::registry::WatchedThreshold;
use super::tree::Tree;
use super::trend::Trend;
use super::{Aggregation, Figures, MetricId, Progress, Registry, Shard, Sink, TimeSeries, Watched, builtin};
use crate::summary::{Summary, SummarySettings};

/// The totals of a test.
pub struct Store {
    registry: Registry,
    shards: Vec<Arc<Mutex<Shard>>>,
    /// Given to a thread in exchange for its full shard, so that no lock is held while samples are added up.
    spare: Shard,
    totals: Vec<Option<Sink>>,
    tree: Tree,
    series: TimeSeries,
    live: Live,
    /// What `totals` has of the metrics that the live line shows.
    so_far: Interval,
    collected: Duration,
}

/// A threshold that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crossed {
    /// The metric or sub-metric.
    pub metric: String,
    /// The expression as the script has it.
    pub expression: String,
}

/// What [`Store::evaluate`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// In the order of the script.
    pub crossed: Vec<Crossed>,
    /// Whether one of them asks to stop the test now.
    pub abort: bool,
}

/// Samples of the metrics that the time series and the live line show.
#[derive(Clone, Default)]
pub(super) struct Interval {
    pub(super) requests: u64,
    pub(super) failed: u64,
    /// Requests that were judged failed or not.
    pub(super) checked: u64,
    pub(super) iterations: u64,
    pub(super) checks_failed: u64,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) virtual_users: Option<u64>,
    pub(super) durations: Trend,
}

impl Store {
    /// A store that collects from these shards, which must be of the same registry.
    pub fn new(registry: Registry, shards: Vec<Arc<Mutex<Shard>>>) -> Self {
        Self {
            spare: Shard::new(&registry),
            registry,
            shards,
            totals: Vec::new(),
            tree: Tree::default(),
            series: TimeSeries::default(),
            live: Live::default(),
            so_far: Interval::default(),
            collected: Duration::ZERO,
        }
    }

    /// Takes what is in the shards into the totals and the time series. `at` is the time since the start of the test; call
    /// it about once a second, and once more at the end.
    pub fn collect(&mut self, at: Duration) {
        let mut interval = Interval::default();
        for shard in &self.shards {
            {
                let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut *shard, &mut self.spare);
            }
            for (id, sink) in self.spare.sinks().filter(|(_, sink)| !sink.is_empty()) {
                absorb(&mut self.totals, id, sink);
                interval.take(id, sink);
            }
            self.tree.merge(self.spare.tree());
            self.spare.clear();
        }
        interval.virtual_users = self.gauge(builtin::VUS);
        self.series.add(&interval, self.collected, at);
        self.live.add(&interval, at);
        self.so_far.merge(&interval);
        self.collected = self.collected.max(at);
    }

    /// Tests every threshold on what was collected, while the test runs: as in k6, metrics without samples are left out,
    /// and `delay_abort_eval` must have passed before a threshold asks to stop.
    ///
    /// At the end, take [`Summary::crossed`]: there, thresholds on metrics without samples count too.
    pub fn evaluate(&mut self, elapsed: Duration) -> Evaluation {
        let mut evaluation = Evaluation::default();
        for watched in self.registry.watched().iter() {
            let Some(sink) = self.total(watched.metric) else {
                continue;
            };
            for threshold in watched
                .thresholds
                .iter()
                .filter(|threshold| !threshold.met(sink, elapsed))
            {
                evaluation.abort |= threshold.aborts(elapsed);
                evaluation.crossed.extend(self.crossed(watched, threshold));
            }
        }
        evaluation
    }

    fn crossed(&self, watched: &Watched, threshold: &WatchedThreshold) -> Option<Crossed> {
        let metric = self.registry.definition(watched.metric)?.name.clone();
        Some(Crossed {
            metric,
            expression: threshold.source.clone(),
        })
    }

    /// Numbers for a live line, as of the last collection.
    pub fn progress(&self) -> Progress {
        Progress {
            elapsed: self.collected,
            virtual_users: self.gauge(builtin::VUS).unwrap_or_default(),
            max_virtual_users: self.gauge(builtin::VUS_MAX).unwrap_or_default(),
            total: Figures::of(&self.so_far, self.collected),
            last_second: self.live.figures(self.collected),
        }
    }

    /// Everything that is told at the end, of what was collected. Rates are per second of `elapsed`.
    pub fn summary(&self, elapsed: Duration, settings: &SummarySettings) -> Summary {
        Summary::of(self, elapsed, settings)
    }

    /// What happened in each second.
    pub fn series(&self) -> &TimeSeries {
        &self.series
    }

    /// What happened in each second, at the end.
    pub fn into_series(self) -> TimeSeries {
        self.series
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What a metric added up to, if it had samples.
    pub(crate) fn total(&self, id: MetricId) -> Option<&Sink> {
        self.totals.get(id.index())?.as_ref()
    }

    fn gauge(&self, id: MetricId) -> Option<u64> {
        let value = self.total(id)?.aggregate(Aggregation::Value, Duration::ZERO)?;
        Some(value.max(0.0) as u64)
    }
}

fn absorb(totals: &mut Vec<Option<Sink>>, id: MetricId, sink: &Sink) {
    if totals.len() <= id.index() {
        totals.resize_with(id.index() + 1, || None);
    }
    match &mut totals[id.index()] {
        Some(total) => total.merge(sink),
        empty => *empty = Some(sink.clone()),
    }
}

impl WatchedThreshold {
    /// Whether a threshold is met, or has nothing to look at.
    pub(crate) fn met(&self, sink: &Sink, elapsed: Duration) -> bool {
        let value = sink.aggregate(self.expression.aggregation, elapsed);
        value.is_none_or(|value| self.expression.holds(value))
    }

    fn aborts(&self, elapsed: Duration) -> bool {
        self.abort_on_fail && (self.delay_abort_eval.is_zero() || self.delay_abort_eval < elapsed)
    }
}

impl Interval {
    fn take(&mut self, id: MetricId, sink: &Sink) {
        let sum = || {
            sink.aggregate(Aggregation::Count, Duration::ZERO)
                .unwrap_or_default() as u64
        };
        match id {
            builtin::HTTP_REQS => self.requests += sum(),
            builtin::ITERATIONS => self.iterations += sum(),
            builtin::DATA_SENT => self.sent += sum(),
            builtin::DATA_RECEIVED => self.received += sum(),
            builtin::HTTP_REQ_FAILED => {
                let (failed, checked) = sink.trues();
                self.failed += failed;
                self.checked += checked;
            }
            builtin::CHECKS => {
                let (passed, checks) = sink.trues();
                self.checks_failed += checks - passed;
            }
            builtin::HTTP_REQ_DURATION => {
                if let Sink::Trend(trend) = sink {
                    self.durations.merge(trend);
                }
            }
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.checked += other.checked;
        self.iterations += other.iterations;
        self.checks_failed += other.checks_failed;
        self.sent += other.sent;
        self.received += other.received;
        self.virtual_users = other.virtual_users.or(self.virtual_users);
        self.durations.merge(&other.durations);
    }

    /// Forgets the samples, and keeps the memory of the histogram.
    pub(super) fn clear(&mut self) {
        let mut durations = std::mem::take(&mut self.durations);
        durations.clear();
        *self = Self {
            durations,
            ..Self::default()
        };
    }
}
