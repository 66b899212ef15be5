//! The options and the plans they make, against what k6 v2 does with the same options.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn read(options: Value) -> Options {
    Options::from_json(&options).unwrap()
}

fn refused(options: Value) -> String {
    let read = Options::from_json(&options);
    read.and_then(|options| options.plan()).unwrap_err().to_string()
}

fn described(options: Value) -> Vec<String> {
    let plans = read(options).plan().unwrap();
    plans
        .iter()
        .map(|plan| format!("{}: {}", plan.name, plan.describe()))
        .collect()
}

#[test]
fn short_options_become_scenarios() {
    let one = |options| described(options).remove(0);
    assert_eq!(
        one(json!({"vus": 2, "duration": "2s"})),
        "default: 2 looping VUs for 2s (gracefulStop: 30s)"
    );
    assert_eq!(
        one(json!({"duration": 1500.5})),
        "default: 1 looping VUs for 1.5005s (gracefulStop: 30s)"
    );
    assert_eq!(
        one(json!({"vus": "3", "iterations": 5.0, "duration": "10s"})),
        "default: 5 iterations shared among 3 VUs (maxDuration: 10s, gracefulStop: 30s)"
    );
    assert_eq!(
        one(json!({"VUS": 3})),
        "default: 3 iterations shared among 3 VUs (maxDuration: 10m0s, gracefulStop: 30s)"
    );
    assert_eq!(
        one(json!({"stages": [{"duration": "10s", "target": 5}, {"duration": "1m", "target": 0}]})),
        "default: Up to 5 looping VUs for 1m10s over 2 stages (gracefulRampDown: 30s, gracefulStop: 30s)"
    );
    for nothing in [
        json!({}),
        json!({"stages": []}),
        json!({"scenarios": {}}),
        json!({"vus": null, "duration": null}),
        Value::Null,
    ] {
        assert_eq!(
            one(nothing),
            "default: 1 iterations for each of 1 VUs (maxDuration: 10m0s, gracefulStop: 30s)"
        );
    }
}

#[test]
fn scenarios_are_planned_in_the_order_they_start() {
    let options = json!({"scenarios": {
        "later": {"executor": "per-vu-iterations", "vus": 2, "iterations": 4, "maxDuration": "3s", "startTime": "10s"},
        "z-flood": {"executor": "constant-arrival-rate", "rate": 30, "timeUnit": "1m", "duration": "1h30m", "preAllocatedVUs": 2, "maxVUs": 9, "gracefulStop": 0},
        "a_wave": {"executor": "ramping-arrival-rate", "startRate": 300, "timeUnit": "500ms", "preAllocatedVUs": 50, "exec": "wave", "stages": [{"target": 600, "duration": "2s"}]},
    }});
    assert_eq!(
        described(options),
        [
            "a_wave: Up to 1200.00 iterations/s for 2s over 1 stages (maxVUs: 50, exec: wave, gracefulStop: 30s)",
            "z-flood: 0.50 iterations/s for 1h30m0s (maxVUs: 2-9)",
            "later: 4 iterations for each of 2 VUs (maxDuration: 3s, startTime: 10s, gracefulStop: 30s)",
        ]
    );
}

#[test]
fn requirements_count_what_scenarios_share() {
    let options = json!({"scenarios": {
        "a": {"executor": "constant-vus", "vus": 5, "duration": "10s", "gracefulStop": "0s"},
        "b": {"executor": "constant-vus", "vus": 3, "duration": "10s", "startTime": "10s"},
        "c": {"executor": "constant-arrival-rate", "rate": 1, "duration": "5s", "preAllocatedVUs": 1, "maxVUs": 4, "startTime": "5s", "gracefulStop": "1s"},
    }});
    let needed = Requirements::of(&read(options).plan().unwrap());
    assert_eq!(
        (needed.initial_vus, needed.max_vus, needed.duration),
        (6, 9, Duration::from_secs(50))
    );
}

#[test]
fn a_scenario_keeps_its_surroundings() {
    let options = json!({"scenarios": {"login": {
        "executor": "shared-iterations", "vus": 2, "iterations": 2, "env": {"USER": "a"}, "tags": {"kind": "b"}, "exec": "login",
    }}});
    let plan = read(options).plan().unwrap().remove(0);
    assert_eq!(plan.env.get("USER").map(String::as_str), Some("a"));
    assert_eq!(plan.tags.get("kind").map(String::as_str), Some("b"));
    assert_eq!(
        (plan.exec.as_str(), plan.executor.name()),
        ("login", "shared-iterations")
    );
    assert_eq!(
        (plan.max_vus(), plan.initial_vus(), plan.max_duration()),
        (2, 2, Duration::from_secs(630))
    );
}

#[test]
fn errors_name_the_option_and_what_it_may_be() {
    let constant = |member: &str, value: Value| {
        let mut scenario = json!({"executor": "constant-vus", "vus": 1, "duration": "5s"});
        scenario[member] = value;
        refused(json!({"scenarios": {"login": scenario}}))
    };
    assert_eq!(
        constant("duration", json!("5x")),
        "options.scenarios.login.duration: \"5x\" is not a duration such as \"30s\", \"1m30s\", \"500ms\" or \"1d\", or a number of milliseconds"
    );
    assert_eq!(
        constant("durtion", json!("5s")),
        "options.scenarios.login: the executor constant-vus has no member \"durtion\" (did you mean \"duration\"?); its members are executor, startTime, gracefulStop, env, exec, tags, vus, duration"
    );
    assert!(constant("stages", json!([])).contains("the executor constant-vus has no member \"stages\""));
    assert_eq!(
        constant("executor", json!("constant-vu")),
        "options.scenarios.login.executor: there is no executor \"constant-vu\" (did you mean \"constant-vus\"?); the executors are constant-vus, ramping-vus, shared-iterations, per-vu-iterations, constant-arrival-rate, ramping-arrival-rate"
    );
    assert!(
        constant("executor", json!("externally-controlled"))
            .contains("externally-controlled is not supported")
    );
    assert!(constant("executor", Value::Null).starts_with("options.scenarios.login.executor is missing"));
    assert!(
        constant("vus", json!(-1))
            .starts_with("options.scenarios.login.vus: -1 is not a whole number of zero or more")
    );
    assert_eq!(
        constant("duration", json!("200ms")),
        "options.scenarios.login.duration: it must be at least 1s, but is 200ms"
    );
    assert!(
        constant("startTime", json!("-1s")).contains("startTime: \"-1s\" is not a duration of zero or more")
    );
    assert!(constant("env", json!({"A": 5})).starts_with("options.scenarios.login.env.A: 5 is not a text"));
    assert!(constant("exec", json!("")).starts_with("options.scenarios.login.exec"));
    assert!(
        constant("options", json!({"browser": {"type": "chromium"}}))
            .contains("options.browser is not supported")
    );
    assert_eq!(
        refused(
            json!({"scenarios": {"a": {"executor": "ramping-vus", "stages": [{"duration": "5s", "target": 2}, {"duration": "5x", "target": 2}]}}})
        ),
        "options.scenarios.a.stages[1].duration: \"5x\" is not a duration such as \"30s\", \"1m30s\", \"500ms\" or \"1d\", or a number of milliseconds"
    );
}

#[test]
fn numbers_are_judged_as_k6_does() {
    let cases = [
        (
            json!({"vus": 0, "duration": "1s"}),
            "options.vus: the number of virtual users must be more than 0",
        ),
        (json!({"vus": 1.5}), "options.vus: 1.5 is not a whole number"),
        (json!({"vus": 1e20}), "options.vus: 1e+20 is not a whole number"),
        (
            json!({"vus": "NaN"}),
            "options.vus: \"NaN\" is not a whole number",
        ),
        (
            json!({"duration": "NaN"}),
            "options.duration: \"NaN\" is not a duration",
        ),
        (json!({"duration": 0}), "options.duration: it must be more than 0"),
        (
            json!({"duration": "10ms"}),
            "options.duration: it must be at least 1s",
        ),
        (
            json!({"vus": 5, "iterations": 2}),
            "options.iterations: 2 iterations are fewer than the 5 virtual users",
        ),
        (
            json!({"stages": [{"duration": "5s", "target": 0}], "vus": 0}),
            "options.stages: the number of virtual users",
        ),
        (
            json!({"stages": [{"duration": "5s"}]}),
            "options.stages[0].target is missing",
        ),
        (json!({"stages": {}}), "options.stages: {} is not a list"),
        (json!({"scenarios": []}), "options.scenarios: [] is not an object"),
        (
            json!({"scenarios": {"a b": {"executor": "constant-vus", "duration": "1s"}}}),
            "options.scenarios.a b: the name of a scenario",
        ),
        (
            json!({"scenarios": {"a": {"executor": "ramping-vus"}}}),
            "options.scenarios.a.stages is missing",
        ),
        (
            json!({"scenarios": {"a": {"executor": "ramping-vus", "stages": [{"duration": "1s", "target": 100_000_001}]}}}),
            "options.scenarios.a.stages[0].target: at most 100000000",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "duration": "1s", "preAllocatedVUs": 1}}}),
            "options.scenarios.a.rate is missing",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 0, "duration": "1s", "preAllocatedVUs": 1}}}),
            "options.scenarios.a.rate: it must be more than 0",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "1s"}}}),
            "options.scenarios.a.preAllocatedVUs is missing",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "1s", "preAllocatedVUs": 5, "maxVUs": 4}}}),
            "options.scenarios.a.maxVUs: it is 4, less than",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "1s", "preAllocatedVUs": 5, "timeUnit": 0}}}),
            "options.scenarios.a.timeUnit: it must be more than 0",
        ),
        (
            json!({"setupTimeout": 0}),
            "options.setupTimeout: it must be more than 0",
        ),
        (
            json!({"summaryTrendStats": ["avg", "p(101)"]}),
            "options.summaryTrendStats: \"p(101)\" is not",
        ),
        (
            json!({"throw": "true"}),
            "options.throw: \"true\" is not true or false",
        ),
        (json!({"tags": {"a": 5}}), "options.tags.a: 5 is not a text"),
        (
            json!({"thresholds": {"http_reqs": [5]}}),
            "options.thresholds.http_reqs[0]: 5 is not a text",
        ),
        (
            json!({"thresholds": {"http_reqs": "rate>1"}}),
            "options.thresholds.http_reqs: \"rate>1\" is not a list",
        ),
        (json!({"paused": true}), "options.paused is not supported"),
        (
            json!({"executionSegment": "0:1/2"}),
            "options.executionSegment is not supported",
        ),
        (json!(5), "options: 5 is not an object"),
    ];
    for (options, expected) in cases {
        let error = refused(options.clone());
        assert!(error.starts_with(expected), "{options}: {error}");
    }
}

#[test]
fn two_ways_of_load_conflict() {
    let stages = json!([{"duration": "1s", "target": 1}]);
    let scenarios = json!({"a": {"executor": "constant-vus", "duration": "1s"}});
    for options in [
        json!({"iterations": 1, "stages": stages}),
        json!({"iterations": 1, "scenarios": scenarios}),
        json!({"iterations": 1, "duration": "1s", "scenarios": scenarios}),
        json!({"duration": "1s", "stages": stages}),
        json!({"duration": "1s", "scenarios": scenarios}),
        json!({"stages": stages, "scenarios": scenarios}),
    ] {
        let error = refused(options.clone());
        assert!(error.contains("cannot be used together"), "{options}: {error}");
    }
    let alone = read(json!({"vus": 3, "scenarios": scenarios}));
    assert_eq!(alone.plan().unwrap()[0].name, "default");
    assert_eq!(
        alone.plan_warnings(),
        ["`vus` (3) overrides the scenarios: 3 iterations are run"]
    );
}

#[test]
fn a_stronger_way_of_load_replaces_the_weaker_one() {
    let script = read(
        json!({"vus": 7, "scenarios": {"a": {"executor": "constant-vus", "duration": "1s"}}, "batch": 3, "tags": {"a": "b"}, "dns": {"ttl": "1m"}}),
    );
    let environment = Options::from_env(
        [
            ("K6_DURATION".to_owned(), "5s".to_owned()),
            ("K6_DNS".to_owned(), "select=first".to_owned()),
        ]
        .into_iter(),
    )
    .unwrap();
    let both = script.clone().overridden_by(environment);
    assert_eq!(
        (both.vus, both.duration, &both.scenarios),
        (Some(7), Some(Duration::from_secs(5)), &None)
    );
    assert_eq!(
        (both.batch, both.tags.as_ref().map(IndexMap::len)),
        (Some(3), Some(1))
    );
    let dns = both.dns.unwrap();
    assert_eq!(
        (dns.ttl.as_deref(), dns.select.as_deref()),
        (Some("1m"), Some("first"))
    );
    assert_eq!(both.warnings.len(), 1);

    let only_vus = script.clone().overridden_by(Options {
        vus: Some(2),
        ..Options::default()
    });
    assert_eq!(only_vus.vus, Some(2));
    assert!(only_vus.scenarios.is_some());
    let no_tags = script.overridden_by(read(json!({"tags": {}, "batch": 4})));
    assert_eq!(
        (no_tags.batch, no_tags.tags.as_ref().map(IndexMap::len)),
        (Some(4), Some(1))
    );
}

#[test]
fn variables_are_read() {
    let variables = [
        ("K6_VUS", "3"),
        ("K6_STAGES", "10s:5, 1m:0"),
        ("K6_NO_CONNECTION_REUSE", "true"),
        ("K6_TAGS", "a:b,c:d"),
        ("K6_BATCH", ""),
        ("K6_SUMMARY_TREND_STATS", "avg,p(99.9)"),
        ("K6_SYSTEM_TAGS", "url,vu,odd"),
        ("K6_BLACKLIST_IPS", "10.0.0.0/8,::/0"),
        ("K6_MIN_ITERATION_DURATION", "1500"),
        ("K6_NOTHING", "x"),
        ("PATH", "/bin"),
    ];
    let options = Options::from_env(
        variables
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    )
    .unwrap();
    assert_eq!(
        (options.vus, options.batch, options.no_connection_reuse),
        (Some(3), None, Some(true))
    );
    assert_eq!(options.stages.as_ref().map(Vec::len), Some(2));
    assert_eq!(
        options
            .tags
            .as_ref()
            .and_then(|tags| tags.get("c"))
            .map(String::as_str),
        Some("d")
    );
    assert_eq!(options.min_iteration_duration, Some(Duration::from_millis(1500)));
    assert!(
        options
            .system_tags
            .as_ref()
            .is_some_and(|tags| tags.contains("vu") && !tags.contains("method"))
    );
    assert_eq!(
        options.warnings,
        ["K6_SYSTEM_TAGS: there is no system tag \"odd\"; it has no effect"]
    );
    for (name, text, expected) in [
        (
            "K6_VUS",
            "many",
            "K6_VUS: \"many\" is not a whole number of zero or more",
        ),
        ("K6_THROW", "yes", "K6_THROW: \"yes\" is not true or false"),
        (
            "K6_STAGES",
            "10s",
            "K6_STAGES: \"10s\" is not a stage such as \"10s:5\" (duration:target)",
        ),
        ("K6_DURATION", "1x", "K6_DURATION: \"1x\" is not a duration"),
        ("K6_PAUSED", "true", "K6_PAUSED is not supported"),
    ] {
        let error = Options::from_env([(name.to_owned(), text.to_owned())].into_iter())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn unknown_options_only_warn() {
    let options = read(
        json!({"vuss": 3, "tlsCipherSuites": ["X"], "stages": [{"target": 5}, {"duration": "5s", "target": 1, "more": 1}], "features": []}),
    );
    assert_eq!(options.stages.as_ref().map(Vec::len), Some(1));
    assert_eq!(
        options.warnings,
        [
            "options.vuss is not an option of k6 (did you mean \"vus\"?); it has no effect",
            "options.stages: stages without a duration are left out, as k6 does",
            "options.tlsCipherSuites is not honoured: the cipher suites of rustls are used",
        ]
    );
}

#[test]
fn thresholds_are_texts_or_objects() {
    let options = read(json!({"thresholds": {
        "http_reqs": ["count>5", {"threshold": "rate>1", "abortOnFail": true, "delayAbortEval": "10s"}],
        "http_req_duration{a:b}": [],
    }}));
    let thresholds = options.thresholds.unwrap();
    let names: Vec<_> = thresholds.keys().collect();
    assert_eq!(names, ["http_reqs", "http_req_duration{a:b}"]);
    assert_eq!(thresholds["http_reqs"][0], Threshold::new("count>5"));
    let aborting = &thresholds["http_reqs"][1];
    assert!(aborting.abort_on_fail);
    assert_eq!(aborting.delay_abort_eval, Duration::from_secs(10));
}

#[test]
fn options_are_shown_in_k6s_shape() {
    let shown = read(json!({"vus": 2, "thresholds": {"a": ["x", {"threshold": "y", "abortOnFail": true}]}, "tlsVersion": "tls1.2", "hosts": {"B.com": "5.6.7.8:80"}})).to_json().unwrap();
    assert_eq!(shown["vus"], 2);
    assert_eq!(shown["iterations"], 2);
    assert_eq!(shown["duration"], Value::Null);
    assert_eq!(
        shown["thresholds"],
        json!({"a": ["x", {"threshold": "y", "abortOnFail": true, "delayAbortEval": null}]})
    );
    assert_eq!(shown["tlsVersion"], json!({"min": "tls1.2", "max": "tls1.2"}));
    assert_eq!(shown["hosts"], json!({"b.com": "5.6.7.8:80"}));
    assert_eq!(
        shown["scenarios"],
        json!({"default": {"executor": "shared-iterations", "startTime": null, "gracefulStop": null, "env": null, "exec": null, "tags": null, "vus": 2, "iterations": 2, "maxDuration": null}})
    );
}
