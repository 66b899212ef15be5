//! Observers that have to do something before a run may go on, and what journals say besides.
#![allow(clippy::unwrap_used)]

mod common;

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;

use chaos_engine::activity::Catalogue;
use chaos_engine::journal::recovery;
use chaos_engine::run::event::{Event, Observer, Settling};
use chaos_engine::run::stop::Cause;
use chaos_engine::run::{RunError, Runner};
use chaos_engine::value::map;
use common::{Setting, in_local_set, plan};

const EXPERIMENT: &str = "
method:
- {type: action, name: inject, provider: {type: process, path: 'true'}}
";

/// Notes what it hears of, and when it is settled.
struct Slow {
    heard: RefCell<Vec<String>>,
    refuses: bool,
    hangs: bool,
}

impl Slow {
    fn new(refuses: bool, hangs: bool) -> Rc<Self> {
        Rc::new(Self {
            heard: RefCell::default(),
            refuses,
            hangs,
        })
    }
}

impl Observer for Slow {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        let name = match event {
            Event::Running { .. } => "running",
            Event::ActivityStarted { .. } => "activity",
            Event::Ended { .. } => "ended",
            _ => return Ok(()),
        };
        self.heard.borrow_mut().push(name.to_owned());
        Ok(())
    }

    fn settle(&self) -> Settling<'_> {
        Box::pin(async {
            if self.hangs {
                std::future::pending::<()>().await;
            }
            self.heard.borrow_mut().push("settled".to_owned());
            match self.refuses {
                true => Err(io::Error::other("no place for it")),
                false => Ok(()),
            }
        })
    }
}

fn setting(slow: &Rc<Slow>) -> Setting {
    let mut setting = Setting::new(Catalogue::default());
    setting.observers = vec![Rc::clone(slow) as Rc<dyn Observer>];
    setting
}

#[test]
fn a_run_waits_before_it_touches_anything_and_at_its_end() {
    let slow = Slow::new(false, false);
    setting(&slow).run(EXPERIMENT);
    let expected = ["running", "settled", "activity", "ended", "settled"];
    assert_eq!(*slow.heard.borrow(), expected);
}

fn refused(setting: &Setting) -> RunError {
    let plan = plan(EXPERIMENT);
    let run = async { Rc::new(Runner::new(plan, setting.ports()).unwrap()).run().await };
    in_local_set(run).unwrap_err()
}

#[test]
fn an_observer_can_keep_the_run_from_going_on() {
    let slow = Slow::new(true, false);
    let error = refused(&setting(&slow));
    assert_eq!(error.to_string(), "no place for it; nothing was run");
    assert_eq!(*slow.heard.borrow(), ["running", "settled"]);
}

#[test]
fn a_stop_ends_the_waiting_and_the_run() {
    let slow = Slow::new(false, true);
    let setting = setting(&slow);
    setting.stop.ask(Cause::Terminate);
    let error = refused(&setting);
    assert!(matches!(error, RunError::Unsettled(_)), "{error}");
    assert_eq!(*slow.heard.borrow(), ["running"]);
}

#[test]
fn a_journal_ends_with_what_its_plan_says_besides() {
    let mut plan = plan(EXPERIMENT);
    plan.annotations = map([("scheduler", "cron".into())]);
    let setting = Setting::new(Catalogue::default());
    let run = async { Rc::new(Runner::new(plan, setting.ports()).unwrap()).run().await };
    let journal = in_local_set(run).unwrap().into_map();
    assert_eq!(journal.get("scheduler"), Some(&"cron".into()));
}

/// A copy may lack the line that tells of the method's start.
#[test]
fn a_copy_that_may_be_behind_owes_rollbacks_unless_it_denies_them() {
    let first = r#"{"event":"running","wal":1}"#;
    let owed = |lines: &str| {
        let mut dead = recovery::parse(Path::new("copy"), format!("{first}\n{lines}").as_bytes()).unwrap();
        let exact = dead.owes_rollbacks("always");
        dead.assume_behind();
        (exact, dead.owes_rollbacks("always"))
    };
    assert_eq!(owed(""), (false, true));
    assert_eq!(owed("{\"event\":\"method-started\"}\n"), (true, true));
    assert_eq!(
        owed("{\"event\":\"rollbacks-decided\",\"play\":false}\n"),
        (false, false)
    );
    assert_eq!(
        owed("{\"event\":\"ended\",\"status\":\"completed\"}\n"),
        (false, false)
    );
}
