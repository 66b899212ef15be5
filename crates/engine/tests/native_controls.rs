//! Native controls in a run, and in the recovery of one that died.
#![allow(clippy::unwrap_used)]

mod common;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use chaos_engine::activity::Catalogue;
use chaos_engine::control::{ControlError, Hook, Hooked, NativeControl, Scene};
use chaos_engine::journal::recovery;
use chaos_engine::journal::wal::Recorder;
use chaos_engine::run::Runner;
use chaos_engine::run::stop::Cause;
use chaos_engine::value::{Map, Value};
use common::{Listener, Setting, at, done, in_local_set, note, outputs, plan};
use schemars::JsonSchema;
use serde::Deserialize;

/// Notes every hook.
#[derive(Deserialize, JsonSchema)]
struct Trace {
    /// What stands before each note.
    #[serde(default)]
    tag: String,
    /// The hook that interrupts the experiment.
    #[serde(default)]
    interrupts: Option<String>,
}

#[derive(Default)]
struct Hooks(Cell<usize>);

impl Trace {
    fn note(&self, hook: Hook, kept: &Hooks, scene: &Scene) -> Hooked {
        kept.0.set(kept.0.get() + 1);
        let activity = scene
            .activity()
            .and_then(|activity| activity.get("name")?.as_str());
        let name = hook.name().trim_end_matches("_control");
        note([&self.tag, name, activity.unwrap_or_default()].join(" ").trim());
        match self.interrupts.as_deref() == Some(name) {
            true => Err(ControlError::Interrupt(format!("{name} interrupts"))),
            false => Ok(()),
        }
    }
}

macro_rules! noted {
    ($($method:ident => $hook:ident),*) => {
        $(async fn $method(self, kept: Rc<Hooks>, scene: &mut Scene) -> Hooked {
            self.note(Hook::$hook, &kept, scene)
        })*
    };
}

impl NativeControl for Trace {
    const MODULE: &'static str = "chaostest.trace";
    const HOOKS: &'static [Hook] = &[
        Hook::Configure,
        Hook::BeforeExperiment,
        Hook::AfterExperiment,
        Hook::BeforeHypothesis,
        Hook::AfterHypothesis,
        Hook::BeforeMethod,
        Hook::AfterMethod,
        Hook::BeforeRollbacks,
        Hook::AfterRollbacks,
        Hook::BeforeActivity,
        Hook::AfterActivity,
        Hook::Cleanup,
    ];
    const IAM: &'static [&'static str] = &[];
    type Run = Hooks;

    noted! {
        configure => Configure, before_experiment => BeforeExperiment, before_hypothesis => BeforeHypothesis,
        after_hypothesis => AfterHypothesis, before_method => BeforeMethod, after_method => AfterMethod,
        before_rollbacks => BeforeRollbacks, after_rollbacks => AfterRollbacks,
        before_activity => BeforeActivity, after_activity => AfterActivity
    }

    async fn after_experiment(self, kept: Rc<Hooks>, scene: &mut Scene) -> Hooked {
        if let Value::Map(journal) = &mut *scene.state {
            let count = i64::try_from(kept.0.get()).unwrap();
            journal.insert("hooks".to_owned(), count.into());
        }
        self.note(Hook::AfterExperiment, &kept, scene)
    }

    async fn cleanup(self, kept: Rc<Hooks>, scene: &mut Scene) -> Hooked {
        self.note(Hook::Cleanup, &kept, scene)
    }
}

/// Changes what it is shown.
#[derive(Deserialize, JsonSchema)]
struct Change {
    /// The name of the activity to leave out.
    leave_out: String,
}

impl NativeControl for Change {
    const MODULE: &'static str = "chaostest.change";
    const HOOKS: &'static [Hook] = &[Hook::BeforeExperiment, Hook::BeforeActivity, Hook::AfterActivity];
    const IAM: &'static [&'static str] = &[];
    type Run = ();

    async fn before_experiment(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        scene.configuration.insert("word".to_owned(), "changed".into());
        Ok(())
    }

    async fn before_activity(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        let name = scene
            .activity()
            .and_then(|activity| activity.get("name"))
            .cloned();
        if name == Some(self.leave_out.into()) {
            scene.leave_out();
        } else if let Some(activity) = scene.activity_mut() {
            activity.insert("touched".to_owned(), true.into());
        }
        Ok(())
    }

    async fn after_activity(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        if let Value::Map(record) = &mut *scene.state {
            record.insert("seen".to_owned(), true.into());
        }
        Err(ControlError::Failed(
            "what is changed holds all the same".to_owned(),
        ))
    }
}

/// Stands for something that must be undone, and takes a while to be.
#[derive(Deserialize, JsonSchema)]
struct Undo {}

impl NativeControl for Undo {
    const MODULE: &'static str = "chaostest.undo";
    const HOOKS: &'static [Hook] = &[Hook::BeforeExperiment, Hook::AfterExperiment];
    const IAM: &'static [&'static str] = &[];
    type Run = Cell<bool>;

    async fn before_experiment(self, made: Rc<Cell<bool>>, _: &mut Scene) -> Hooked {
        note("make");
        made.set(true);
        Ok(())
    }

    async fn after_experiment(self, made: Rc<Cell<bool>>, scene: &mut Scene) -> Hooked {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let beside = &scene.beside;
        if made.get() || (beside.is_recovery() && beside.had_begun(Hook::BeforeExperiment)) {
            note("undo");
        }
        Ok(())
    }
}

fn catalogue() -> Catalogue {
    Catalogue::new()
        .with_control::<Trace>()
        .with_control::<Change>()
        .with_control::<Undo>()
}

fn control(module: &str, arguments: &str) -> String {
    format!(
        "{{name: {module}, provider: {{type: python, module: chaostest.{module}, arguments: {arguments}}}}}"
    )
}

fn process(name: &str, script: &str) -> String {
    format!(
        "{{type: action, name: {name}, provider: {{type: process, path: sh, arguments: [-c, '{script}']}}}}"
    )
}

fn experiment(controls: &[String], method: &[String]) -> String {
    format!(
        "configuration: {{word: first}}\ncontrols: [{}]\nmethod: [{}]\nrollbacks: [{}]\n",
        controls.join(", "),
        method.join(", "),
        process("back", "true")
    )
}

#[test]
fn hooks_are_called_at_their_moments_with_what_the_control_keeps() {
    let listener = Rc::new(Listener::default());
    let mut setting = Setting::new(catalogue());
    setting.observers.push(Rc::clone(&listener) as _);
    let hypothesis = "steady-state-hypothesis: {title: h, probes: [{type: probe, name: look, tolerance: 0, \
                      provider: {type: process, path: \"true\"}}]}\n";
    let text = experiment(
        &[control("trace", "{tag: \"${word}\"}")],
        &[process("go", "true")],
    );
    let journal = setting.run(&format!("{text}{hypothesis}"));
    let expected = "configure|before_experiment|before_hypothesis|before_activity look|after_activity look|\
                    after_hypothesis|before_method|before_activity go|after_activity go|after_method|\
                    before_hypothesis|before_activity look|after_activity look|after_hypothesis|before_rollback|\
                    before_activity back|after_activity back|after_rollback|after_experiment|cleanup";
    let expected: Vec<String> = expected.split('|').map(|hook| format!("first {hook}")).collect();
    assert_eq!(done(), expected);
    assert_eq!(journal.get("hooks"), Some(&Value::Int(18)));
    let names = listener.names();
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!(
        (count("HookStarted"), count("HookEnded"), count("Changed")),
        (20, 20, 0)
    );
}

#[test]
fn hooks_may_change_the_run() {
    let method = [process("one", "echo ${word}"), process("two", "echo never")];
    let text = experiment(&[control("change", "{leave_out: two}")], &method);
    let journal = Setting::new(catalogue()).run(&text);
    let outputs = outputs(&journal);
    assert_eq!(outputs[0].get("stdout"), Some(&"changed\n".into()));
    assert_eq!(outputs[1], Value::Null);
    assert_eq!(at(&journal, &["run", "1", "status"]), &"succeeded".into());
    assert_eq!(at(&journal, &["run", "0", "activity", "touched"]), &true.into());
    assert_eq!(at(&journal, &["run", "0", "seen"]), &true.into());
    assert_eq!(
        at(&journal, &["experiment", "method", "0", "touched"]),
        &true.into()
    );
    assert_eq!(at(&journal, &["status"]), &"completed".into());
}

#[test]
fn a_probe_of_the_hypothesis_that_is_left_out_is_met() {
    let probe = "{type: probe, name: two, tolerance: 0, provider: {type: process, path: \"false\"}}";
    let text = format!(
        "controls: [{}]\nsteady-state-hypothesis: {{title: h, probes: [{probe}]}}\nmethod: []\n",
        control("change", "{leave_out: two}")
    );
    let journal = Setting::new(catalogue()).run(&text);
    assert_eq!(
        at(&journal, &["steady_states", "before", "steady_state_met"]),
        &true.into()
    );
    assert_eq!(at(&journal, &["deviated"]), &false.into());
}

#[test]
fn a_hook_may_end_the_experiment() {
    for hook in [
        "configure",
        "before_experiment",
        "before_method",
        "before_activity",
        "after_activity",
    ] {
        let controls = [
            control("trace", &format!("{{interrupts: {hook}}}")),
            control("undo", "{}"),
        ];
        let text = experiment(&controls, &[process("go", "true"), process("on", "true")]);
        let journal = Setting::new(catalogue()).run(&text);
        assert_eq!(at(&journal, &["status"]), &"interrupted".into(), "{hook}");
        assert!(at(&journal, &["run"]).as_list().unwrap().len() < 2, "{hook}");
        let done = done();
        assert!(
            done.iter().any(|what| what == "after_experiment"),
            "{hook}: {done:?}"
        );
        let count = |wanted: &str| done.iter().filter(|what| *what == wanted).count();
        assert_eq!(count("undo"), count("make"), "{hook}");
    }
}

#[test]
fn what_is_to_be_undone_is_undone_after_other_hooks_and_late_stops() {
    let controls = [
        control("trace", "{interrupts: after_experiment}"),
        control("undo", "{}"),
    ];
    let setting = Setting::new(catalogue());
    let stop = Rc::clone(&setting.stop);
    let text = experiment(&controls, &[process("go", "true")]);
    let observer = StopAtEnd(stop);
    let mut setting = setting;
    setting.observers.push(Rc::new(observer));
    let journal = setting.run(&text);
    assert_eq!(at(&journal, &["status"]), &"completed".into());
    let done = done();
    assert_eq!(done.iter().filter(|what| *what == "undo").count(), 1, "{done:?}");
}

struct StopAtEnd(Rc<chaos_engine::run::stop::StopSwitch>);

impl chaos_engine::run::event::Observer for StopAtEnd {
    fn notice(&self, event: &chaos_engine::run::event::Event<'_>) -> std::io::Result<()> {
        if matches!(event, chaos_engine::run::event::Event::Ended { .. }) {
            self.0.ask(Cause::Interrupt);
        }
        Ok(())
    }
}

#[test]
fn arguments_are_checked_before_anything_runs() {
    let check = |module: &str, arguments: &str| {
        let text = experiment(&[control(module, arguments)], &[]);
        Setting::new(catalogue()).validate(&text)
    };
    assert_eq!(check("trace", "{tag: a}"), Ok(()));
    assert_eq!(check("change", "{leave_out: \"${word}\"}"), Ok(()));
    let misspelt = check("change", "{leav_out: a}").unwrap_err();
    assert_eq!(misspelt.at, "control 'change'");
    assert!(
        misspelt.message.contains("did you mean `leave_out`?"),
        "{misspelt}"
    );
    assert!(check("change", "{}").unwrap_err().message.contains("`leave_out`"));
    assert!(
        check("trace", "{tag: [1]}")
            .unwrap_err()
            .message
            .contains("string")
    );
    assert!(check("trace", "[1]").unwrap_err().message.contains("mapping"));
    assert!(done().is_empty());
}

#[test]
fn arguments_that_turn_out_wrong_end_the_experiment() {
    let text = experiment(
        &[control("trace", "{tag: \"${number}\"}")],
        &[process("go", "true")],
    );
    let journal = Setting::new(catalogue()).run(&text.replace("word: first", "number: 3"));
    assert_eq!(at(&journal, &["status"]), &"interrupted".into());
    assert_eq!(at(&journal, &["run"]), &Value::List(Vec::new()));
}

#[test]
fn the_catalogue_lists_controls() {
    let catalogue = catalogue();
    let modules: Vec<&str> = catalogue.controls().map(|entry| entry.module).collect();
    assert_eq!(modules, ["chaostest.trace", "chaostest.change", "chaostest.undo"]);
    let schema = (catalogue.control("chaostest.undo").unwrap().schema)();
    let said = schema.get("description").and_then(|text| text.as_str());
    assert_eq!(
        said,
        Some("Stands for something that must be undone, and takes a while to be.")
    );
    assert_eq!(catalogue.nearest_control("chaostest.udo"), Some("chaostest.undo"));
}

/// The lines of a whole run's write-ahead file.
fn recorded(text: &str, folder: &std::path::Path) -> Vec<String> {
    let path = folder.join("whole.wal");
    let mut setting = Setting::new(catalogue());
    setting
        .observers
        .push(Rc::new(Recorder::begin(path.clone(), Map::new()).unwrap()));
    setting.run(text);
    let lines = std::fs::read_to_string(path).unwrap();
    lines.lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn wherever_a_run_dies_its_recovery_undoes_once_what_had_begun() {
    let folder = tempfile::tempdir().unwrap();
    let text = experiment(&[control("undo", "{}")], &[process("go", "true")]);
    let lines = recorded(&text, folder.path());
    assert_eq!(done(), ["make", "undo"]);
    for count in 2..=lines.len() {
        let path = folder.path().join(format!("{count}.wal"));
        std::fs::write(&path, lines[..count].concat()).unwrap();
        let dead = recovery::read(&path).unwrap();
        let seen = |hook: &str, event: &str| {
            let line = |line: &&String| line.contains(hook) && line.contains(event);
            lines[..count].iter().any(|text| line(&text))
        };
        let begun = seen("before_experiment_control", "hook-started");
        let over = seen("after_experiment_control", "hook-ended");
        let setting = Setting::new(catalogue());
        let journal = in_local_set(async {
            let runner = Runner::revive(plan("method: []"), setting.ports(), &dead).unwrap();
            Rc::new(runner).recover(dead).await.into_map()
        });
        let expected = if begun && !over {
            vec!["undo".to_owned()]
        } else {
            Vec::new()
        };
        assert_eq!(done(), expected, "after {count} lines");
        assert!(journal.get("recovered").is_some());
    }
}
