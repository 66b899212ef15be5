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
    /// Shows a line below the log.
    pub fn add(&self, bar: ProgressBar) -> ProgressBar {
        self.bars.add(bar)
    }

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

/// The longest name in the table, so that a row fits into 80 columns.
const NAME: usize = 44;

/// Shows pauses and activities while they last, and collects what the table tells.
#[derive(Debug)]
pub struct Progress {
    screen: Screen,
    colour: bool,
    shown: RefCell<Vec<Line>>,
    rows: RefCell<Vec<Row>>,
    hypothesis: RefCell<Vec<(Phase, bool)>>,
}

/// One line below the log.
#[derive(Debug)]
struct Line {
    /// Of the activity; none for a pause.
    id: Option<u64>,
    /// Seconds, where they are known.
    length: Option<f64>,
    bar: ProgressBar,
}

impl Line {
    fn is_pause(&self) -> bool {
        self.id.is_none()
    }

    /// A pause whose time is up?
    fn is_over(&self) -> bool {
        self.is_pause()
            && self
                .length
                .is_some_and(|length| self.bar.elapsed().as_secs_f64() >= length)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    section: &'static str,
    name: String,
    status: String,
    seconds: Option<f64>,
}

impl Progress {
    /// On that screen, in colours or not.
    pub fn new(screen: Screen, colour: bool) -> Self {
        Self {
            screen,
            colour,
            shown: RefCell::default(),
            rows: RefCell::default(),
            hypothesis: RefCell::default(),
        }
    }

    /// The screen it is on.
    pub fn screen(&self) -> Screen {
        self.screen.clone()
    }

    fn show(&self, id: Option<u64>, message: String, length: Option<f64>) {
        let bar = self.screen.bars.add(ProgressBar::new_spinner());
        bar.set_style(style(length));
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(200));
        self.shown.borrow_mut().push(Line { id, length, bar });
    }

    fn hide(&self, which: impl Fn(&Line) -> bool) {
        self.shown.borrow_mut().retain(|line| {
            let hidden = which(line);
            if hidden {
                line.bar.finish_and_clear();
                self.screen.bars.remove(&line.bar);
            }
            !hidden
        });
    }

    /// The probe whose output was not within its tolerance did succeed; that is not what its row is to say.
    fn mark_not_met(&self, probe: &str) {
        let mut rows = self.rows.borrow_mut();
        let row = rows
            .iter_mut()
            .rev()
            .find(|row| row.section == "hypothesis" && row.name == probe);
        if let Some(row) = row.filter(|row| row.status == "succeeded") {
            row.status = "not met".to_owned();
        }
    }

    fn paint(&self, text: &str, good: bool) -> String {
        let code = if good { 32 } else { 31 };
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[39m"),
            false => text.to_owned(),
        }
    }

    /// The table of what was done, one line a row.
    pub fn summary(&self, journal: &Map) -> String {
        let rows = self.rows.borrow();
        let width = rows
            .iter()
            .map(|row| row.name.chars().count())
            .max()
            .unwrap_or(0)
            .clamp(8, NAME);
        let mut table = format!(
            "\n{:<11} {:<width$} {:<12} {:>9}\n",
            "", "activity", "status", "seconds"
        );
        for row in rows.iter() {
            let seconds = row
                .seconds
                .map_or("-".to_owned(), |seconds| format!("{seconds:.2}"));
            let name = shortened(&row.name, width);
            let status = self.paint(&format!("{:<12}", row.status), row.status == "succeeded");
            table.push_str(&format!(
                "{:<11} {name:<width$} {status} {seconds:>9}\n",
                row.section
            ));
        }
        table.push_str(&self.hypothesis_line());
        table.push_str(&self.outcome_line(journal));
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
            let met = of(Phase::During).filter(|(_, met)| *met).count();
            line.push_str(&format!(", met {met} of {during} times during the method"));
        }
        line.push('\n');
        line
    }

    fn outcome_line(&self, journal: &Map) -> String {
        let status = journal.get("status").and_then(Value::as_str).unwrap_or("unknown");
        let seconds = journal.get("duration").and_then(Value::as_f64).unwrap_or(0.0);
        let deviated = journal.get("deviated") == Some(&Value::Bool(true));
        let deviation = if deviated {
            ", and the experiment DEVIATED"
        } else {
            ""
        };
        let text = format!("{status} after {seconds:.1} s{deviation}");
        self.paint(&text, status == "completed" && !deviated) + "\n"
    }
}

impl Observer for Progress {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Pausing { seconds, before } => {
                self.hide(Line::is_over);
                let when = if *before { "pause before" } else { "pause after" };
                self.show(None, when.to_owned(), seconds.as_f64());
            }
            Event::ActivityStarted { activity, .. } => {
                // what starts beside the method says nothing of the method's pause
                let beside = activity.background || activity.section == Section::Hypothesis(Phase::During);
                self.hide(|line| if beside { line.is_over() } else { line.is_pause() });
                self.show(
                    Some(activity.id),
                    format!("{}: {}", activity.kind, activity.name),
                    None,
                );
            }
            Event::ActivityEnded { activity, record, .. } => {
                self.hide(|line| line.id == Some(activity.id));
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
            Event::NotMet {
                phase: Phase::Before | Phase::After,
                probe,
            } => self.mark_not_met(probe),
            Event::MethodStarted | Event::MethodEnded | Event::RollbacksStarted => self.hide(Line::is_pause),
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

/// `name`, cut to `width` characters with a sign of it.
fn shortened(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let start: String = name.chars().take(width.saturating_sub(1)).collect();
    start + "…"
}

fn style(length: Option<f64>) -> ProgressStyle {
    let template = match length {
        Some(_) => "{spinner} {passed} s, {left} s left: {wide_msg}",
        None => "{spinner} {passed} s: {wide_msg}",
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

    fn journal() -> Map {
        map([
            ("status", "completed".into()),
            ("deviated", true.into()),
            ("duration", 2.0.into()),
        ])
    }

    fn ended(progress: &Progress, section: Section, name: &str) {
        let activity = Activity {
            id: 1,
            section,
            index: 0,
            kind: "probe",
            name,
            background: false,
            dry: false,
        };
        let record = map([("status", "succeeded".into()), ("duration", 1.25.into())]);
        let event = Event::ActivityEnded {
            activity,
            record: &record,
            failure: None,
        };
        progress.notice(&event).unwrap();
    }

    #[test]
    fn a_probe_outside_its_tolerance_is_told_and_no_row_is_wider_than_a_terminal() {
        let progress = Progress::new(Screen::default(), true);
        ended(&progress, Section::Hypothesis(Phase::After), "alive");
        let event = Event::NotMet {
            phase: Phase::After,
            probe: "alive",
        };
        progress.notice(&event).unwrap();
        ended(&progress, Section::Method, &"long ".repeat(20));
        let table = progress.summary(&journal());
        assert!(table.contains("\x1b[31mnot met     \x1b[39m"), "{table}");
        assert!(table.contains("\x1b[32msucceeded   \x1b[39m"), "{table}");
        let plain = table
            .replace("\x1b[31m", "")
            .replace("\x1b[32m", "")
            .replace("\x1b[39m", "");
        assert!(plain.lines().all(|line| line.chars().count() < 80), "{plain}");
        assert!(plain.contains("long lon…"), "{plain}");
    }

    #[test]
    fn the_table_tells_activities_hypothesis_and_outcome() {
        let progress = Progress::new(Screen::default(), false);
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
        let table = progress.summary(&journal());
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
