//! The lines of the write-ahead file, written straight from what the events refer to: there are two for every
//! activity, and their records can be large.

use super::wal::VERSION;
use crate::run::event::{Activity, Event, Section};
use crate::run::seed::SEED_KEY;
use crate::run::stop::Cause;
use crate::value::{Map, Value, json, map};

/// A JSON object under construction.
struct Line(String);

impl Line {
    fn new(event: &str) -> Self {
        Self("{".to_owned()).text("event", event)
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        json::write_text(&mut self.0, key);
        self.0.push(':');
    }

    fn text(mut self, key: &str, text: &str) -> Self {
        self.key(key);
        json::write_text(&mut self.0, text);
        self
    }

    fn raw(mut self, key: &str, json: &str) -> Self {
        self.key(key);
        self.0.push_str(json);
        self
    }

    fn number(self, key: &str, number: u64) -> Self {
        self.raw(key, &number.to_string())
    }

    fn flag(self, key: &str, flag: bool) -> Self {
        self.raw(key, if flag { "true" } else { "false" })
    }

    fn map(mut self, key: &str, map: &Map) -> Self {
        self.key(key);
        json::write_entries(&mut self.0, map, None);
        self
    }

    fn optional(self, key: &str, map: Option<&Map>) -> Self {
        match map {
            Some(map) => self.map(key, map),
            None => self,
        }
    }

    /// What a record gained since the line of its start.
    fn news(mut self, record: &Map) -> Self {
        self.key("record");
        self.0.push('{');
        let mut first = true;
        for (key, value) in record
            .iter()
            .filter(|(key, _)| *key != "activity" && *key != "start")
        {
            if !std::mem::take(&mut first) {
                self.0.push(',');
            }
            json::write_text(&mut self.0, key);
            self.0.push(':');
            json::write(&mut self.0, value, None);
        }
        self.0.push('}');
        self
    }

    fn activity(self, activity: &Activity<'_>) -> Self {
        let (section, phase) = match activity.section {
            Section::Hypothesis(phase) => ("hypothesis", Some(phase.key())),
            Section::Method => ("method", None),
            Section::Rollbacks => ("rollbacks", None),
        };
        let mut line = self.number("id", activity.id).text("section", section);
        if let Some(phase) = phase {
            line = line.text("phase", phase);
        }
        line.number("index", activity.index as u64)
    }

    fn end(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }
}

/// The line of an event, with its line break; events that a recovery does not need have none. `preamble` goes into
/// the first.
pub(super) fn of(event: &Event<'_>, preamble: &Map) -> Option<String> {
    let line = Line::new;
    let line = match event {
        Event::Running {
            title: _,
            journal,
            experiment,
            scope,
            seed,
        } => preamble.iter().fold(
            line("running")
                .number("wal", VERSION.unsigned_abs())
                .map("header", &journal.header)
                .map("experiment", experiment)
                .text("start", &journal.start)
                .map("configuration", &scope.configuration)
                .raw(SEED_KEY, &json::compact(seed)),
            |line, (key, value): (&String, &Value)| line.raw(key, &json::compact(value)),
        ),
        Event::Changed {
            experiment,
            configuration,
            variable,
        } => {
            let variables = variable.map(|(name, text)| map([(name, text.into())]));
            line("changed")
                .optional("experiment", *experiment)
                .optional("configuration", *configuration)
                .optional("variables", variables.as_ref())
        }
        Event::SeedTaken { .. } => line("seed-taken"),
        Event::MethodStarted => line("method-started"),
        Event::MethodEnded => line("method-ended"),
        Event::HypothesisEnded { phase, state } => line("hypothesis-ended")
            .text("phase", phase.key())
            .map("state", state),
        Event::ActivityStarted { activity, record } => {
            line("activity-started").activity(activity).map("record", record)
        }
        Event::ActivityEnded { activity, record, .. } => {
            line("activity-ended").number("id", activity.id).news(record)
        }
        Event::HookStarted { control, hook } => {
            line("hook-started").text("control", control).text("hook", hook)
        }
        Event::HookEnded { control, hook, .. } => {
            line("hook-ended").text("control", control).text("hook", hook)
        }
        Event::FailFast { .. } => line("status").text("status", "failed"),
        Event::Aborted(_) => line("status").text("status", "aborted"),
        Event::Stopped(cause) => line("status")
            .text("status", "interrupted")
            .flag("abandoned", **cause == Cause::Abandon),
        Event::RollbacksDecided { play, .. } => line("rollbacks-decided").flag("play", *play),
        Event::RollbacksCut(_) => line("rollbacks-cut"),
        Event::Ended { status, deviated } => line("ended").text("status", status).flag("deviated", *deviated),
        _ => return None,
    };
    Some(line.end())
}
