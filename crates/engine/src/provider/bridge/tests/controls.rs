//! Hooks, live objects, events, plugins.

use super::*;

const EXPERIMENT: &str =
    r#"{"title":"t","extensions":[{"name":"x"}],"method":[{"name":"one","provider":{"a":1}}]}"#;
const CONTROL: &str = r#"
from chaoslib.exceptions import InterruptExecution
seen = []

def configure_control(tag="", experiment=None, settings=None, **kwargs):
    seen.append(experiment)
    settings["tag"] = tag
    return 5
def cleanup_control(): raise ValueError("no cleaning")
def validate_control(control): raise ValueError("not today, " + control["name"])
def before_activity_control(context, experiment, configuration, secrets, **kwargs):
    assert context is experiment["method"][0]
    assert experiment is seen[0], "the same object as long as the run"
    assert not kwargs, kwargs
    context["provider"]["a"] = 2
    configuration["new"] = 1
def after_activity_control(context, state, experiment, extensions, settings):
    assert extensions is experiment["extensions"] and settings == {"tag": "T"}
    assert state["activity"]["provider"] is context["provider"]
    state["activity"]["provider"]["b"] = True
    raise InterruptExecution("stop here")
def after_experiment_control(context, state):
    state["experiment"]["method"].append("added")
    state["status"] = "failed"
def before_experiment_control(context): pass
def before_method_control(context): raise SystemExit(4)
def before_loading_experiment_control(context): raise KeyError(context)
"#;

/// The objects of a run, which hooks change.
struct Run {
    experiment: Value,
    configuration: Map,
    settings: Value,
}

impl Run {
    fn new() -> Self {
        let experiment = json::parse(EXPERIMENT).unwrap();
        Self {
            experiment,
            configuration: Map::new(),
            settings: Map::new().into(),
        }
    }

    async fn hook(&mut self, f: &Fixture, name: &str, at: &[Step<'_>], state: Option<&Value>) -> HookEnd {
        let arguments = Map::new();
        let scene = Scene {
            state,
            ..self.scene()
        };
        let hook = Hook {
            module: "control",
            name,
            arguments: &arguments,
            context: Context::At(at),
            scene,
        };
        let end = f.bridge.hook(&hook, Lane::Foreground).await;
        self.take(&end.changes);
        end
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            experiment: Some(&self.experiment),
            configuration: Some(&self.configuration),
            settings: Some(&self.settings),
            ..Scene::default()
        }
    }

    fn take(&mut self, changes: &Changes) {
        let Changes {
            experiment,
            configuration,
            settings,
            ..
        } = changes.clone();
        self.experiment = experiment.unwrap_or(self.experiment.clone());
        self.configuration = configuration.unwrap_or(self.configuration.clone());
        self.settings = settings.unwrap_or(self.settings.clone());
    }
}

async fn configured(f: &Fixture) -> Run {
    let mut run = Run::new();
    let end = f
        .bridge
        .configure_control("control", &map([("tag", "T".into())]), &run.scene())
        .await;
    assert_eq!(end.outcome, Ok(()));
    run.take(&end.changes);
    assert_eq!(json::compact(&run.settings), r#"{"tag":"T"}"#);
    run
}

#[test]
fn hooks_share_the_objects_of_the_run() {
    with_python(&[("control.py", CONTROL)], async |f| {
        let mut run = configured(&f).await;
        let activity = [Step::Key("method"), Step::Index(0)];
        let end = run.hook(&f, "before_activity_control", &activity, None).await;
        assert_eq!(
            (&end.outcome, &end.changes.state, &end.changes.secrets),
            (&Ok(()), &None, &None)
        );
        assert_eq!(json::compact(&run.configuration.clone().into()), r#"{"new":1}"#);

        let record = json::parse(r#"{"activity":{"name":"one","provider":{"a":2}},"output":1}"#).unwrap();
        let end = run
            .hook(&f, "after_activity_control", &activity, Some(&record))
            .await;
        assert!(
            matches!(&end.outcome, Err(PythonError::Interrupt { text, .. }) if text == "stop here"),
            "{end:?}"
        );
        let changed = r#"{"activity":{"name":"one","provider":{"a":2,"b":true}},"output":1}"#;
        assert_eq!(json::compact(&end.changes.state.unwrap()), changed);
        assert!(json::compact(&run.experiment).contains(r#"{"a":2,"b":true}"#));
    });
}

#[test]
fn the_journal_holds_a_shallow_copy_of_the_experiment() {
    with_python(&[("control.py", CONTROL)], async |f| {
        let mut run = configured(&f).await;
        let journal = map([
            ("experiment", run.experiment.clone()),
            ("status", "completed".into()),
        ])
        .into();
        let end = run
            .hook(&f, "after_experiment_control", &[], Some(&journal))
            .await;
        assert_eq!(end.outcome, Ok(()));
        let journal = end.changes.state.unwrap();
        assert_eq!(journal.get("experiment"), Some(&run.experiment));
        assert_eq!(run.experiment.get("method").unwrap().as_list().unwrap().len(), 2);
    });
}

#[test]
fn one_object_at_two_places_may_become_two() {
    let control = "
def before_method_control(context): context['method'].append(context['method'][0])
def after_method_control(context): context['seen'] = [a['name'] for a in context['method']]
";
    with_python(&[("control.py", control)], async |f| {
        let mut run = Run::new();
        run.hook(&f, "before_method_control", &[], None)
            .await
            .outcome
            .unwrap();
        let text = json::compact(&run.experiment).replacen("one", "two", 1);
        run.experiment = json::parse(&text).unwrap();
        run.hook(&f, "after_method_control", &[], None)
            .await
            .outcome
            .unwrap();
        assert_eq!(run.experiment.get("seen"), Some(&vec!["two", "one"].into()));
    });
}

#[test]
fn what_hooks_raise_is_told_apart() {
    with_python(&[("control.py", CONTROL)], async |f| {
        let mut run = configured(&f).await;
        let quiet = run.hook(&f, "before_experiment_control", &[], None).await;
        assert_eq!((quiet.changes, quiet.outcome), (Changes::default(), Ok(())));
        let exit = run.hook(&f, "before_method_control", &[], None).await;
        assert_eq!(exit.outcome, Err(PythonError::Exit("4".to_owned())));
        let absent = run.hook(&f, "before_rollback_control", &[], None).await;
        assert_eq!(absent.outcome, Ok(()));
        let source = Value::from("source");
        let hook = Hook {
            module: "control",
            name: "before_loading_experiment_control",
            arguments: &Map::new(),
            context: Context::Value(&source),
            scene: Scene::default(),
        };
        let loading = f.bridge.hook(&hook, Lane::Foreground).await;
        assert_eq!(loading.outcome.unwrap_err().to_string(), "KeyError: 'source'");
        let cleanup = f.bridge.cleanup_control("control").await;
        assert_eq!(cleanup.unwrap_err().to_string(), "ValueError: no cleaning");
        let control = map([("name", "c".into())]).into();
        let invalid = f.bridge.validate_control("control", &control).await;
        assert_eq!(invalid.unwrap_err().to_string(), "ValueError: not today, c");
    });
}

#[test]
fn the_hooks_of_a_module_are_known() {
    let modules = [("control.py", CONTROL), ("empty_one.py", "")];
    with_python(&modules, async |f| {
        let hooks = f.bridge.inspect_control("control").await.unwrap();
        assert!(hooks.contains("after_activity_control") && hooks.contains("validate_control"));
        assert!(!hooks.contains("before_rollback_control"));
        assert!(f.bridge.inspect_control("empty_one").await.unwrap().is_empty());
        assert!(f.bridge.cleanup_control("empty_one").await.is_ok());
        let missing = f.bridge.inspect_control("not_there").await;
        assert!(matches!(missing, Err(PythonError::ModuleNotFound { .. })));
    });
}

const LISTENER: &str = r#"
from chaoslib.run import RunEventHandler

class Listener(RunEventHandler):
    def running(self, experiment, journal, configuration, secrets, schedule, settings):
        self.journal = journal
        self.note("running", schedule.continuous_hypothesis_frequency, schedule.fail_fast)
    def start_activity(self, activity):
        activity["seen"] = True
        raise ValueError("ignored")
    def finish(self, journal):
        self.note("finish", journal["status"], journal is self.journal)
    def note(self, *words):
        with open("notes.txt", "a") as file: print(*words, file=file)

def configure_control(event_registry): event_registry.register(Listener())
"#;

#[test]
fn handlers_of_events_are_told() {
    with_python(&[("listener.py", LISTENER)], async |f| {
        let experiment = json::parse(EXPERIMENT).unwrap();
        let scene = |journal| Scene {
            experiment: Some(&experiment),
            journal: Some(journal),
            ..Scene::default()
        };
        let first: Value = map([("status", Value::Null)]).into();
        let last: Value = map([("status", "completed".into())]).into();
        let finish = Event {
            name: "finish",
            arguments: &[Argument::Journal(&[])],
            scene: scene(&last),
        };
        assert_eq!(f.bridge.event(&finish, Lane::Foreground).await.outcome, Ok(()));
        f.bridge
            .configure_control("listener", &Map::new(), &scene(&first))
            .await
            .outcome
            .unwrap();
        assert!(f.bridge.has_listeners());

        let schedule = Argument::Schedule {
            frequency: 0.5,
            fail_fast: true,
        };
        let null = Argument::Value(&Value::Null);
        let arguments = [
            Argument::Experiment(&[]),
            Argument::Journal(&[]),
            null,
            null,
            schedule,
            null,
        ];
        let running = Event {
            name: "running",
            arguments: &arguments,
            scene: scene(&first),
        };
        assert_eq!(f.bridge.event(&running, Lane::Foreground).await.outcome, Ok(()));
        let activity = [Argument::Experiment(&[Step::Key("method"), Step::Index(0)])];
        let start = Event {
            name: "start_activity",
            arguments: &activity,
            scene: scene(&first),
        };
        let end = f.bridge.event(&start, Lane::Background).await;
        assert_eq!(end.outcome, Ok(()));
        assert!(json::compact(&end.changes.experiment.unwrap()).contains(r#""seen":true"#));
        f.bridge.event(&finish, Lane::Foreground).await;
        assert_eq!(f.read("notes.txt"), "running 0.5 True\nfinish completed True\n");
    });
}

#[test]
fn plugins_are_notified() {
    let plug = "def notify(channel, event): open('told', 'w').write(channel['extra'] + event['name'])";
    with_python(&[("plug.py", plug)], async |f| {
        let (channel, event) = (
            map([("extra", "x ".into())]).into(),
            map([("name", "run-started".into())]).into(),
        );
        assert_eq!(f.bridge.notify("plug", "notify", &channel, &event).await, Ok(()));
        assert_eq!(f.read("told"), "x run-started");
        let absent = f.bridge.notify("plug", "other", &channel, &event).await;
        assert!(matches!(absent, Err(PythonError::NoFunction { .. })));
    });
}
