//! What a person at a terminal sees beside the log: a live line for what is going on, and a table at the end.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::Duration;

use chaos_engine::run::event::{Activity, Event, Observer, Phase, Section};
use chaos_engine::value::{Map, Value};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

/// The live line, and the way to write log lines above it.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    bars: MultiProgress,
}

impl Screen {
    /// A writer to standard error that leaves the live line below what it writes.
    pub fn writer(&self) -> impl Write + Send + use<> {
        AboveTheLine {
            bars: self.bars.clone(),
        }
    }
}

struct AboveTheLine {
    bars: MultiProgress,
}

impl Write for AboveTheLine {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.bars.suspend(|| io::stderr().write_all(text))?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Shows pauses and activities while they last, and collects what the table tells.
#[derive(Debug)]
pub struct Progress {
    screen: Screen,
    shown: RefCell<Vec<(Option<u64>, ProgressBar)>>,
    rows: RefCell<Vec<Row>>,
    hypothesis: RefCell<Vec<(Phase, bool)>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    section: &'static str,
    name: String,
    status: String,
    seconds: Option<f64>,
}

impl Progress {
    /// On that screen.
    pub fn new(screen: Screen) -> Self {
        Self {
            screen,
            shown: RefCell::default(),
            rows: RefCell::default(),
            hypothesis: RefCell::default(),
        }
    }

    fn show(&self, id: Option<u64>, message: String, length: Option<f64>) {
        let bar = self.screen.bars.add(ProgressBar::new_spinner());
        bar.set_style(style(length));
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(200));
        self.shown.borrow_mut().push((id, bar));
    }

    fn hide(&self, which: impl Fn(Option<u64>) -> bool) {
        self.shown.borrow_mut().retain(|(id, bar)| {
            let hidden = which(*id);
            if hidden {
                bar.finish_and_clear();
            }
            !hidden
        });
    }

    /// The table of what was done, one line a row.
    pub fn summary(&self, journal: &Map) -> String {
        let rows = self.rows.borrow();
        let width = rows
            .iter()
            .map(|row| row.name.chars().count())
            .max()
            .unwrap_or(0)
            .clamp(8, 60);
        let mut table = format!(
            "\n{:<11} {:<width$} {:<12} {:>9}\n",
            "", "activity", "status", "seconds"
        );
        for row in rows.iter() {
            let seconds = row
                .seconds
                .map_or("-".to_owned(), |seconds| format!("{seconds:.2}"));
            let name: String = row.name.chars().take(width).collect();
            table.push_str(&format!(
                "{:<11} {name:<width$} {:<12} {seconds:>9}\n",
                row.section, row.status
            ));
        }
        table.push_str(&self.hypothesis_line());
        table.push_str(&outcome_line(journal));
        table
    }

    fn hypothesis_line(&self) -> String {
        let checks = self.hypothesis.borrow();
        let of = |phase: Phase| checks.iter().filter(move |(checked, _)| *checked == phase);
        let gate = |phase: Phase| match of(phase).next_back() {
            Some((_, true)) => "met",
            Some((_, false)) => "not met",
            None => "not checked",
        };
        let mut line = format!(
            "hypothesis: {} before, {} after",
            gate(Phase::Before),
            gate(Phase::After)
        );
        let during = of(Phase::During).count();
        if during > 0 {
            let left = of(Phase::During).filter(|(_, met)| !met).count();
            line.push_str(&format!(
                ", {left} of {during} checks not met while the method ran"
            ));
        }
        line.push('\n');
        line
    }
}

impl Observer for Progress {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Pausing { seconds, before } => {
                self.hide(|id| id.is_none());
                let when = if *before { "pause before" } else { "pause after" };
                self.show(None, when.to_owned(), seconds.as_f64());
            }
            Event::ActivityStarted { activity, .. } => {
                self.hide(|id| id.is_none());
                self.show(
                    Some(activity.id),
                    format!("{}: {}", activity.kind, activity.name),
                    None,
                );
            }
            Event::ActivityEnded { activity, record, .. } => {
                self.hide(|id| id == Some(activity.id));
                if !matches!(activity.section, Section::Hypothesis(Phase::During)) {
                    self.rows.borrow_mut().push(row(activity, record));
                }
            }
            Event::HypothesisEnded { phase, state } => {
                let met = state
                    .get("steady_state_met")
                    .and_then(Value::as_bool)
                    .unwrap_or(false);
                self.hypothesis.borrow_mut().push((*phase, met));
            }
            Event::MethodStarted | Event::MethodEnded | Event::RollbacksStarted => {
                self.hide(|id| id.is_none())
            }
            Event::Ended { .. } | Event::Stopped(_) => self.hide(|_| true),
            _ => {}
        }
        Ok(())
    }
}

fn row(activity: &Activity<'_>, record: &Map) -> Row {
    let section = match activity.section {
        Section::Hypothesis(_) => "hypothesis",
        Section::Method => "method",
        Section::Rollbacks => "rollbacks",
    };
    Row {
        section,
        name: activity.name.to_owned(),
        status: record
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or("interrupted")
            .to_owned(),
        seconds: record.get("duration").and_then(Value::as_f64),
    }
}

fn outcome_line(journal: &Map) -> String {
    let status = journal.get("status").and_then(Value::as_str).unwrap_or("unknown");
    let seconds = journal.get("duration").and_then(Value::as_f64).unwrap_or(0.0);
    let deviated = journal.get("deviated") == Some(&Value::Bool(true));
    let deviation = if deviated {
        ", and the experiment DEVIATED"
    } else {
        ""
    };
    format!("{status} after {seconds:.1} s{deviation}\n")
}

fn style(length: Option<f64>) -> ProgressStyle {
    let template = match length {
        Some(_) => "{spinner} {msg} {passed} s, {left} s left",
        None => "{spinner} {msg} {passed} s",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    style
        .with_key(
            "passed",
            |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // writing to the line's buffer cannot fail
                let _ = write!(out, "{:.0}", state.elapsed().as_secs_f64());
            },
        )
        .with_key(
            "left",
            move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let left = length.unwrap_or(0.0) - state.elapsed().as_secs_f64();
                let _ = write!(out, "{:.0}", left.max(0.0));
            },
        )
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::map;

    use super::*;

    #[test]
    fn the_table_tells_activities_hypothesis_and_outcome() {
        let progress = Progress::new(Screen::default());
        let activity = Activity {
            id: 1,
            section: Section::Method,
            index: 0,
            kind: "action",
            name: "stop a task",
            background: false,
            dry: false,
        };
        let record = map([("status", "succeeded".into()), ("duration", 1.25.into())]);
        let state = map([("steady_state_met", true.into())]);
        progress
            .notice(&Event::HypothesisEnded {
                phase: Phase::Before,
                state: &state,
            })
            .unwrap();
        progress
            .notice(&Event::ActivityEnded {
                activity,
                record: &record,
                failure: None,
            })
            .unwrap();
        let journal = map([
            ("status", "completed".into()),
            ("deviated", true.into()),
            ("duration", 2.0.into()),
        ]);
        let table = progress.summary(&journal);
        assert!(
            table.contains("method      stop a task succeeded         1.25"),
            "{table}"
        );
        assert!(
            table.contains("hypothesis: met before, not checked after"),
            "{table}"
        );
        assert!(
            table.contains("completed after 2.0 s, and the experiment DEVIATED"),
            "{table}"
        );
    }
}
