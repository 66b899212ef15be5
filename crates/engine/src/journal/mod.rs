//! The journal: what a run leaves behind, in the Chaos Toolkit's shape and order of keys.

mod ended;
mod line;
mod record;
pub mod recovery;
mod shown;
pub mod wal;

pub use ended::{Ended, Masking, is_fine};
pub use record::Record;
pub use shown::Shown;

use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::run::event::{Phase, Section};
use crate::value::{Map, Value, map};

/// The version of the library whose journals ours are like.
pub const CHAOSLIB_VERSION: &str = "1.44.0";

/// How an experiment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It ran to its end, or its hypothesis was not met before the method.
    Completed,
    /// A probe of the hypothesis failed, or the run failed fast.
    Failed,
    /// An activity could not even be tried.
    Aborted,
    /// A signal, a control or an activity ended it.
    Interrupted,
}

impl Status {
    /// Its text in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Interrupted => "interrupted",
        }
    }

    /// The status of that text.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Completed, Self::Failed, Self::Aborted, Self::Interrupted]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// The journal of a run under way.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// `chaoslib-version`, `platform`, `node`.
    pub header: Map,
    /// The experiment as it was when the run began.
    pub experiment: Shown,
    /// When the run began.
    pub start: String,
    /// `None` while nothing has ended it.
    pub status: Option<Status>,
    /// Was the hypothesis not met after the method?
    pub deviated: bool,
    /// State of the check before the method, or null.
    pub before: Value,
    /// State of the check after the method, or null.
    pub after: Value,
    /// States of the checks while it ran.
    pub during: Vec<Value>,
    /// Records of the method's activities.
    pub run: Vec<Record>,
    /// Records of the rollbacks.
    pub rollbacks: Vec<Record>,
    /// `end` and `duration` once the run is over, and what controls or a recovery add.
    pub footer: Map,
}

impl Journal {
    /// A journal that begins now, for this experiment.
    pub fn begin(experiment: Shown, start: DateTime<Utc>) -> Self {
        let header = map([
            ("chaoslib-version", CHAOSLIB_VERSION.into()),
            ("platform", platform().into()),
            ("node", node().into()),
        ]);
        Self {
            header,
            experiment,
            start: timestamp(start),
            ..Self::default()
        }
    }

    /// The list that records of a section go to; probes of the hypothesis stand in its states instead.
    pub fn records(&mut self, section: Section) -> Option<&mut Vec<Record>> {
        match section {
            Section::Hypothesis(_) => None,
            Section::Method => Some(&mut self.run),
            Section::Rollbacks => Some(&mut self.rollbacks),
        }
    }

    /// Stores the state of a check.
    pub fn set_state(&mut self, phase: Phase, state: Map) {
        match phase {
            Phase::Before => self.before = state.into(),
            Phase::After => self.after = state.into(),
            Phase::During => self.during.push(state.into()),
        }
    }

    /// Marks the end.
    pub fn finish(&mut self, end: DateTime<Utc>, seconds: f64) {
        self.footer.insert("end".to_owned(), timestamp(end).into());
        self.footer.insert("duration".to_owned(), seconds.into());
    }

    /// The journal as a document, with the experiment as it is now.
    pub fn into_map(self, experiment: &Map) -> Map {
        let values = |records: Vec<Record>| Value::List(records.iter().map(Record::to_value).collect());
        let head = self.head();
        let mut journal = self.header;
        journal.insert("experiment".to_owned(), self.experiment.to_map(experiment).into());
        journal.extend(head);
        journal.insert("run".to_owned(), values(self.run));
        journal.insert("rollbacks".to_owned(), values(self.rollbacks));
        journal.extend(self.footer);
        journal
    }
}

/// As Python's `isoformat()` of a UTC time, always with microseconds.
pub fn timestamp(time: DateTime<Utc>) -> String {
    // by hand, as there are two of them in every record
    let micros = time.nanosecond() / 1_000;
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{micros:06}+00:00",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Seconds between two times, to the microsecond.
pub fn seconds_between(start: DateTime<Utc>, end: DateTime<Utc>) -> f64 {
    (end - start)
        .num_microseconds()
        .map_or(0.0, |micros| micros.max(0) as f64 / 1e6)
}

fn platform() -> String {
    let name = rustix::system::uname();
    let part = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    format!(
        "{}-{}-{}",
        part(name.sysname()),
        part(name.release()),
        part(name.machine())
    )
}

fn node() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
