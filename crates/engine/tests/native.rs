//! Native activities in a run, and what listeners are told.
#![allow(clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use chaos_engine::activity::{ActivityError, Catalogue, Context, Failure, Kind, NativeActivity};
use chaos_engine::document::yaml;
use chaos_engine::host::Host;
use chaos_engine::provider::bridge::Bridge;
use chaos_engine::run::event::{Event, Observer};
use chaos_engine::run::plan::{Plan, RollbackStrategy};
use chaos_engine::run::stop::{Cause, StopSwitch};
use chaos_engine::run::{Ports, Runner};
use chaos_engine::validate::Validator;
use chaos_engine::value::{Map, Value};
use schemars::JsonSchema;
use serde::Deserialize;

thread_local! {
    static DONE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn done() -> Vec<String> {
    DONE.with(|done| done.borrow().clone())
}

/// Notes a word.
#[derive(Deserialize, JsonSchema)]
struct Note {
    /// The word.
    word: String,
    /// How often.
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

impl NativeActivity for Note {
    const MODULE: &'static str = "chaostest.notes.actions";
    const FUNCTION: &'static str = "note";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "nothing";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, _: Context) -> Result<Value, ActivityError> {
        DONE.with(|done| done.borrow_mut().push(self.word.repeat(self.times as usize)));
        Ok(self.word.into())
    }
}

/// Waits for ever, and notes that it was dropped.
#[derive(Deserialize, JsonSchema)]
struct Hang {}

struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        DONE.with(|done| done.borrow_mut().push("dropped".to_owned()));
    }
}

impl NativeActivity for Hang {
    const MODULE: &'static str = "chaostest.notes.actions";
    const FUNCTION: &'static str = "hang";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "nothing";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, _: Context) -> Result<Value, ActivityError> {
        let _dropped = Dropped;
        std::future::pending().await
    }
}

/// Waits until it is told to stop, and returns what it has by then; a stubborn one has nothing.
#[derive(Deserialize, JsonSchema)]
struct Measure {
    /// Whether it goes on.
    #[serde(default)]
    stubborn: bool,
    /// Whether it fails.
    #[serde(default)]
    fails: bool,
}

impl NativeActivity for Measure {
    const MODULE: &'static str = "chaostest.notes.actions";
    const FUNCTION: &'static str = "measure";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "what it has";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let _dropped = Dropped;
        if self.fails {
            let failure = Failure::new("too slow");
            return Err(ActivityError::FailedWith(failure, Box::new("so far".into())));
        }
        context.stopping().cancelled().await;
        if self.stubborn {
            std::future::pending::<()>().await;
        }
        Ok("so far".into())
    }
}

fn catalogue() -> Catalogue {
    Catalogue::new().with::<Note>().with::<Hang>().with::<Measure>()
}

/// Keeps the names of events, and refuses to record from a given one on.
#[derive(Default)]
struct Recorder {
    events: RefCell<Vec<String>>,
    refuses_after: Option<usize>,
    stop_at: Option<(&'static str, Rc<StopSwitch>)>,
    count: Cell<usize>,
}

impl Observer for Recorder {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        let text = format!("{event:?}");
        let name = text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        if let Some((at, switch)) = &self.stop_at
            && *at == name
            && switch.signals() == 0
        {
            let switch = Rc::clone(switch);
            tokio::task::spawn_local(async move { switch.ask(Cause::Interrupt) });
        }
        self.events.borrow_mut().push(name);
        self.count.set(self.count.get() + 1);
        match self.refuses_after {
            Some(limit) if self.count.get() > limit => Err(io::Error::other("the disk is full")),
            _ => Ok(()),
        }
    }
}

fn experiment(method: &str, rollbacks: &str) -> Map {
    let text = format!("title: native\ndescription: native\nmethod: {method}\nrollbacks: {rollbacks}\n");
    yaml::parse(&text).unwrap().as_map().unwrap().clone()
}

fn action(function: &str, arguments: &str) -> String {
    format!(
        "{{type: action, name: {function}, provider: {{type: python, module: chaostest.notes.actions, \
         func: {function}, arguments: {arguments}}}}}"
    )
}

async fn run(experiment: Map, recorder: Rc<Recorder>, stop: Rc<StopSwitch>) -> Map {
    let host = Rc::new(RefCell::new(Host::default()));
    let (bridge, _messages) = Bridge::new(Rc::clone(&host));
    let observers: Vec<Rc<dyn Observer>> = vec![recorder];
    let ports = Ports {
        host,
        catalogue: Rc::new(catalogue()),
        observers,
        bridge,
        stop,
        clock: chrono::Utc::now,
    };
    let plan = Plan {
        experiment,
        rollbacks: RollbackStrategy::Always,
        ..Plan::default()
    };
    Rc::new(Runner::new(plan, ports).unwrap())
        .run()
        .await
        .unwrap()
        .into_map()
}

fn in_local_set<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

fn status(journal: &Map) -> &str {
    journal.get("status").and_then(Value::as_str).unwrap()
}

#[test]
fn a_native_activity_is_run_without_python() {
    let method = format!("[{}]", action("note", "{word: a, times: 2}"));
    let journal = in_local_set(run(experiment(&method, "[]"), Rc::default(), Rc::default()));
    assert_eq!((status(&journal), done()), ("completed", vec!["aa".to_owned()]));
    let record = &journal.get("run").and_then(Value::as_list).unwrap()[0];
    assert_eq!(record.get("output"), Some(&"a".into()));
}

#[test]
fn wrong_arguments_are_found_before_anything_runs() {
    let check = |arguments: &str| {
        let host = Rc::new(RefCell::new(Host::default()));
        let (bridge, _messages) = Bridge::new(Rc::clone(&host));
        let validator = Validator {
            catalogue: Rc::new(catalogue()),
            bridge,
            host,
        };
        let experiment = experiment(&format!("[{}]", action("note", arguments)), "[]");
        in_local_set(async move { validator.validate(&experiment.into()).await })
    };
    assert!(check("{word: a}").is_ok());
    let misspelt = check("{wrod: a}").unwrap_err();
    assert_eq!(misspelt.at, "method[0].provider.arguments");
    assert!(
        misspelt.message.contains("did you mean `word`?"),
        "{}",
        misspelt.message
    );
    assert!(
        check("{word: a, times: often}")
            .unwrap_err()
            .message
            .contains("integer")
    );
    assert!(check("{}").unwrap_err().message.contains("`word`"));
    assert_eq!(done(), Vec::<String>::new());
}

#[test]
fn a_failed_activity_can_have_an_output() {
    let method = format!("[{}]", action("measure", "{fails: true}"));
    let journal = in_local_set(run(experiment(&method, "[]"), Rc::default(), Rc::default()));
    let record = &journal.get("run").and_then(Value::as_list).unwrap()[0];
    assert_eq!(record.get("status"), Some(&"failed".into()));
    assert_eq!(record.get("output"), Some(&"so far".into()));
}

fn stopped_while_measuring(stubborn: bool) -> Map {
    let method = format!("[{}]", action("measure", &format!("{{stubborn: {stubborn}}}")));
    let rollbacks = format!("[{}]", action("note", "{word: undone}"));
    let stop = Rc::new(StopSwitch::default());
    let recorder = Rc::new(Recorder {
        stop_at: Some(("ActivityStarted", Rc::clone(&stop))),
        ..Recorder::default()
    });
    in_local_set(async {
        let run = run(experiment(&method, &rollbacks), recorder, stop);
        tokio::time::timeout(Duration::from_secs(20), run).await.unwrap()
    })
}

#[test]
fn a_stopped_activity_can_still_tell_what_it_has() {
    for (stubborn, output) in [(false, Value::from("so far")), (true, Value::Null)] {
        let journal = stopped_while_measuring(stubborn);
        assert_eq!(status(&journal), "interrupted");
        let record = &journal.get("run").and_then(Value::as_list).unwrap()[0];
        assert_eq!(
            (record.get("output"), record.get("status")),
            (Some(&output), None)
        );
        assert_eq!(done(), ["dropped", "undone"]);
        DONE.with(|done| done.borrow_mut().clear());
    }
}

#[test]
fn a_stop_drops_what_runs_and_rollbacks_follow() {
    let method = format!("[{}, {}]", action("hang", "{}"), action("note", "{word: never}"));
    let rollbacks = format!("[{}]", action("note", "{word: undone}"));
    let stop = Rc::new(StopSwitch::default());
    let stop_at = Some(("ActivityStarted", Rc::clone(&stop)));
    let recorder = Rc::new(Recorder {
        stop_at,
        ..Recorder::default()
    });
    let work = async {
        let run = run(experiment(&method, &rollbacks), recorder, stop);
        tokio::time::timeout(Duration::from_secs(20), run)
            .await
            .expect("the run hangs on")
    };
    let journal = in_local_set(work);
    assert_eq!(status(&journal), "interrupted");
    assert_eq!(done(), ["dropped", "undone"]);
}

#[test]
fn what_cannot_be_recorded_is_not_done() {
    let method = format!("[{}]", action("note", "{word: unrecorded}"));
    let whole = Rc::new(Recorder::default());
    in_local_set(run(experiment(&method, "[]"), Rc::clone(&whole), Rc::default()));
    let start = whole
        .events
        .borrow()
        .iter()
        .position(|name| name == "ActivityStarted")
        .unwrap();
    DONE.with(|done| done.borrow_mut().clear());
    let refusing = Rc::new(Recorder {
        refuses_after: Some(start),
        ..Recorder::default()
    });
    let journal = in_local_set(run(experiment(&method, "[]"), refusing, Rc::default()));
    assert_eq!((status(&journal), done()), ("interrupted", Vec::new()));
}

#[test]
fn events_come_in_the_order_in_which_things_happen() {
    let method = format!("[{}]", action("note", "{word: a}"));
    let rollbacks = format!("[{}]", action("note", "{word: b}"));
    let recorder = Rc::new(Recorder::default());
    in_local_set(run(
        experiment(&method, &rollbacks),
        Rc::clone(&recorder),
        Rc::default(),
    ));
    let events = recorder.events.borrow().join(" ");
    assert_eq!(
        events,
        "Running Strategies NoHypothesis MethodStarted ActivityStarted ActivityEnded MethodEnded RollbacksDecided \
         RollbacksStarted Rollback ActivityStarted ActivityEnded Ended"
    );
}
