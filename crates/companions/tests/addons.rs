//! The add-ons in whole runs: statuses and records are those that the Chaos Toolkit's add-ons give.
#![allow(clippy::unwrap_used)]

#[path = "../../engine/tests/common/mod.rs"]
mod common;

use std::rc::Rc;

use chaos_engine::activity::Catalogue;
use chaos_engine::run::stop::Cause;
use chaos_engine::value::{Map, Value, json};
use common::{Listener, Setting, at};

fn setting(folder: &tempfile::TempDir) -> Setting {
    let mut setting = Setting::new(chaos_companions::register(Catalogue::new()));
    setting.host.cwd = folder.path().to_owned();
    setting
}

fn run(experiment: &str) -> Map {
    setting(&tempfile::tempdir().unwrap()).run(experiment)
}

/// Name, status, iteration and mark of every record.
fn records(journal: &Map, path: &[&str]) -> Vec<String> {
    let list = at(journal, path).as_list().unwrap_or_default();
    let record = |record: &Value| {
        let activity = record.get("activity").unwrap();
        let of = |value: Option<&Value>| match value {
            Some(Value::Text(text)) => text.clone(),
            Some(other) => json::compact(other),
            None => "-".to_owned(),
        };
        let parts = [
            of(activity.get("name")),
            of(record.get("status")),
            of(activity.get("iteration_index")),
            of(activity.get("dry")),
        ];
        parts.join(" ")
    };
    list.iter().map(record).collect()
}

fn control(name: &str, arguments: &str) -> String {
    format!(
        "{{name: {name}, provider: {{type: python, module: chaosaddons.controls.{name}, arguments: {arguments}}}}}"
    )
}

fn echo(kind: &str, name: &str, more: &str) -> String {
    format!(
        "{{type: {kind}, name: {name}, {more} provider: {{type: process, path: echo, arguments: [{name}]}}}}"
    )
}

#[test]
fn bypassed_activities_succeed_without_having_run() {
    let journal = run(&format!(
        "controls: [{}]\nmethod: [{}, {}, {}]\nrollbacks: [{}]\n",
        control("bypass", "{target_names: [two, \"${also}\"], target_type: probe}"),
        echo("action", "one", ""),
        echo("action", "two", "pauses: {before: 600},"),
        echo("probe", "three", ""),
        echo("action", "four", ""),
    )
    .replacen("controls", "configuration: {also: four}\ncontrols", 1));
    assert_eq!(
        records(&journal, &["run"]),
        [
            "one succeeded - -",
            "two succeeded - true",
            "three succeeded - true"
        ]
    );
    assert_eq!(records(&journal, &["rollbacks"]), ["four succeeded - true"]);
    let outputs = common::outputs(&journal);
    assert!(!outputs[0].is_null() && outputs[1].is_null() && outputs[2].is_null());
    assert_eq!(at(&journal, &["experiment", "method", "1", "dry"]), &Value::Null);
}

#[test]
fn an_activity_is_repeated_right_after_itself() {
    let repeat = |arguments: &str| format!("controls: [{}],", control("repeat", arguments));
    let failing = format!(
        "{{type: action, name: bad, {} provider: {{type: http, url: 'http://127.0.0.1:1/'}}}}",
        repeat("{repeat_count: 3, break_if_previous_iteration_failed: true}")
    );
    let journal = run(&format!(
        "method: [{}, {failing}, {}, {}]\nrollbacks: [{}]\n",
        echo("action", "one", &repeat("{repeat_count: 3}")),
        echo(
            "action",
            "good",
            &repeat("{repeat_count: 2, break_if_previous_iteration_failed: true}")
        ),
        echo("action", "once", &repeat("{repeat_count: 1}")),
        echo("action", "undo", &repeat("{repeat_count: 2}")),
    ));
    let expected = [
        "one succeeded - -",
        "one succeeded 1 -",
        "one succeeded 2 -",
        "bad failed - -",
        "good succeeded - -",
        "good succeeded 1 -",
        "once succeeded - -",
    ];
    assert_eq!(records(&journal, &["run"]), expected);
    assert_eq!(
        records(&journal, &["rollbacks"]),
        ["undo succeeded - -", "undo succeeded 1 -"]
    );
}

#[test]
fn a_probe_of_the_hypothesis_is_repeated_once_for_all_checks() {
    let probe = echo("probe", "look", "tolerance: 0,");
    let journal = run(&format!(
        "controls: [{}]\nsteady-state-hypothesis: {{title: h, probes: [{probe}]}}\nmethod: []\n",
        control("repeat", "{repeat_count: 3}")
    ));
    for phase in ["before", "after"] {
        let expected = ["look succeeded - -", "look succeeded 1 -", "look succeeded 2 -"];
        assert_eq!(records(&journal, &["steady_states", phase, "probes"]), expected);
    }
}

#[test]
fn repeating_what_runs_in_the_background_plays_nothing_twice() {
    let repeat = |arguments: &str| format!("background: true, controls: [{}],", control("repeat", arguments));
    let slow = "{type: action, name: slow, provider: {type: python, module: chaosaddons.utils.idle, func: idle_for, \
                arguments: {duration: 0.3}}}";
    for (arguments, expected) in [
        ("{repeat_count: 2}", ["quick -", "quick 1", "slow -", "last -"]),
        (
            "{repeat_count: 2, break_if_previous_iteration_failed: true}",
            ["quick -", "slow -", "last -", "quick 1"],
        ),
    ] {
        let journal = run(&format!(
            "method: [{}, {slow}, {}]\n",
            echo("action", "quick", &repeat(arguments)),
            echo("action", "last", "")
        ));
        let played: Vec<String> = records(&journal, &["run"])
            .iter()
            .map(|record| record.replace(" succeeded", "").replacen(" -", "", 1))
            .map(|record| {
                if record.contains(' ') {
                    record
                } else {
                    format!("{record} -")
                }
            })
            .collect();
        let played: Vec<String> = played.iter().map(|record| record.replace("1 -", "1")).collect();
        assert_eq!(played, expected);
    }
}

fn safeguards(probe: &str) -> String {
    control("safeguards", &format!("{{probes: [{probe}]}}"))
}

const IDLE: &str = "{type: action, name: idle, provider: {type: python, module: chaosaddons.utils.idle, func: \
                    idle_for, arguments: {duration: 30}}}";
const UNDO: &str = "{type: action, name: undo, provider: {type: process, path: echo, arguments: [undo]}}";

#[test]
fn a_safeguard_that_trips_before_the_experiment_keeps_it_from_beginning() {
    let failing = [
        "{type: probe, name: g, tolerance: 0, provider: {type: process, path: 'false'}}",
        "{type: probe, name: g, tolerance: 200, provider: {type: http, url: 'http://127.0.0.1:1/'}}",
        "{type: probe, name: g, tolerance: false, provider: {type: python, module: os.path, func: exists, \
         arguments: {path: '${here}'}}}",
        "{type: probe, name: g, tolerance: 1, provider: {type: python, module: chaosaddons.utils.idle, func: \
         idle_for, arguments: {duration: 0}}}",
    ];
    let slow =
        "{type: probe, name: slow, tolerance: 0, provider: {type: process, path: sleep, arguments: [60]}}";
    for probe in failing {
        let journal = run(&format!(
            "configuration: {{here: /}}\ncontrols: [{}]\nmethod: [{IDLE}]\nrollbacks: [{UNDO}]\n",
            safeguards(&format!("{slow}, {probe}"))
        ));
        assert_eq!(at(&journal, &["status"]), &"interrupted".into(), "{probe}");
        assert_eq!(at(&journal, &["run"]), &Value::List(Vec::new()), "{probe}");
        assert_eq!(records(&journal, &["rollbacks"]), ["undo succeeded - -"]);
    }
}

#[test]
fn a_safeguard_beside_the_experiment_ends_it_when_it_trips() {
    let looks = "tolerance: 0, provider: {type: process, path: test, arguments: ['!', -e, flag]}}";
    let touch = "{type: action, name: touch, provider: {type: process, path: touch, arguments: [flag]}}";
    for when in ["frequency: 0.05", "background: true, pauses: {before: 0.4}"] {
        let journal = run(&format!(
            "controls: [{}, {}]\nmethod: [{touch}, {IDLE}, {touch}]\nrollbacks: [{UNDO}]\n",
            safeguards(&format!("{{type: probe, name: g, {when}, {looks}")),
            control("synchronization", "{}"),
        ));
        assert_eq!(at(&journal, &["status"]), &"interrupted".into(), "{when}");
        // whichever was under way
        let records_of_method = records(&journal, &["run"]);
        let last = records_of_method.last().unwrap();
        assert!(
            last.ends_with("- - -") && records_of_method.len() < 3,
            "{when}: {records_of_method:?}"
        );
        assert_eq!(
            records(&journal, &["rollbacks"]),
            ["undo succeeded - -"],
            "{when}"
        );
    }
}

#[test]
fn a_safeguard_that_trips_during_the_rollbacks_does_not_cut_them_short() {
    let looks = "tolerance: 0, provider: {type: process, path: test, arguments: ['!', -e, flag]}}";
    let touch = "{type: action, name: touch, provider: {type: process, path: touch, arguments: [flag]}}";
    let wait = IDLE.replace("30", "0.5");
    let journal = run(&format!(
        "controls: [{}]\nmethod: []\nrollbacks: [{touch}, {wait}, {UNDO}]\n",
        safeguards(&format!("{{type: probe, name: g, frequency: 0.05, {looks}"))
    ));
    assert_eq!(at(&journal, &["status"]), &"interrupted".into());
    assert_eq!(
        records(&journal, &["rollbacks"]),
        ["touch succeeded - -", "idle succeeded - -", "undo succeeded - -"]
    );
}

#[test]
fn safeguards_that_hold_do_not_outlive_the_experiment() {
    let folder = tempfile::tempdir().unwrap();
    let probes = "{type: probe, name: often, frequency: 0.02, tolerance: 0, provider: {type: process, path: sh, \
                  arguments: [-c, 'echo look >> looks']}}, {type: probe, name: long, background: true, tolerance: 0, \
                  provider: {type: process, path: sleep, arguments: [60]}}";
    let listener = Rc::new(Listener::default());
    let mut setting = setting(&folder);
    setting.observers.push(Rc::clone(&listener) as _);
    let journal = setting.run(&format!(
        "controls: [{}]\nmethod: [{}]\n",
        safeguards(probes),
        IDLE.replace("30", "0.3")
    ));
    assert_eq!(at(&journal, &["status"]), &"completed".into());
    assert_eq!(records(&journal, &["run"]), ["idle succeeded - -"]);
    let looks = || {
        std::fs::read_to_string(folder.path().join("looks"))
            .unwrap()
            .lines()
            .count()
    };
    let before = looks();
    assert!(before > 1);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(looks(), before);
    assert!(!listener.names().contains(&"Stopped".to_owned()));
}

#[test]
fn controls_of_a_safeguards_probe_are_called() {
    let probe = "{type: probe, name: g, tolerance: 0, controls: [{name: local, provider: {type: python, module: \
                 chaosaddons.controls.bypass, arguments: {target_type: probe}}}], provider: {type: process, path: \
                 'false'}}";
    let listener = Rc::new(Listener::default());
    let mut setting = setting(&tempfile::tempdir().unwrap());
    setting.host.cwd = "/".into();
    setting.observers.push(Rc::clone(&listener) as _);
    let journal = setting.run(&format!("controls: [{}]\nmethod: []\n", safeguards(probe)));
    // a safeguard looks all the same: nothing may blind it
    assert_eq!(at(&journal, &["status"]), &"interrupted".into());
    let events = listener.0.borrow();
    let local = events
        .iter()
        .filter(|event| event.contains("\"local\"") && event.starts_with("HookStarted"));
    assert_eq!(local.count(), 2);
}

#[test]
fn safeguards_that_could_not_guard_are_refused() {
    let check = |arguments: &str| {
        let text = format!("controls: [{}]\nmethod: []\n", control("safeguards", arguments));
        setting(&tempfile::tempdir().unwrap()).validate(&text)
    };
    let provider = "provider: {type: process, path: 'true'}";
    let fine = format!("{{probes: [{{type: probe, name: g, tolerance: 0, {provider}}}]}}");
    assert_eq!(check(&fine), Ok(()));
    for (arguments, word) in [
        ("{}".to_owned(), "`probes`"),
        ("{probes: []}".to_owned(), "at least one"),
        (fine.replace("type: probe", "type: action"), "`probe`"),
        (fine.replace("tolerance: 0,", ""), "tolerance"),
        (
            fine.replace("tolerance: 0", "tolerance: {type: sometimes}"),
            "tolerance",
        ),
        (
            fine.replace("path: 'true'", "path: /nowhere/at/all"),
            "/nowhere/at/all",
        ),
        (fine.replace("name: g", "name: g, frequency: often"), "number"),
    ] {
        let invalid = check(&arguments).unwrap_err();
        assert!(invalid.to_string().contains(word), "{arguments}: {invalid}");
        assert!(invalid.at.starts_with("control 'safeguards'"), "{invalid}");
    }
    let misspelt = format!(
        "controls: [{}]\nmethod: []\n",
        control("bypass", "{target_type: actions}")
    );
    let invalid = setting(&tempfile::tempdir().unwrap())
        .validate(&misspelt)
        .unwrap_err();
    assert!(invalid.message.contains("`action`"), "{invalid}");
}

#[test]
fn idling_ends_with_a_stop() {
    let setting = setting(&tempfile::tempdir().unwrap());
    let stop = Rc::clone(&setting.stop);
    let mut setting = setting;
    setting.host.cwd = "/".into();
    setting.observers.push(Rc::new(StopAtActivity(stop)));
    let journal = setting.run(&format!("method: [{IDLE}]\n"));
    assert_eq!(at(&journal, &["status"]), &"interrupted".into());
}

struct StopAtActivity(Rc<chaos_engine::run::stop::StopSwitch>);

impl chaos_engine::run::event::Observer for StopAtActivity {
    fn notice(&self, event: &chaos_engine::run::event::Event<'_>) -> std::io::Result<()> {
        if matches!(event, chaos_engine::run::event::Event::ActivityStarted { .. }) {
            self.0.ask(Cause::Interrupt);
        }
        Ok(())
    }
}
