//! Runs experiments in this process, with native activities and controls of the tests' own.
#![allow(clippy::unwrap_used, dead_code)]

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use chaos_engine::activity::Catalogue;
use chaos_engine::document::yaml;
use chaos_engine::host::Host;
use chaos_engine::provider::bridge::Bridge;
use chaos_engine::run::event::{Event, Observer};
use chaos_engine::run::plan::{Plan, RollbackStrategy};
use chaos_engine::run::stop::StopSwitch;
use chaos_engine::run::{Ports, Runner};
use chaos_engine::validate::{Invalid, Validator};
use chaos_engine::value::{Map, Value};

thread_local! {
    static DONE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes that something happened.
pub fn note(what: impl Into<String>) {
    DONE.with(|done| done.borrow_mut().push(what.into()));
}

/// What happened since the last call.
pub fn done() -> Vec<String> {
    DONE.with(|done| std::mem::take(&mut *done.borrow_mut()))
}

/// Keeps events as their debug text.
#[derive(Default)]
pub struct Listener(pub RefCell<Vec<String>>);

impl Observer for Listener {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        self.0.borrow_mut().push(format!("{event:?}"));
        Ok(())
    }
}

impl Listener {
    /// The names of the events.
    pub fn names(&self) -> Vec<String> {
        let name = |text: &String| text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        self.0.borrow().iter().map(name).collect()
    }
}

/// What a test runs.
pub struct Setting {
    pub catalogue: Catalogue,
    pub observers: Vec<Rc<dyn Observer>>,
    pub stop: Rc<StopSwitch>,
    pub host: Host,
}

impl Setting {
    pub fn new(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            observers: Vec::new(),
            stop: Rc::default(),
            host: Host::current().unwrap(),
        }
    }

    pub fn ports(&self) -> Ports {
        let host = Rc::new(RefCell::new(self.host.clone()));
        let (bridge, _messages) = Bridge::new(Rc::clone(&host));
        Ports {
            host,
            catalogue: Rc::new(self.catalogue.clone()),
            observers: self.observers.clone(),
            bridge,
            stop: Rc::clone(&self.stop),
            clock: chrono::Utc::now,
        }
    }

    /// Runs an experiment to its end.
    pub fn run(&self, experiment: &str) -> Map {
        let plan = plan(experiment);
        in_local_set(async {
            let runner = Rc::new(Runner::new(plan, self.ports()).unwrap());
            runner.run().await.unwrap().into_map()
        })
    }

    pub fn validate(&self, experiment: &str) -> Result<(), Invalid> {
        let ports = self.ports();
        let validator = Validator {
            catalogue: ports.catalogue,
            bridge: ports.bridge,
            host: ports.host,
        };
        let experiment = parsed(experiment);
        in_local_set(async move { validator.validate(&experiment.into()).await.map(drop) })
    }
}

pub fn plan(experiment: &str) -> Plan {
    Plan {
        run_id: "test".to_owned(),
        experiment: parsed(experiment),
        rollbacks: RollbackStrategy::Always,
        ..Plan::default()
    }
}

pub fn parsed(experiment: &str) -> Map {
    let text = format!("title: t\ndescription: d\n{experiment}");
    yaml::parse(&text).unwrap().as_map().unwrap().clone()
}

pub fn in_local_set<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let limit = std::time::Duration::from_secs(60);
    let work = async { tokio::time::timeout(limit, work).await.expect("the run hangs on") };
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// The value at a path into a journal.
pub fn at<'a>(journal: &'a Map, path: &[&str]) -> &'a Value {
    let (first, rest) = path.split_first().unwrap();
    let first = journal.get(*first).unwrap_or(&Value::Null);
    rest.iter()
        .fold(first, |value, step| match step.parse::<usize>() {
            Ok(index) => value
                .as_list()
                .and_then(|list| list.get(index))
                .unwrap_or(&Value::Null),
            Err(_) => value.get(step).unwrap_or(&Value::Null),
        })
}

/// The outputs of the method's records.
pub fn outputs(journal: &Map) -> Vec<Value> {
    let records = at(journal, &["run"]).as_list().unwrap();
    records
        .iter()
        .map(|record| record.get("output").cloned().unwrap_or_default())
        .collect()
}
