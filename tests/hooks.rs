//! Controls, listeners and Python functions that share a run's objects, through the `chaos` binary.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use chaos_engine::value::{Value, json};
use common::{Folder, chaos, python};

/// Writes each hook with its control's tag to `trace`.
const TRACE: &str = r#"
def note(text):
    with open("trace", "a") as trace:
        trace.write(text + "\n")
def before_activity_control(context, tag="", **kwargs):
    note(f"before {context['name']} {tag}")
def after_activity_control(context, tag="", **kwargs):
    note(f"after {context['name']} {tag}")
"#;

struct End {
    code: i32,
    journal: Option<Value>,
    trace: String,
    said: String,
}

impl End {
    fn at(&self, path: &[&str]) -> String {
        let mut value = self.journal.as_ref().unwrap();
        for step in path {
            value = match step.parse::<usize>() {
                Ok(index) => &value.as_list().unwrap()[index],
                Err(_) => value.get(step).unwrap(),
            };
        }
        json::compact(value)
    }
}

/// Runs an experiment without validation; the files are Python modules, settings and the like.
fn run(experiment: &str, files: &[(&str, &str)], arguments: &[&str]) -> End {
    let folder = Folder::new();
    folder.write(
        "experiment.yaml",
        &format!("title: t\ndescription: d\n{experiment}"),
    );
    folder.write("trace.py", TRACE);
    for (name, text) in files {
        folder.write(name, text);
    }
    let mut all = vec!["--settings", "settings.yaml", "run", "--no-validation"];
    all.extend(arguments);
    all.push("experiment.yaml");
    let output = chaos(&folder, &all).output().unwrap();
    let journal = folder.path("journal.json");
    End {
        code: output.status.code().unwrap(),
        journal: journal
            .exists()
            .then(|| json::parse(&folder.read("journal.json")).unwrap()),
        trace: std::fs::read_to_string(folder.path("trace")).unwrap_or_default(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_scope_that_is_neither_before_nor_after_has_no_hooks() {
    if python().is_none() {
        return;
    }
    let experiment = r#"
controls:
  - {name: t, scope: during, provider: {type: python, module: trace}}
method:
  - {type: action, name: one, provider: {type: process, path: "true"}}
"#;
    let end = run(experiment, &[], &[]);
    assert_eq!((end.code, end.trace.as_str()), (0, ""), "{}", end.said);
}

#[test]
fn a_reference_applies_its_own_provider_too() {
    if python().is_none() {
        return;
    }
    let experiment = r#"
controls:
  - {name: e, automatic: false, provider: {type: python, module: trace, arguments: {tag: E}}}
method:
  - type: action
    name: one
    controls:
      - {ref: e, name: r, provider: {type: python, module: trace, arguments: {tag: R}}}
    provider: {type: process, path: "true"}
  - type: action
    name: two
    controls: [{ref: e}]
    provider: {type: process, path: "true"}
"#;
    let end = run(experiment, &[], &[]);
    let expected = "before one R\nbefore one E\nafter one R\nafter one E\nbefore two E\nafter two E\n";
    assert_eq!(end.trace, expected, "{}", end.said);
}

#[test]
fn a_loading_hook_that_interrupts_stops_the_run() {
    if python().is_none() {
        return;
    }
    let hook = r#"
from chaoslib.exceptions import InterruptExecution
from trace import note
def before_loading_experiment_control(context):
    note("before")
    raise InterruptExecution("not today")
def after_loading_experiment_control(context, state):
    note(f"after {state}")
"#;
    let controls = "load: {provider: {type: python, module: loading}}\n";
    let files = [("loading.py", hook), ("controls.yaml", controls)];
    let end = run("method: []\n", &files, &["--control-file", "controls.yaml"]);
    assert_eq!(end.code, 1);
    assert!(
        end.journal.is_none() && end.said.contains("not today"),
        "{}",
        end.said
    );
    assert_eq!(end.trace, "before\nafter None\n");
}

#[test]
fn a_broken_global_control_stops_the_run_and_a_missing_one_does_not() {
    if python().is_none() {
        return;
    }
    let of = |module: &str| format!("c: {{provider: {{type: python, module: {module}}}}}\n");
    let arguments = ["--control-file", "controls.yaml"];
    let broken = [
        ("broken.py", "raise ValueError('no')"),
        ("controls.yaml", &of("broken")),
    ];
    let end = run("method: []\n", &broken, &arguments);
    assert_eq!((end.code, end.journal), (1, None), "{}", end.said);
    let end = run(
        "method: []\n",
        &[("controls.yaml", &of("not_there_at_all"))],
        &arguments,
    );
    assert_eq!(end.code, 0, "{}", end.said);
}

#[test]
fn hooks_share_the_settings_which_name_the_strategies() {
    if python().is_none() {
        return;
    }
    let hook = r#"
def before_activity_control(context, settings, **kwargs):
    settings["count"] = settings.get("count", 0) + 1
def after_experiment_control(context, state, settings, **kwargs):
    state["settings"] = settings
"#;
    let experiment = r#"
controls: [{name: c, provider: {type: python, module: counting}}]
method:
  - {type: action, name: one, provider: {type: process, path: "true"}}
  - {type: action, name: two, provider: {type: process, path: "true"}}
"#;
    let files = [("counting.py", hook), ("settings.yaml", "mine: 1\n")];
    let end = run(experiment, &files, &["--rollback-strategy", "never"]);
    assert_eq!(end.at(&["settings", "count"]), "2", "{}", end.said);
    let runtime = end.at(&["settings", "runtime"]);
    assert_eq!(
        runtime,
        r#"{"rollbacks":{"strategy":"never"},"hypothesis":{"strategy":"default"}}"#
    );
    let end = run(experiment, &[("counting.py", hook)], &[]);
    assert_eq!(end.at(&["settings"]), "null", "{}", end.said);
}

#[test]
fn listeners_change_the_run_and_are_not_shown_a_method_cut_short() {
    if python().is_none() {
        return;
    }
    let listener = r#"
from chaoslib.run import RunEventHandler
from trace import note
class Listener(RunEventHandler):
    def start_method(self, experiment):
        experiment["method"][0]["x-seen"] = True
    def method_completed(self, experiment, state):
        note(f"completed {state}")
    def signal_exit(self):
        note("signal")
def configure_control(event_registry):
    event_registry.register(Listener())
"#;
    let experiment = r#"
controls: [{name: c, provider: {type: python, module: listening}}]
method:
  - {type: action, name: one, provider: {type: process, path: "true"}}
  - {type: probe, name: two, provider: {type: python, module: listening, func: no_such_function}}
"#;
    let end = run(experiment, &[("listening.py", listener)], &[]);
    assert_eq!(
        end.at(&["experiment", "method", "0", "x-seen"]),
        "true",
        "{}",
        end.said
    );
    assert_eq!(end.at(&["status"]), r#""aborted""#);
    assert_eq!(end.trace, "completed None\n");
}

#[test]
fn a_function_shares_its_arguments_with_the_activity_unless_they_are_substituted() {
    if python().is_none() {
        return;
    }
    let module = "def add(items):\n    items.append('added')\n    return len(items)\n";
    let method = r#"
method:
  - {type: probe, name: a, provider: {type: python, module: adding, func: add, arguments: {items: [1]}}}
"#;
    let of = |place: &str| ["experiment/method/0", "run/0/activity"].map(|start| format!("{start}{place}"));
    let plain = run(method, &[("adding.py", module)], &[]);
    let copied = run(
        &format!("configuration: {{v: 1}}\n{method}"),
        &[("adding.py", module)],
        &[],
    );
    for path in of("/provider/arguments/items") {
        let path: Vec<&str> = path.split('/').collect();
        assert_eq!(plain.at(&path), r#"[1,"added"]"#, "{}", plain.said);
        assert_eq!(copied.at(&path), "[1]");
    }
    assert_eq!(plain.at(&["run", "0", "output"]), "2");
}

#[test]
fn an_activity_without_type_or_provider_aborts() {
    let wrong = [
        "{name: x, provider: {type: process, path: \"true\"}}",
        "{type: action, name: x}",
        "{type: action, name: x, provider: {}}",
        "{}",
    ];
    for activity in wrong {
        let end = run(&format!("method: [{activity}]\n"), &[], &[]);
        assert_eq!(end.at(&["status"]), r#""aborted""#, "{activity}: {}", end.said);
        assert_eq!(end.code, 1);
    }
}

#[test]
fn a_method_that_ends_at_once_is_still_watched_once() {
    let experiment = r#"
steady-state-hypothesis:
  title: fine
  probes: [{type: probe, name: p, tolerance: 0, provider: {type: process, path: "true"}}]
method: []
"#;
    let during = ["--hypothesis-strategy", "during-method-only"];
    let end = run(experiment, &[], &during);
    let Some(Value::List(checks)) = end
        .journal
        .as_ref()
        .unwrap()
        .get("steady_states")
        .unwrap()
        .get("during")
    else {
        panic!("{}", end.said)
    };
    assert_eq!(checks.len(), 1);
}

#[test]
fn what_cannot_be_opened_or_entered_is_a_failure_and_no_wrong_usage() {
    let folder = Folder::new();
    folder.write(
        "experiment.json",
        r#"{"title":"t","description":"d","method":[]}"#,
    );
    folder.write("list.json", "[]");
    folder.write("empty.yaml", "");
    let code = |arguments: &[&str]| chaos(&folder, arguments).status().unwrap().code();
    assert_eq!(code(&["--change-dir", "none", "run", "experiment.json"]), Some(1));
    assert_eq!(
        code(&["--log-file", "none/x.log", "run", "experiment.json"]),
        Some(1)
    );
    assert_eq!(
        code(&["run", "--control-file", "list.json", "experiment.json"]),
        Some(1)
    );
    assert_eq!(
        code(&["run", "--control-file", "none.json", "experiment.json"]),
        Some(2)
    );
    assert_eq!(code(&["--settings", "./empty.yaml", "settings", "show"]), Some(0));
    assert_eq!(code(&["--settings", "./none.yaml", "settings", "show"]), Some(1));
}
