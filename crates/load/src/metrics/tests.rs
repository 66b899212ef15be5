//! Registry, shards, store, thresholds and time series together.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indexmap::IndexMap;

use super::{Contains, Kind, MetricId, NoTags, Registry, Shard, Store, builtin};
use crate::options::Threshold;
use crate::summary::SummarySettings;

/// A store with `N` shards.
struct Bench<const N: usize> {
    registry: Registry,
    shards: [Arc<Mutex<Shard>>; N],
    store: Store,
}

impl<const N: usize> Bench<N> {
    fn new() -> Self {
        let registry = Registry::new();
        let shards = std::array::from_fn(|_| Arc::new(Mutex::new(Shard::new(&registry))));
        let store = Store::new(registry.clone(), shards.to_vec());
        Self {
            registry,
            shards,
            store,
        }
    }

    fn add(&self, shard: usize, id: MetricId, value: f64) {
        self.shards[shard].lock().unwrap().add(id, value, &NoTags);
    }

    fn value(&self, metric: &str, name: &str) -> f64 {
        let summary = self
            .store
            .summary(Duration::from_secs(10), &SummarySettings::default());
        let metric = summary.metric(metric).unwrap();
        metric
            .values
            .get(name)
            .or_else(|| metric.journal.get(name))
            .copied()
            .unwrap()
    }

    fn watch(&self, metric: &str, expression: &str, abort_on_fail: bool, delay: u64) {
        let delay_abort_eval = Duration::from_secs(delay);
        let threshold = Threshold {
            expression: expression.to_owned(),
            abort_on_fail,
            delay_abort_eval,
        };
        self.registry
            .watch(&IndexMap::from([(metric.to_owned(), vec![threshold])]))
            .unwrap();
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn totals_are_those_of_all_shards_and_collections() {
    let mut bench = Bench::<2>::new();
    for round in 1..=2 {
        for shard in 0..2 {
            bench.add(shard, builtin::HTTP_REQS, 1.0);
            bench.add(shard, builtin::HTTP_REQ_FAILED, shard as f64);
            bench.add(
                shard,
                builtin::HTTP_REQ_DURATION,
                (round * 10) as f64 + shard as f64,
            );
        }
        bench.store.collect(seconds(round));
    }
    assert_eq!(
        (
            bench.value("http_reqs", "count"),
            bench.value("http_reqs", "rate")
        ),
        (4.0, 0.4)
    );
    assert_eq!(
        ["rate", "passes", "fails"].map(|name| bench.value("http_req_failed", name)),
        [0.5, 2.0, 2.0]
    );
    let trend = ["min", "avg", "med", "max", "count"].map(|name| bench.value("http_req_duration", name));
    assert_eq!(trend, [10.0, 15.5, 15.5, 21.0, 4.0]);
}

#[test]
fn the_last_value_of_a_gauge_is_the_last_in_time_over_all_shards() {
    let mut bench = Bench::<2>::new();
    bench.add(1, builtin::VUS, 9.0);
    bench.add(1, builtin::VUS, 2.0);
    bench.add(0, builtin::VUS, 5.0);
    bench.add(1, builtin::VUS, 3.0);
    bench.store.collect(seconds(1));
    assert_eq!(
        ["value", "min", "max"].map(|name| bench.value("vus", name)),
        [3.0, 2.0, 9.0]
    );
    bench.add(0, builtin::VUS, 4.0);
    bench.store.collect(seconds(2));
    assert_eq!(bench.value("vus", "value"), 4.0);
}

#[test]
fn sub_metrics_have_the_samples_with_all_their_tags() {
    let mut bench = Bench::<1>::new();
    // The shard knows the metric before its sub-metric is there.
    bench.add(0, builtin::HTTP_REQS, 1.0);
    bench.watch("http_reqs{ name : 'a b' , status:200 }", "count==1", false, 0);
    for (name, status) in [("a b", "200"), ("a b", "500"), ("other", "200")] {
        let tags = IndexMap::from([("name", name), ("status", status), ("more", "x")]);
        let tags: IndexMap<_, _> = tags
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        bench.shards[0]
            .lock()
            .unwrap()
            .add(builtin::HTTP_REQS, 1.0, &tags);
    }
    bench.add(0, builtin::HTTP_REQS, 1.0);
    bench.store.collect(seconds(1));
    assert_eq!(bench.value("http_reqs", "count"), 5.0);
    assert_eq!(bench.value("http_reqs{name : 'a b' , status:200}", "count"), 1.0);
    assert_eq!(bench.store.evaluate(seconds(1)).crossed, []);
}

#[test]
fn a_crossed_threshold_is_named() {
    let mut bench = Bench::<1>::new();
    bench.watch("http_req_duration", "p(95)<500", false, 0);
    bench.add(0, builtin::HTTP_REQ_DURATION, 600.0);
    bench.store.collect(seconds(1));
    let evaluation = bench.store.evaluate(seconds(1));
    assert!(!evaluation.abort);
    assert_eq!(evaluation.crossed[0].metric, "http_req_duration");
    assert_eq!(evaluation.crossed[0].expression, "p(95)<500");
}

#[test]
fn a_threshold_aborts_once_its_delay_has_passed() {
    for (abort_on_fail, delay, at, aborts) in [
        (false, 0, 5, false),
        (true, 0, 5, true),
        (true, 5, 5, false),
        (true, 5, 6, true),
    ] {
        let mut bench = Bench::<1>::new();
        bench.watch("checks", "rate>0.9", abort_on_fail, delay);
        bench.add(0, builtin::CHECKS, 0.0);
        bench.store.collect(seconds(at));
        assert_eq!(
            bench.store.evaluate(seconds(at)).abort,
            aborts,
            "{abort_on_fail} {delay} {at}"
        );
    }
}

#[test]
fn thresholds_without_samples_wait_and_then_count_as_in_k6() {
    let table = [
        ("iterations", "count>0", false),
        ("iterations", "count<1", true),
        ("iterations", "rate>0", false),
        ("vus", "value>0", false),
        ("http_req_duration", "p(95)<1", true),
        ("http_req_duration", "avg>0", false),
        ("checks", "rate>0.5", true),
        ("checks{x:y}", "rate>0.5", true),
    ];
    for (metric, expression, ok) in table {
        let mut bench = Bench::<1>::new();
        bench.watch(metric, expression, true, 0);
        bench.store.collect(seconds(1));
        assert_eq!(
            bench.store.evaluate(seconds(1)),
            super::Evaluation::default(),
            "{metric} {expression}"
        );
        let summary = bench.store.summary(seconds(1), &SummarySettings::default());
        assert_eq!(summary.crossed().is_empty(), ok, "{metric} {expression}");
        assert!(summary.metric("checks{x:y}").is_none() || summary.metric("checks").is_some());
    }
}

#[test]
fn custom_trends_keep_fractions_and_negative_values() {
    let mut bench = Bench::<1>::new();
    let id = bench
        .registry
        .define("mine", Kind::Trend, Contains::Default)
        .unwrap();
    for value in [-1234.0, -0.000_123, 0.000_012_3, 0.25, 987_654.0] {
        bench.add(0, id, value);
    }
    bench.store.collect(seconds(1));
    assert_eq!(bench.value("mine", "med"), 0.000_012_3);
    assert_eq!(
        (bench.value("mine", "min"), bench.value("mine", "max")),
        (-1234.0, 987_654.0)
    );
}

#[test]
fn a_row_has_what_happened_in_its_second() {
    let mut bench = Bench::<1>::new();
    for (second, requests) in [(0_u64, 3), (1, 1)] {
        for n in 0..requests {
            bench.add(0, builtin::HTTP_REQS, 1.0);
            bench.add(0, builtin::HTTP_REQ_FAILED, f64::from(n == 0));
            bench.add(0, builtin::HTTP_REQ_DURATION, (second * 100 + 10) as f64);
            bench.add(0, builtin::DATA_SENT, 100.0);
            bench.add(0, builtin::DATA_RECEIVED, 1000.0);
        }
        bench.add(0, builtin::ITERATIONS, 1.0);
        bench.add(0, builtin::CHECKS, 0.0);
        bench.add(0, builtin::VUS, 7.0);
        // Timers are late.
        bench.store.collect(Duration::from_millis(second * 1000 + 1010));
    }
    bench.store.collect(Duration::from_millis(4020));
    let rows = bench.store.series().rows();
    assert_eq!(
        rows.iter().map(|row| row.requests).collect::<Vec<_>>(),
        [3, 1, 0, 0][..rows.len()]
    );
    let first = &rows[0];
    assert_eq!(
        (
            first.offset,
            first.failed_requests,
            first.iterations,
            first.checks_failed
        ),
        (0, 1, 1, 1)
    );
    assert_eq!(
        (first.bytes_sent, first.bytes_received, first.active_virtual_users),
        (300, 3000, 7)
    );
    assert_eq!(
        (first.p50, first.p95, first.p99, first.max),
        (Some(10.0), Some(10.0), Some(10.0), Some(10.0))
    );
    assert_eq!(
        (rows[1].p50, rows[2].p50, rows[2].active_virtual_users),
        (Some(110.0), None, 7)
    );
}

#[test]
fn a_full_series_halves_its_resolution_and_loses_no_count() {
    let mut bench = Bench::<1>::new();
    let hours = 3 * 3600;
    for second in 1..=hours {
        bench.add(0, builtin::HTTP_REQS, 1.0);
        bench.add(
            0,
            builtin::HTTP_REQ_DURATION,
            if second % 2 == 0 { 100.0 } else { 200.0 },
        );
        bench.store.collect(seconds(second));
    }
    let series = bench.store.series();
    assert_eq!(series.resolution(), seconds(4));
    assert_eq!(series.rows().len(), 2700);
    assert_eq!(series.rows().iter().map(|row| row.requests).sum::<u64>(), hours);
    for (index, row) in series.rows().iter().enumerate() {
        assert_eq!(
            (row.offset, row.requests, row.max),
            (index as u64 * 4, 4, Some(200.0))
        );
        assert!(
            (row.p99.unwrap() - 200.0).abs() < 8.0 && (row.p50.unwrap() - 150.0).abs() < 8.0,
            "{row:?}"
        );
    }
}

#[test]
fn a_long_silence_needs_few_rows() {
    let mut bench = Bench::<1>::new();
    bench.store.collect(seconds(1));
    bench.store.collect(seconds(1_000_000));
    assert!(bench.store.series().rows().len() <= 3600);
}

#[test]
fn the_series_is_written_as_rows() {
    let mut bench = Bench::<1>::new();
    bench.add(0, builtin::HTTP_REQS, 1.0);
    bench.store.collect(seconds(1));
    let json = serde_json::to_value(bench.store.series()).unwrap();
    assert_eq!(
        (&json["resolution"], &json["rows"][0]["requests"]),
        (&1.into(), &1.into())
    );
    assert!(json["rows"][0]["p95"].is_null());
}

#[test]
fn progress_tells_the_last_second_and_the_whole() {
    let mut bench = Bench::<1>::new();
    for tenth in 1..=25_u64 {
        bench.add(0, builtin::HTTP_REQS, 1.0);
        bench.add(0, builtin::HTTP_REQ_FAILED, f64::from(tenth > 10 && tenth <= 15));
        bench.add(0, builtin::HTTP_REQ_DURATION, tenth as f64);
        bench.add(0, builtin::VUS, 3.0);
        bench.store.collect(Duration::from_millis(tenth * 100));
    }
    let progress = bench.store.progress();
    assert_eq!(
        (
            progress.virtual_users,
            progress.total.requests,
            progress.total.requests_per_second
        ),
        (3, 25, 10.0)
    );
    assert_eq!(
        (progress.total.failed_rate, progress.last_second.failed_rate),
        (0.2, 0.5)
    );
    assert_eq!(
        (
            progress.last_second.requests,
            progress.last_second.requests_per_second
        ),
        (10, 10.0)
    );
    assert!((progress.last_second.p95.unwrap() - 19.55).abs() < 1e-9);
}

#[test]
fn a_lock_that_a_thread_left_by_panic_is_still_collected() {
    let mut bench = Bench::<1>::new();
    let shard = Arc::clone(&bench.shards[0]);
    let thread = std::thread::spawn(move || {
        let mut shard = shard.lock().unwrap();
        shard.add(builtin::ITERATIONS, 1.0, &NoTags);
        panic!("on purpose");
    });
    assert!(thread.join().is_err());
    bench.store.collect(seconds(1));
    assert_eq!(bench.value("iterations", "count"), 1.0);
}

#[test]
fn no_sample_is_lost_or_doubled_while_threads_add_and_the_store_collects() {
    const SAMPLES: u64 = 20_000;
    let mut bench = Bench::<3>::new();
    let threads: Vec<_> = bench
        .shards
        .iter()
        .map(Arc::clone)
        .map(|shard| {
            std::thread::spawn(move || {
                for n in 0..SAMPLES {
                    let mut shard = shard.lock().unwrap();
                    shard.add(builtin::HTTP_REQS, 1.0, &NoTags);
                    shard.add(builtin::HTTP_REQ_DURATION, (n % 100) as f64, &NoTags);
                    shard.check("::g", "c", n % 4 == 0);
                }
            })
        })
        .collect();
    let mut at = 0;
    while threads.iter().any(|thread| !thread.is_finished()) {
        at += 1;
        bench.store.collect(Duration::from_millis(at));
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    bench.store.collect(Duration::from_millis(at + 1));
    let count = (3 * SAMPLES) as f64;
    assert_eq!(
        (
            bench.value("http_reqs", "count"),
            bench.value("http_req_duration", "count")
        ),
        (count, count)
    );
    assert_eq!(bench.value("http_req_duration", "avg"), 49.5);
    let summary = bench.store.summary(seconds(1), &SummarySettings::default());
    assert_eq!(
        (summary.checks["c"].passes, summary.checks["c"].fails),
        (3 * SAMPLES / 4, 9 * SAMPLES / 4)
    );
    assert_eq!(
        bench
            .store
            .series()
            .rows()
            .iter()
            .map(|row| row.requests)
            .sum::<u64>(),
        3 * SAMPLES
    );
}
