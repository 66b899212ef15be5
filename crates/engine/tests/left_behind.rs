//! Seeds of random choices, and what native activities leave behind for those after them.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::rc::Rc;
use std::time::Duration;

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::journal::recovery;
use chaos_engine::journal::wal::Recorder;
use chaos_engine::run::Runner;
use chaos_engine::value::{Map, Value};
use common::{Listener, Setting, at, in_local_set, outputs, plan};
use schemars::JsonSchema;
use serde::Deserialize;

/// Chooses one of a thousand after a while.
#[derive(Deserialize, JsonSchema)]
struct Choose {
    /// Milliseconds before the choice.
    #[serde(default)]
    after: u64,
}

impl NativeActivity for Choose {
    const MODULE: &'static str = "chaostest.choices";
    const FUNCTION: &'static str = "choose";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "the choice";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        tokio::time::sleep(Duration::from_millis(self.after)).await;
        let all: Vec<i64> = (0..1_000_000).collect();
        Ok(context.random().choice(&all).copied().into())
    }
}

/// Leaves something behind, and fails if told to.
#[derive(Deserialize, JsonSchema)]
struct Leave {
    /// What.
    port: i64,
    /// Fail afterwards?
    #[serde(default)]
    fail: bool,
}

impl NativeActivity for Leave {
    const MODULE: &'static str = "chaostest.choices";
    const FUNCTION: &'static str = "leave";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "what it found there";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let found = context.configuration.get("proxy_PORT").cloned();
        context.leave("proxy_PORT", self.port);
        context.leave_variable("proxy_PORT", self.port.to_string());
        match self.fail {
            true => Err(ActivityError::failed("as told")),
            false => Ok(found.into()),
        }
    }
}

fn setting() -> Setting {
    Setting::new(Catalogue::new().with::<Choose>().with::<Leave>())
}

fn activity(function: &str, rest: &str) -> String {
    format!(
        "{{type: action, name: {function}, provider: {{type: python, module: chaostest.choices, func: {function}, \
         arguments: {rest}}}}}"
    )
}

fn choices(configuration: &str, delays: &[u64], background: bool) -> Map {
    let activities: Vec<String> = delays
        .iter()
        .map(|delay| {
            let activity = activity("choose", &format!("{{after: {delay}}}"));
            match background {
                true => activity.replacen('{', "{background: true, ", 1),
                false => activity,
            }
        })
        .collect();
    setting().run(&format!(
        "configuration: {configuration}\nmethod: [{}]\n",
        activities.join(", ")
    ))
}

#[test]
fn a_seed_repeats_all_choices_whatever_the_order_in_which_activities_end() {
    let first = choices("{chaos_seed: 7}", &[0, 0, 0], false);
    assert_eq!(first.get("chaos_seed"), Some(&Value::Int(7)));
    assert_eq!(first.keys().last().map(String::as_str), Some("chaos_seed"));
    let chosen = outputs(&first);
    assert!(chosen[0] != chosen[1] && chosen[1] != chosen[2], "{chosen:?}");
    let in_text = choices("{chaos_seed: \"7\"}", &[0, 0, 0], false);
    assert_eq!(
        (outputs(&in_text), in_text.get("chaos_seed")),
        (chosen.clone(), Some(&Value::Int(7)))
    );
    let concurrent = choices("{chaos_seed: 7}", &[60, 30, 0], true);
    assert_eq!(outputs(&concurrent), chosen);
    assert_ne!(outputs(&choices("{chaos_seed: 8}", &[0, 0, 0], false)), chosen);
}

#[test]
fn a_seed_that_nobody_chose_is_in_the_journal_and_repeats_the_run() {
    let first = choices("{}", &[0, 0], false);
    let seed = first.get("chaos_seed").cloned().unwrap();
    assert!(matches!(seed, Value::Int(number) if number >= 0), "{seed:?}");
    let again = choices(
        &format!("{{chaos_seed: {}}}", chaos_engine::value::json::compact(&seed)),
        &[0, 0],
        false,
    );
    assert_eq!(outputs(&again), outputs(&first));
}

#[test]
fn where_nothing_is_random_the_journal_names_no_seed() {
    let journal = setting().run(&format!(
        "configuration: {{chaos_seed: 7}}\nmethod: [{}]\n",
        activity("leave", "{port: 1}")
    ));
    assert_eq!(journal.get("chaos_seed"), None);
}

#[test]
fn what_is_no_seed_is_refused() {
    for seed in [
        "1.5",
        "true",
        "soon",
        "[1]",
        "{type: probe, provider: {type: process, path: \"true\"}}",
    ] {
        let experiment = format!("configuration: {{chaos_seed: {seed}}}\nmethod: []\n");
        let invalid = setting().validate(&experiment).unwrap_err();
        assert_eq!(invalid.at, "configuration.chaos_seed", "{seed}: {invalid}");
        assert!(invalid.message.contains("whole number"), "{invalid}");
        let error = Runner::new(plan(&experiment), setting().ports()).err().unwrap();
        assert!(error.to_string().contains("configuration.chaos_seed"), "{error}");
    }
    assert_eq!(
        setting().validate("configuration: {chaos_seed: 3}\nmethod: []\n"),
        Ok(())
    );
}

#[test]
fn what_an_activity_leaves_behind_is_there_for_those_after_it() {
    let process = "{type: action, name: see, provider: {type: process, path: sh, arguments: \
                   [-c, 'printf \"$0 $proxy_PORT\"', \"${proxy_PORT}\"]}}";
    let listener = Rc::new(Listener::default());
    let mut setting = setting();
    setting.observers.push(Rc::clone(&listener) as _);
    let journal = setting.run(&format!(
        "configuration: {{a: b}}\nmethod: [{}, {}, {process}]\n",
        activity("leave", "{port: 4001}"),
        activity("leave", "{port: 4002, fail: true}"),
    ));
    assert_eq!(at(&journal, &["run", "0", "output"]), &Value::Null);
    assert_eq!(at(&journal, &["run", "1", "status"]), &"failed".into());
    assert_eq!(
        at(&journal, &["run", "2", "output", "stdout"]),
        &"4002 4002".into()
    );
    let told = listener.names().iter().filter(|name| *name == "Changed").count();
    assert_eq!(told, 4);
}

#[test]
fn a_recovery_goes_on_with_the_seed_and_with_what_was_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.wal");
    let see = "{type: action, name: see, provider: {type: process, path: sh, arguments: [-c, 'printf \"$0 \
               $proxy_PORT\"', \"${proxy_PORT}\"]}}";
    let text = format!(
        "configuration: {{a: b}}\nmethod: [{}, {}]\nrollbacks: [{}, {see}]\n",
        activity("leave", "{port: 4001}"),
        activity("choose", "{}"),
        activity("choose", "{}"),
    );
    let mut recording = setting();
    let recorder = Recorder::begin(path.clone(), Map::new()).unwrap();
    recording.observers.push(Rc::new(recorder));
    let whole = recording.run(&text);
    let lines = fs::read_to_string(&path).unwrap();
    let upto = lines.find("\"rollbacks-decided\"").unwrap();
    let upto = lines[..upto].rfind('\n').unwrap() + 1;
    fs::write(&path, &lines[..upto]).unwrap();
    let dead = recovery::read(&path).unwrap();
    let reviving = setting();
    let recovered = in_local_set(async {
        let runner = Runner::revive(plan("method: []"), reviving.ports(), &dead).unwrap();
        Rc::new(runner).recover(dead).await.into_map()
    });
    assert_eq!(recovered.get("chaos_seed"), whole.get("chaos_seed"));
    assert!(recovered.get("chaos_seed").is_some());
    for path in [["rollbacks", "0", "output"], ["rollbacks", "1", "output"]] {
        let stdout = |journal| match at(journal, &path) {
            Value::Map(output) => output.get("stdout").cloned().unwrap_or_default(),
            other => other.clone(),
        };
        assert_eq!(stdout(&recovered), stdout(&whole));
    }
    assert_eq!(
        at(&recovered, &["rollbacks", "1", "output", "stdout"]),
        &"4001 4001".into()
    );
}
