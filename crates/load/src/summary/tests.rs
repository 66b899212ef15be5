//! Summaries of the numbers of runs of k6 v2.2.0, against what k6 wrote of them (`snapshots`).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{State, Summary, SummarySettings, TextSettings};
use crate::metrics::{Contains, Kind, MetricId, NoTags, Registry, Shard, Store, builtin};
use crate::options::Threshold;

struct Script {
    registry: Registry,
    shard: Arc<Mutex<Shard>>,
    store: Store,
}

impl Script {
    fn new() -> Self {
        let registry = Registry::new();
        let shard = Arc::new(Mutex::new(Shard::new(&registry)));
        let store = Store::new(registry.clone(), vec![Arc::clone(&shard)]);
        Self {
            registry,
            shard,
            store,
        }
    }

    fn define(&self, name: &str, kind: Kind, contains: Contains) -> MetricId {
        self.registry.define(name, kind, contains).unwrap()
    }

    fn watch(&self, thresholds: &[(&str, &[&str])]) {
        let threshold = |expression: &&str| Threshold {
            expression: (*expression).to_owned(),
            abort_on_fail: false,
            delay_abort_eval: Duration::ZERO,
        };
        let lists = thresholds
            .iter()
            .map(|(metric, list)| ((*metric).to_owned(), list.iter().map(threshold).collect()));
        self.registry.watch(&lists.collect()).unwrap();
    }

    fn add(&self, id: MetricId, values: &[f64]) {
        let mut shard = self.shard.lock().unwrap();
        values.iter().for_each(|value| shard.add(id, *value, &NoTags));
    }

    fn tagged(&self, id: MetricId, value: f64, tags: &[(&str, &str)]) {
        let tags: IndexMap<_, _> = tags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.shard.lock().unwrap().add(id, value, &tags);
    }

    fn check(&self, group: &str, name: &str, passed: bool) {
        self.add(builtin::CHECKS, &[f64::from(passed)]);
        self.shard.lock().unwrap().check(group, name, passed);
    }

    fn group(&self, path: &str) {
        self.add(builtin::GROUP_DURATION, &[0.01]);
        self.shard.lock().unwrap().group(path);
    }

    /// What every run of one iteration has.
    fn iteration(&self, milliseconds: f64, sent: f64, received: f64) {
        self.add(builtin::ITERATIONS, &[1.0]);
        self.add(builtin::ITERATION_DURATION, &[milliseconds]);
        self.add(builtin::DATA_SENT, &[sent]);
        self.add(builtin::DATA_RECEIVED, &[received]);
    }

    fn end(mut self, nanoseconds: u64, settings: &SummarySettings) -> Summary {
        let elapsed = Duration::from_nanos(nanoseconds);
        self.store.collect(elapsed);
        self.store.summary(elapsed, settings)
    }
}

/// A script with all kinds of metrics, sub-metrics, thresholds, groups, checks and requests.
fn full() -> Summary {
    let script = Script::new();
    let trend = script.define("my_trend", Kind::Trend, Contains::Default);
    let time = script.define("my_time", Kind::Trend, Contains::Time);
    let counter = script.define("my_counter", Kind::Counter, Contains::Default);
    let gauge = script.define("my_gauge", Kind::Gauge, Contains::Default);
    let rate = script.define("my_rate", Kind::Rate, Contains::Default);
    script.define("unused", Kind::Trend, Contains::Default);
    let gauge_time = script.define("gauge_time", Kind::Gauge, Contains::Time);
    let counter_time = script.define("counter_time", Kind::Counter, Contains::Time);
    let fraction = script.define("counter_fraction", Kind::Counter, Contains::Default);
    script.watch(&[
        ("my_trend", &["p(95)<500", "avg<1", "p(99.9) > 2", "max<100"]),
        ("my_trend{a:b}", &["avg<100"]),
        ("my_counter{ x : 'y' , z:w}", &["count>0", "rate < 0.1"]),
        ("unused", &["avg<5", "p(90)<1"]),
        ("my_rate{q:nothing}", &["rate>0.5"]),
        ("checks", &["rate>0.9"]),
        ("my_gauge", &["value===3"]),
        ("my_time", &["med<1"]),
        ("http_req_failed", &["rate<0.01"]),
        ("http_req_duration{status:200}", &["p(95)<2000"]),
        ("data_received", &["count > 1000"]),
    ]);
    for round in [0.0, 1.0, 2.0] {
        script.check("::outer::inner", "is one", true);
        script.check("::outer::inner", "flaky", round != 1.0);
        for path in ["::outer::inner", "::outer::empty", "::outer"] {
            script.group(path);
        }
        script.check("", "root check", true);
        script.check("", "flaky", true);
        script.tagged(trend, 1.5 + round, &[("a", "b")]);
        script.add(trend, &[-3.0]);
        script.tagged(counter, 5.0, &[("x", "y"), ("z", "w")]);
        script.add(gauge, &[round + 1.0]);
        script.add(rate, &[round % 2.0]);
    }
    script.add(time, &[1234.5678]);
    script.add(gauge_time, &[12.3456]);
    script.add(counter_time, &[2.5]);
    script.add(fraction, &[0.1, 0.2]);
    script.add(builtin::HTTP_REQS, &[1.0, 1.0]);
    script.add(builtin::HTTP_REQ_FAILED, &[0.0, 1.0]);
    script.tagged(
        builtin::HTTP_REQ_DURATION,
        1.882_122,
        &[("expected_response", "true"), ("status", "200")],
    );
    script.tagged(
        builtin::HTTP_REQ_DURATION,
        43.399_842,
        &[("expected_response", "false"), ("status", "404")],
    );
    script.add(builtin::HTTP_REQ_BLOCKED, &[0.1, 0.0]);
    script.add(builtin::VUS, &[1.0]);
    script.add(builtin::VUS_MAX, &[1.0]);
    script.iteration(1_247.241_424, 149.0, 10_235.0);
    script.end(1_255_700_696, &SummarySettings::default())
}

fn stats() -> Summary {
    let script = Script::new();
    let sizes = script.define("sizes", Kind::Trend, Contains::Default);
    let waits = script.define("waits", Kind::Trend, Contains::Time);
    script.watch(&[("waits", &["p(95)<70000", "avg<1"])]);
    script.add(sizes, &[0.5, 2.0, 1_000_000.0, 33.5]);
    script.add(waits, &[61_000.0, 0.0005, 7_322_000.0]);
    script.iteration(0.189_992, 0.0, 0.0);
    let trend_stats = ["min", "count", "p(99.9)", "med"].map(str::to_owned).to_vec();
    script.end(
        332_784,
        &SummarySettings {
            trend_stats,
            time_unit: Some("ms".to_owned()),
        },
    )
}

const PLAIN: TextSettings = TextSettings { colour: false };

#[test]
fn the_text_is_k6s_byte_for_byte() {
    similar(&full().text(&PLAIN), include_str!("snapshots/full.txt"));
}

#[test]
fn trend_stats_and_the_time_unit_shape_the_text() {
    // k6 has no value for a threshold on a statistic that is not among the trend stats.
    let k6 = include_str!("snapshots/stats.txt").replace("'avg<1' avg=", "'avg<1' avg=2461000.00ms");
    similar(&stats().text(&PLAIN), &k6);
}

#[test]
fn a_test_without_requests_has_few_lines() {
    let script = Script::new();
    script.iteration(0.002_403, 0.0, 0.0);
    similar(
        &script.end(86_539, &SummarySettings::default()).text(&PLAIN),
        include_str!("snapshots/empty.txt"),
    );
}

#[track_caller]
fn similar(ours: &str, k6: &str) {
    for (line, (ours, k6)) in ours.lines().zip(k6.lines()).enumerate() {
        assert_eq!(ours, k6, "line {line}");
    }
    assert_eq!(ours, k6);
}

#[test]
fn colours_are_k6s() {
    let text = full().text(&TextSettings { colour: true });
    for line in [
        "  █ \x1b[1mTOTAL RESULTS\x1b[0m ",
        "    \x1b[32m✓\x1b[0m \x1b[37m'p(99.9) > 2'\x1b[0m \x1b[37mp(99.9)\x1b[0m=\x1b[36m3.495\x1b[0m",
        "    checks_failed\x1b[2;37m......:\x1b[0m \x1b[36m8.33%\x1b[0m  \x1b[2;36m1 out of 12\x1b[0m",
        "    \x1b[31m✗ flaky\x1b[0m",
        "      \x1b[31m↳  83% — ✓ 5 / ✗ 1\x1b[0m",
        "    \x1b[32m✓ root check\x1b[0m",
        "    \x1b[1mCUSTOM\x1b[0m",
        "    my_gauge\x1b[2;37m.......................:\x1b[0m \x1b[36m3\x1b[0m       \x1b[2;36mmin=1\x1b[0m       \
         \x1b[2;36mmax=3\x1b[0m      ",
        "    http_req_failed\x1b[2;37m................:\x1b[0m \x1b[36m50.00%\x1b[0m  \x1b[2;36m1 out of 2\x1b[0m",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line:?} is not in\n{text}"
        );
    }
    let bare = ["0", "1", "31", "32", "36", "37", "2;36", "2;37"];
    let bare = bare
        .iter()
        .fold(text, |text, code| text.replace(&format!("\x1b[{code}m"), ""));
    similar(&bare, include_str!("snapshots/full.txt"));
}

#[test]
fn thresholds_behind_not_equal_show_their_value() {
    let script = Script::new();
    script.watch(&[
        ("iterations", &["count!=1"]),
        ("iterations{scenario:a}", &["rate!=7"]),
    ]);
    script.iteration(1.0, 0.0, 0.0);
    let text = script
        .end(1_000_000_000, &SummarySettings::default())
        .text(&PLAIN);
    let expected =
        "    iterations\n    ✗ 'count!=1' count=1\n\n      {scenario:a}\n      ✓ 'rate!=7' rate=0/s\n";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn sections_follow_the_beginnings_of_names() {
    let script = Script::new();
    for name in [
        "ws_mine",
        "grpc_mine",
        "browser_mine",
        "browser_web_vital_x",
        "http_reqs_mine",
        "vus_x",
        "mine",
    ] {
        let id = script.define(name, Kind::Counter, Contains::Data);
        script.add(id, &[1.0]);
    }
    let hidden = script.define("checks_mine", Kind::Rate, Contains::Default);
    script.add(hidden, &[1.0]);
    let text = script
        .end(1_000_000_000, &SummarySettings::default())
        .text(&PLAIN);
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().split('.').next())
        .filter(|s| !s.is_empty())
        .collect();
    assert_eq!(
        names[1..],
        [
            "CUSTOM",
            "mine",
            "HTTP",
            "http_reqs_mine",
            "EXECUTION",
            "vus_x",
            "BROWSER",
            "browser_mine",
            "WEB_VITALS",
            "browser_web_vital_x",
            "GRPC",
            "grpc_mine",
            "WEBSOCKET",
            "ws_mine"
        ]
    );
}

#[test]
fn handle_summary_gets_what_k6_gives() {
    let state = State {
        setup_data: Some(json!({ "user": "x" })),
        stdout_is_terminal: true,
        ..State::default()
    };
    let data = full().with_state(state).handle_summary_data();
    assert_eq!(
        data["metrics"]["my_trend"],
        json!({
            "type": "trend", "contains": "default",
            "values": { "avg": -0.25, "min": -3, "med": -0.75, "max": 3.5, "p(90)": 3, "p(95)": 3.25 },
            "thresholds": {
                "p(95)<500": { "ok": true }, "avg<1": { "ok": true }, "p(99.9) > 2": { "ok": true },
                "max<100": { "ok": true }
            }
        })
    );
    assert_eq!(
        data["metrics"]["my_time"]["thresholds"],
        json!({ "med<1": { "ok": false } })
    );
    assert_eq!(
        data["metrics"]["http_req_failed"]["values"],
        json!({ "rate": 0.5, "passes": 1, "fails": 1 })
    );
    assert_eq!(data["metrics"]["data_sent"]["contains"], "data");
    assert_eq!(data["metrics"]["my_rate"].get("thresholds"), None);
    assert_eq!(data["setup_data"], json!({ "user": "x" }));
    assert_eq!(
        data["state"],
        json!({ "isStdOutTTY": true, "isStdErrTTY": false, "testRunDurationMs": 1255.700696 })
    );
    assert_eq!(
        data["options"],
        json!({
            "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)"],
            "summaryTimeUnit": "", "noColor": false
        })
    );
    assert_eq!(data["root_group"], root_group());
}

fn root_group() -> Value {
    json!({
        "name": "", "path": "", "id": "d41d8cd98f00b204e9800998ecf8427e",
        "groups": [{
            "name": "outer", "path": "::outer", "id": "c34b428ee7255085dfe7fef53d3394d5",
            "groups": [
                {
                    "name": "inner", "path": "::outer::inner", "id": "b6c425bc7b9e3d21a2d56ce7a6de3614", "groups": [],
                    "checks": [
                        { "name": "is one", "path": "::outer::inner::is one", "id": "b63248014b19f6791bda483eb6c55456",
                          "passes": 3, "fails": 0 },
                        { "name": "flaky", "path": "::outer::inner::flaky", "id": "630060bbe6b112771f85d20ab4085bfe",
                          "passes": 2, "fails": 1 }
                    ]
                },
                { "name": "empty", "path": "::outer::empty", "id": "585a174ba2cf14c27fc2dac440b7ba9c", "groups": [],
                  "checks": [] }
            ],
            "checks": []
        }],
        "checks": [
            { "name": "root check", "path": "::root check", "id": "060bf8e804882ca89365ce6437b83055", "passes": 3,
              "fails": 0 },
            { "name": "flaky", "path": "::flaky", "id": "dec06476dddaaef0a9e21b3dd238530e", "passes": 3, "fails": 0 }
        ]
    })
}

#[test]
fn the_export_has_k6s_layout() {
    let export = full().export();
    assert_eq!(
        export["metrics"]["http_req_failed"],
        json!({ "passes": 1, "fails": 1, "thresholds": { "rate<0.01": true }, "value": 0.5 })
    );
    assert_eq!(
        export["metrics"]["my_gauge"],
        json!({ "value": 3, "min": 1, "max": 3, "thresholds": { "value===3": false } })
    );
    assert_eq!(
        export["metrics"]["my_counter{x : 'y' , z:w}"]["thresholds"],
        json!({ "count>0": false, "rate < 0.1": true })
    );
    let inner = &export["root_group"]["groups"]["outer"]["groups"]["inner"];
    assert_eq!(inner["checks"]["flaky"]["fails"], 1);
    assert_eq!(
        export["root_group"]["checks"]["root check"]["path"],
        "::root check"
    );
    let names: Vec<_> = export.as_object().unwrap().keys().collect();
    assert_eq!(names, ["metrics", "root_group"]);
}

#[test]
fn the_journal_has_all_statistics_of_trends() {
    let journal = stats().for_journal();
    let waits = journal["metrics"]["waits"].as_object().unwrap();
    let names: Vec<_> = waits.keys().collect();
    assert_eq!(
        names,
        [
            "count", "rate", "min", "avg", "med", "p(90)", "p(95)", "p(99)", "max"
        ]
    );
    assert_eq!(
        (&waits["count"], &waits["max"], &waits["med"]),
        (&json!(3), &json!(7_322_000), &json!(61_000))
    );
    assert_eq!(journal["duration"], json!(0.000332784));
    let thresholds = journal["thresholds"]["waits"].as_array().unwrap();
    assert_eq!(thresholds[0]["expression"], "p(95)<70000");
    assert!((thresholds[0]["value"].as_f64().unwrap() - 6_595_900.0).abs() < 0.001);
    assert_eq!(
        thresholds[1],
        json!({ "expression": "avg<1", "ok": false, "value": waits["avg"] })
    );
    assert_eq!(
        journal["http_req_failed"],
        json!({ "rate": 0, "failed": 0, "requests": 0 })
    );
}

#[test]
fn the_journal_counts_checks_and_failed_requests() {
    let journal = full().for_journal();
    assert_eq!(
        journal["http_req_failed"],
        json!({ "rate": 0.5, "failed": 1, "requests": 2 })
    );
    let paths: Vec<_> = journal["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| &check["path"])
        .collect();
    assert_eq!(
        paths,
        [
            "::root check",
            "::flaky",
            "::outer::inner::is one",
            "::outer::inner::flaky"
        ]
    );
    assert_eq!(
        (&journal["checks"][3]["passes"], &journal["checks"][3]["fails"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        journal["metrics"]["checks"],
        json!({ "rate": 11.0 / 12.0, "passes": 11, "fails": 1 })
    );
}

#[test]
fn crossed_thresholds_are_named() {
    let crossed: Vec<_> = full()
        .crossed()
        .into_iter()
        .map(|crossed| (crossed.metric, crossed.expression))
        .collect();
    let expected = [
        ("http_req_failed", "rate<0.01"),
        ("my_time", "med<1"),
        ("my_counter{x : 'y' , z:w}", "rate < 0.1"),
    ];
    assert_eq!(
        crossed,
        expected.map(|(metric, expression)| (metric.to_owned(), expression.to_owned()))
    );
}

#[test]
fn numbers_that_json_has_not_are_null() {
    let script = Script::new();
    let id = script.define("mine", Kind::Trend, Contains::Default);
    script.add(id, &[f64::INFINITY, 1e300]);
    let summary = script.end(1_000_000_000, &SummarySettings::default());
    assert_eq!(summary.export()["metrics"]["mine"]["max"], Value::Null);
    assert_eq!(summary.for_journal()["metrics"]["mine"]["min"], json!(1e300));
    assert!(summary.text(&PLAIN).contains("max=Infinity"));
}

#[test]
fn the_summary_can_be_serialized() {
    let json = serde_json::to_value(full()).unwrap();
    assert_eq!(json["metrics"][0]["name"], "vus");
    assert_eq!(json["root_group"]["groups"]["outer"]["path"], "::outer");
}
