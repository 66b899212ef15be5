//! One activity: its controls, its pauses, its record, and the call itself.

use std::rc::Rc;
use std::time::Duration;

use super::controls::Level;
use super::dispatch::Outcome;
use super::event::{self, Event, Section};
use super::listeners::Told;
use super::plan::Dry;
use super::seed::Place;
use super::stop::Cause;
use super::{Halt, Runner};
use crate::activity::{ActivityError, Failure};
use crate::document::substitute::substitute;
use crate::journal::{Record, seconds_between, timestamp};
use crate::provider::bridge::Changes;
use crate::value::{Map, Value, map, python};

/// A place in the experiment: a list and a position in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// The list it is played from.
    pub section: Section,
    /// Its position there.
    pub index: usize,
}

/// Who waits for an activity, and so what stops it.
#[derive(Clone, Debug)]
pub(crate) enum Lane {
    /// The run itself.
    Foreground,
    /// A task beside it, stopped through this token.
    Background(tokio_util::sync::CancellationToken),
}

/// What was done.
pub(crate) struct Performed {
    /// The name of the activity, after the hooks before it.
    pub name: String,
    /// Did a control have it left out?
    pub left_out: bool,
    home: Home,
}

/// Where the record of a call is: it is changed there and not copied about, as there can be many.
enum Home {
    /// Not in the journal yet: a probe's, which becomes part of the hypothesis' state.
    Here(Map),
    /// In a list of the journal, at this position.
    Journal(Section, usize),
}

impl Home {
    /// `None` once a control has shortened the list.
    fn with<T>(&mut self, runner: &Runner, work: impl FnOnce(&mut Map) -> T) -> Option<T> {
        match self {
            Self::Here(record) => Some(work(record)),
            Self::Journal(section, position) => {
                let mut state = runner.state.borrow_mut();
                let record = state.journal.records(*section)?.get_mut(*position)?.open()?;
                Some(work(record))
            }
        }
    }

    /// Nothing more is done to the record here.
    fn close(&self, runner: &Runner) {
        if let Self::Journal(section, position) = self {
            let mut state = runner.state.borrow_mut();
            let records = state.journal.records(*section);
            if let Some(record) = records.and_then(|records| records.get_mut(*position)) {
                record.close();
            }
        }
    }

    fn copy(&mut self, runner: &Runner) -> Option<Map> {
        self.with(runner, |record| record.clone())
    }
}

impl Performed {
    /// The record of a probe of the hypothesis; those of other activities stand in the journal already.
    pub(crate) fn into_record(self) -> Map {
        match self.home {
            Home::Here(record) => record,
            Home::Journal(..) => Map::new(),
        }
    }
}

impl Runner {
    /// Plays the activity at `site`, or the one that it refers to, between its hooks.
    pub(crate) async fn perform(self: &Rc<Self>, site: Site, lane: &Lane) -> Result<Performed, Halt> {
        let target = self.follow_reference(site)?;
        let mut performed = match self.activity_hooks_before(target, lane).await {
            Ok(left_out) => self.perform_between_hooks(site, target, left_out, lane).await,
            Err(halt) => Err(halt),
        };
        let mut record = || {
            performed
                .as_mut()
                .ok()
                .and_then(|performed| performed.home.copy(self))
        };
        let changed = self.activity_hooks_after(target, &mut record, lane).await;
        let mut performed = performed?;
        if let Some(changed) = changed? {
            performed.home.with(self, |record| *record = changed);
        }
        performed.home.close(self);
        Ok(performed)
    }

    async fn perform_between_hooks(
        self: &Rc<Self>,
        site: Site,
        target: Site,
        left_out: bool,
        lane: &Lane,
    ) -> Result<Performed, Halt> {
        let declared = self.declared(target)?;
        if !declared.contains_key("type") {
            let message = "an activity must have a type: action or probe";
            return Err(Halt::Fatal(Failure::new(message)));
        }
        let dry = DryRun::of(self.plan.dry, &declared, left_out);
        let pauses = self.substituted(declared.get("pauses"));
        self.pause(pauses.get("before"), true, dry, lane).await?;
        let mut performed = Call::new(self, site, target, declared, dry)
            .make(self, lane)
            .await?;
        performed.left_out = left_out;
        let pause = self.pause(pauses.get("after"), false, dry, lane);
        match site.section {
            Section::Method => tokio::select! {
                ended = pause => ended?,
                () = self.failed_fast.cancelled() => {}
            },
            _ => pause.await?,
        }
        Ok(performed)
    }

    fn follow_reference(&self, site: Site) -> Result<Site, Halt> {
        let state = self.state.borrow();
        let Some(Value::Text(name)) = activity_at(&state.experiment, site).and_then(|a| a.get("ref")) else {
            return Ok(site);
        };
        find_by_name(&state.experiment, name, site.section).ok_or_else(|| {
            Halt::Fatal(Failure::new(format!(
                "referenced activity '{name}' does not exist"
            )))
        })
    }

    fn declared(&self, site: Site) -> Result<Map, Halt> {
        let declared = activity_at(&self.state.borrow().experiment, site).cloned();
        declared.ok_or_else(|| Halt::Fatal(Failure::new("an activity must be a mapping")))
    }

    pub(super) fn substituted(&self, value: Option<&Value>) -> Map {
        let state = self.state.borrow();
        value
            .map(|value| substitute(value, &state.scope))
            .and_then(|v| v.as_map().cloned())
            .unwrap_or_default()
    }

    pub(super) async fn pause(
        &self,
        length: Option<&Value>,
        before: bool,
        dry: DryRun,
        lane: &Lane,
    ) -> Result<(), Halt> {
        let Some(length) = length.filter(|length| python::truthy(length)) else {
            return Ok(());
        };
        self.say(&Event::Pausing {
            before,
            seconds: length,
        });
        if !dry.takes_pauses() {
            return Ok(());
        }
        let pause = pause_length(length).ok_or_else(|| {
            Halt::Fatal(Failure::new(format!(
                "a pause must be a number of seconds, not {}",
                python::repr(length)
            )))
        })?;
        self.wait(lane, tokio::time::sleep(pause)).await
    }

    /// Awaits `work` unless the lane is stopped first; `work` is dropped then.
    pub(crate) async fn wait<T>(&self, lane: &Lane, work: impl Future<Output = T>) -> Result<T, Halt> {
        match lane {
            Lane::Foreground => Ok(self.ports.stop.guard(work).await?),
            Lane::Background(token) => tokio::select! {
                biased;
                () = token.cancelled() => Err(Halt::Stop(Cause::Abandon)),
                done = work => Ok(done),
            },
        }
    }
}

/// How a dry mode applies to one activity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DryRun {
    pub skipped: bool,
    pauses_announced_only: bool,
}

impl DryRun {
    /// Everything is done.
    pub const OFF: Self = Self {
        skipped: false,
        pauses_announced_only: false,
    };

    /// A key `dry` on the activity replaces the mode, and no text there is a mode (as in the peer).
    fn of(mode: Option<Dry>, declared: &Map, left_out: bool) -> Self {
        let mode = mode.filter(|_| !declared.contains_key("dry"));
        let kind = declared.get("type").and_then(Value::as_str);
        let skipped = match mode {
            Some(Dry::Actions) => kind == Some("action"),
            Some(Dry::Probes) => kind == Some("probe"),
            Some(Dry::Activities) => true,
            Some(Dry::Pause) | None => false,
        };
        Self {
            skipped: skipped || left_out,
            pauses_announced_only: mode == Some(Dry::Pause),
        }
    }

    fn takes_pauses(self) -> bool {
        !self.skipped && !self.pauses_announced_only
    }
}

/// The call of one activity, from its record to its end.
struct Call {
    id: u64,
    /// Where it is played from, and so recorded.
    site: Site,
    /// Where it is declared.
    target: Site,
    kind: String,
    name: String,
    background: bool,
    dry: DryRun,
    declared: Map,
    start: chrono::DateTime<chrono::Utc>,
}

impl Call {
    fn new(runner: &Runner, site: Site, target: Site, declared: Map, dry: DryRun) -> Self {
        let start = (runner.ports.clock)();
        let text = |key: &str| declared.get(key).map_or("None".to_owned(), python::text);
        Self {
            id: runner.next_id(),
            site,
            target,
            kind: text("type"),
            name: text("name"),
            background: declared.get("background").is_some_and(python::truthy),
            dry,
            declared,
            start,
        }
    }

    fn described(&self) -> event::Activity<'_> {
        event::Activity {
            id: self.id,
            section: self.site.section,
            index: self.site.index,
            kind: &self.kind,
            name: &self.name,
            background: self.background,
            dry: self.dry.skipped,
        }
    }

    /// Makes the call; its record is told and in the journal before it is made.
    async fn make(self, runner: &Rc<Runner>, lane: &Lane) -> Result<Performed, Halt> {
        let mut home = self.enter(runner)?;
        let level = Level::Activity(self.target);
        let place = runner.place(self.site);
        runner.inform(Told::ActivityStarted(level), lane).await;
        let (outcome, early) = self.carry_out(runner, &place, lane).await;
        if let Ok(Ok(Outcome {
            suspicion: Some(what),
            ..
        })) = &outcome
        {
            runner.say(&Event::Suspicious {
                activity: self.described(),
                what: *what,
            });
        }
        if let Ok(Ok(Outcome {
            arguments: Some(arguments),
            ..
        })) = &outcome
        {
            self.keep_arguments(runner, &mut home, arguments);
        }
        let (failure, halt) = home
            .with(runner, |record| self.settle(outcome, record))
            .unwrap_or_default();
        if let Some(output) = early {
            home.with(runner, |record| record.insert("output".to_owned(), output));
        }
        if !abandoned(lane, runner) {
            let end = (runner.ports.clock)();
            home.with(runner, |record| self.close(record, end));
        }
        if runner.ports.bridge.has_listeners()
            && let Some(record) = home.copy(runner)
        {
            runner.inform(Told::ActivityEnded(level, &record), lane).await;
        }
        self.tell_end(runner, &mut home, failure.as_ref());
        match halt {
            Some(halt) => Err(halt),
            None => Ok(Performed {
                name: self.name,
                left_out: false,
                home,
            }),
        }
    }

    /// The call itself; and what it still had to tell, if it was stopped.
    async fn carry_out(
        &self,
        runner: &Rc<Runner>,
        place: &Place,
        lane: &Lane,
    ) -> (Result<Result<Outcome, ActivityError>, Halt>, Option<Value>) {
        if self.dry.skipped {
            return (Ok(Ok(Outcome::plain(Value::Null))), None);
        }
        let mut call = std::pin::pin!(runner.call(self.id, place, &self.declared, lane));
        let outcome = runner.wait(lane, call.as_mut()).await;
        let early = match &outcome {
            Err(_) => runner.end_early(place, call).await,
            Ok(_) => None,
        };
        (outcome, early)
    }

    /// Puts the record where it belongs.
    fn enter(&self, runner: &Runner) -> Result<Home, Halt> {
        let record = map([
            ("activity", self.declared.clone().into()),
            ("output", Value::Null),
            ("start", timestamp(self.start).into()),
        ]);
        let started = Event::ActivityStarted {
            activity: self.described(),
            record: &record,
        };
        if let Err(error) = runner.tell(&started) {
            return Err(Halt::Stop(Cause::Unrecorded(error.to_string())));
        }
        let mut state = runner.state.borrow_mut();
        match state.journal.records(self.site.section) {
            None => Ok(Home::Here(record)),
            Some(records) => {
                records.push(Record::Open(record));
                Ok(Home::Journal(self.site.section, records.len() - 1))
            }
        }
    }

    fn settle(
        &self,
        outcome: Result<Result<Outcome, ActivityError>, Halt>,
        record: &mut Map,
    ) -> (Option<Failure>, Option<Halt>) {
        match outcome {
            Ok(Ok(outcome)) => {
                record.insert("output".to_owned(), outcome.output);
                record.insert("status".to_owned(), "succeeded".into());
                (None, None)
            }
            Ok(Err(ActivityError::FailedWith(failure, output))) => {
                record.insert("output".to_owned(), *output);
                self.settle(Ok(Err(ActivityError::Failed(failure))), record)
            }
            Ok(Err(ActivityError::Failed(failure))) => {
                record.insert("status".to_owned(), "failed".into());
                record.insert("exception".to_owned(), failure.trace.clone().into());
                (Some(failure), None)
            }
            Ok(Err(ActivityError::Fatal(failure))) => (None, Some(Halt::Fatal(failure))),
            Ok(Err(ActivityError::Exit(code))) => (None, Some(Halt::Stop(exit_cause(code)))),
            Err(halt) => (None, Some(halt)),
        }
    }

    /// A function shares its arguments with the activity: what it changed in them shows from here on.
    fn keep_arguments(&self, runner: &Runner, home: &mut Home, arguments: &Map) {
        home.with(runner, |record| {
            if let Some(activity) = record.get_mut("activity").and_then(Value::as_map_mut) {
                set_arguments(activity, arguments);
            }
        });
        let mut experiment = Map::clone(&runner.state.borrow().experiment);
        if let Some(activity) = activity_at_mut(&mut experiment, self.target) {
            set_arguments(activity, arguments);
        }
        let changes = Changes {
            experiment: Some(experiment.into()),
            ..Changes::default()
        };
        runner.apply(changes, &mut None);
    }

    fn close(&self, record: &mut Map, end: chrono::DateTime<chrono::Utc>) {
        record.insert("end".to_owned(), timestamp(end).into());
        record.insert("duration".to_owned(), seconds_between(self.start, end).into());
    }

    fn tell_end(&self, runner: &Runner, home: &mut Home, failure: Option<&Failure>) {
        let told = home.with(runner, |record| {
            runner.tell(&Event::ActivityEnded {
                activity: self.described(),
                record,
                failure,
            })
        });
        if let Some(Err(error)) = told {
            runner.ports.stop.ask(Cause::Unrecorded(error.to_string()));
        }
    }
}

/// Nobody waits for the end of a background activity once the run is abandoned, so it has none.
fn abandoned(lane: &Lane, runner: &Runner) -> bool {
    matches!(lane, Lane::Background(token) if token.is_cancelled()) && runner.ports.stop.abandoned()
}

/// The stop that a `SystemExit` means; 20 and 30 are the codes of `chaoslib.exit`.
pub(crate) fn exit_cause(code: String) -> Cause {
    match code.as_str() {
        "20" => Cause::Leave,
        "30" => Cause::Abandon,
        _ => Cause::Exit(code),
    }
}

fn pause_length(length: &Value) -> Option<Duration> {
    let seconds = match length {
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        other => other.as_f64()?,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// The activity declared at a site.
pub(crate) fn activity_at(experiment: &Map, site: Site) -> Option<&Map> {
    section_list(experiment, site.section)?.get(site.index)?.as_map()
}

/// The same, to change it.
pub(crate) fn activity_at_mut(experiment: &mut Map, site: Site) -> Option<&mut Map> {
    let list = match site.section {
        Section::Hypothesis(_) => experiment
            .get_mut("steady-state-hypothesis")?
            .as_map_mut()?
            .get_mut("probes")?,
        Section::Method => experiment.get_mut("method")?,
        Section::Rollbacks => experiment.get_mut("rollbacks")?,
    };
    match list {
        Value::List(activities) => activities.get_mut(site.index)?.as_map_mut(),
        _ => None,
    }
}

fn set_arguments(activity: &mut Map, arguments: &Map) {
    if let Some(provider) = activity.get_mut("provider").and_then(Value::as_map_mut) {
        provider.insert("arguments".to_owned(), arguments.clone().into());
    }
}

/// The list of activities that a section declares.
pub(crate) fn section_list(experiment: &Map, section: Section) -> Option<&[Value]> {
    match section {
        Section::Hypothesis(_) => experiment
            .get("steady-state-hypothesis")?
            .get("probes")?
            .as_list(),
        Section::Method => experiment.get("method")?.as_list(),
        Section::Rollbacks => experiment.get("rollbacks")?.as_list(),
    }
}

/// The last activity of that name; the hypothesis' probes come after the method's activities.
pub(super) fn find_by_name(experiment: &Map, name: &str, from: Section) -> Option<Site> {
    let phase = match from {
        Section::Hypothesis(phase) => phase,
        Section::Method | Section::Rollbacks => event::Phase::Before,
    };
    [Section::Hypothesis(phase), Section::Method]
        .into_iter()
        .find_map(|section| {
            let named = |activity: &Value| activity.get("name").and_then(Value::as_str) == Some(name);
            let index = section_list(experiment, section)?.iter().rposition(named)?;
            Some(Site { section, index })
        })
}
