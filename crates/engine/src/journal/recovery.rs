//! What a write-ahead file tells of a run that died: the journal so far, and what is still owed.

use std::path::{Path, PathBuf};

use super::wal::{self, VERSION, WalError};
use super::{Journal, Record, Shown, Status};
use crate::run::event::Section;
use crate::run::seed::SEED_KEY;
use crate::value::{Map, Value, json, map};

/// A run that died, read back from its write-ahead file.
#[derive(Debug, Default)]
pub struct DeadRun {
    /// What the command line noted for a recovery.
    pub preamble: Map,
    /// The experiment as it was last.
    pub experiment: Map,
    /// The configuration as it was last, dynamic entries included.
    pub configuration: Map,
    /// The journal up to its death.
    pub journal: Journal,
    /// Had the method begun? Only then is anything owed.
    pub method_started: bool,
    /// What was decided of the rollbacks, if the run got that far.
    pub decided: Option<bool>,
    /// Were they cut short, or given up, on a signal's word?
    pub waived: bool,
    /// Had the run ended, with only the journal left to write?
    pub ended: bool,
    /// Rollbacks that ended, by their position.
    pub rollbacks_done: Vec<usize>,
    /// Hooks that began, as control and function.
    pub hooks_begun: Vec<(String, String)>,
    /// Hooks that ended, as control and function.
    pub hooks_done: Vec<(String, String)>,
    /// What its random choices followed from; null where an older release did not write it down.
    pub seed: Value,
    /// Had it made random choices?
    pub seed_taken: bool,
    /// Environment variables that activities had set.
    pub variables: Vec<(String, String)>,
    /// Activities that had begun and not ended, by their number.
    pub unended: Vec<u64>,
    /// The highest number that an activity had.
    pub last_id: u64,
    started: Vec<Started>,
}

#[derive(Debug)]
struct Started {
    id: u64,
    section: String,
    index: usize,
    record: Map,
    ended: bool,
}

/// Reads the write-ahead file of a dead run.
///
/// # Errors
/// When it cannot be read, or does not begin as one of ours. A last line that was cut off is left out.
pub fn read(path: &Path) -> Result<DeadRun, WalError> {
    let text = std::fs::read(path).map_err(|source| WalError::Io {
        path: path.to_owned(),
        action: "read",
        source,
    })?;
    parse(path, &text)
}

/// As [`read`], of the content of the file that is, or will be, at `path`.
///
/// # Errors
/// When it does not begin as one of ours.
pub fn parse(path: &Path, text: &[u8]) -> Result<DeadRun, WalError> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().filter_map(|line| match json::parse(line) {
        Ok(Value::Map(line)) => Some(line),
        _ => None,
    });
    let unreadable = |reason: &str| WalError::Unreadable {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let first = lines
        .next()
        .ok_or_else(|| unreadable("it has no complete line, so its run had touched nothing"))?;
    if first.get("wal") != Some(&Value::Int(VERSION)) {
        return Err(unreadable("its first line does not name the format"));
    }
    let mut run = DeadRun::begin(first);
    lines.for_each(|line| run.follow(line));
    run.close();
    Ok(run)
}

impl DeadRun {
    fn begin(mut first: Map) -> Self {
        let mut take = |key: &str| match first.shift_remove(key) {
            Some(Value::Map(map)) => map,
            _ => Map::new(),
        };
        let (header, experiment, configuration) = (take("header"), take("experiment"), take("configuration"));
        let start = text(&first, "start");
        let seed = first.shift_remove(SEED_KEY).unwrap_or_default();
        let journal = Journal {
            header,
            experiment: Shown::all_of(experiment.clone()),
            start,
            ..Journal::default()
        };
        Self {
            preamble: first,
            experiment,
            configuration,
            journal,
            seed,
            ..Self::default()
        }
    }

    fn follow(&mut self, mut line: Map) {
        match text(&line, "event").as_str() {
            "changed" => self.changed(line),
            "method-started" => self.method_started = true,
            "hypothesis-ended" => {
                let phase = wal::phase(&text(&line, "phase"));
                if let (Some(phase), Some(Value::Map(state))) = (phase, line.shift_remove("state")) {
                    self.note_deviation(phase, &state);
                    self.journal.set_state(phase, state);
                }
            }
            "activity-started" => self.activity_started(line),
            "activity-ended" => self.activity_ended(line),
            "seed-taken" => self.seed_taken = true,
            "hook-started" => self.hooks_begun.push(hook(&line)),
            "hook-ended" => self.hooks_done.push(hook(&line)),
            "status" => {
                self.journal.status = Status::parse(&text(&line, "status"));
                self.waived |= line.get("abandoned") == Some(&Value::Bool(true));
            }
            "rollbacks-decided" => self.decided = line.get("play").and_then(Value::as_bool),
            "rollbacks-cut" => {
                self.waived = true;
                self.journal.status = Some(Status::Interrupted);
            }
            "ended" => {
                self.ended = true;
                self.journal.status = Status::parse(&text(&line, "status"));
            }
            _ => {}
        }
    }

    fn changed(&mut self, mut line: Map) {
        if let Some(Value::Map(experiment)) = line.shift_remove("experiment") {
            self.experiment = experiment;
        }
        if let Some(Value::Map(configuration)) = line.shift_remove("configuration") {
            self.configuration = configuration;
        }
        if let Some(Value::Map(variables)) = line.shift_remove("variables") {
            let texts = variables.into_iter().filter_map(|(name, text)| match text {
                Value::Text(text) => Some((name, text)),
                _ => None,
            });
            self.variables.extend(texts);
        }
    }

    fn note_deviation(&mut self, phase: crate::run::event::Phase, state: &Map) {
        let met = state
            .get("steady_state_met")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        self.journal.deviated |= phase == crate::run::event::Phase::After && !met;
    }

    fn activity_started(&mut self, mut line: Map) {
        let Some(Value::Map(record)) = line.shift_remove("record") else {
            return;
        };
        self.last_id = self.last_id.max(whole(&line, "id"));
        self.started.push(Started {
            id: whole(&line, "id"),
            section: text(&line, "section"),
            index: whole(&line, "index") as usize,
            record,
            ended: false,
        });
    }

    fn activity_ended(&mut self, mut line: Map) {
        let Some(Value::Map(news)) = line.shift_remove("record") else {
            return;
        };
        let Some(started) = self.find(whole(&line, "id")) else {
            return;
        };
        started.record.extend(news);
        started.ended = true;
        let (section, index) = (started.section.clone(), started.index);
        if section == "rollbacks" {
            self.rollbacks_done.push(index);
        }
    }

    fn find(&mut self, id: u64) -> Option<&mut Started> {
        self.started.iter_mut().rev().find(|started| started.id == id)
    }

    fn close(&mut self) {
        for started in std::mem::take(&mut self.started) {
            if !started.ended {
                self.unended.push(started.id);
            }
            let section = match started.section.as_str() {
                "method" => Section::Method,
                "rollbacks" => Section::Rollbacks,
                _ => continue,
            };
            if let Some(records) = self.journal.records(section) {
                let mut record = Record::Open(started.record);
                record.close();
                records.push(record);
            }
        }
    }

    /// The file is a copy that may lack the run's last moments: what it does not deny counts as done.
    pub fn assume_behind(&mut self) {
        self.method_started |= !self.ended;
    }

    /// Are rollbacks owed under the strategy that the run had (`never` owes none)? A dead run cannot tell whether
    /// it would have deviated, so that every other strategy owes them.
    pub fn owes_rollbacks(&self, strategy: &str) -> bool {
        if self.ended || self.waived || !self.method_started {
            return false;
        }
        self.decided.unwrap_or(strategy != "never")
    }

    /// Where the journal is to go.
    pub fn journal_path(&self) -> Option<PathBuf> {
        self.preamble
            .get("journal")
            .and_then(Value::as_str)
            .map(PathBuf::from)
    }

    /// The note in the journal that says that, and how, the run was recovered.
    pub fn note(&self, at: String, played: Vec<String>) -> Value {
        map([("at", at.into()), ("rollbacks", played.into())]).into()
    }
}

/// Control and function.
fn hook(line: &Map) -> (String, String) {
    (text(line, "control"), text(line, "hook"))
}

fn text(line: &Map, key: &str) -> String {
    line.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn whole(line: &Map, key: &str) -> u64 {
    match line.get(key) {
        Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
        Some(Value::BigInt(number)) => u64::try_from((**number).clone()).unwrap_or(0),
        _ => 0,
    }
}
