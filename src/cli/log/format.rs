//! How one record looks.

use chaos_engine::value::{Value, json, map};
use chrono::{DateTime, Datelike, Local, Timelike, Utc};

use super::Level;

/// One event, ready to be written; its message is already scrubbed.
pub struct Record {
    pub level: Level,
    pub message: String,
    /// Last part of the module's path, or the Python module.
    pub module: String,
    pub line: u64,
    pub time: DateTime<Local>,
}

impl Record {
    /// `[time LEVEL] message`, or `[time LEVEL] [module:line] message`; the head is in colour when asked for.
    /// Later lines of the message are indented by four spaces.
    pub fn text(&self, place: bool, colour: bool) -> String {
        let mut head = format!("[{} {}]", self.stamp(), self.level.as_str());
        if place {
            head.push_str(&format!(" [{}:{}]", self.module, self.line));
        }
        if colour {
            head = format!("\u{1b}[{}m{head}\u{1b}[39m", colour_of(self.level));
        }
        match self.message.contains('\n') {
            false => format!("{head} {}\n", self.message),
            true => format!("{head} {}\n", self.message.replace('\n', "\n    ")),
        }
    }

    /// `YYYY-MM-DD HH:MM:SS`; chrono would parse that pattern again for every line.
    fn stamp(&self) -> String {
        let time = self.time.naive_local();
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    /// One JSON object on one line.
    pub fn json(&self, context_id: &str) -> String {
        let utc = self.time.with_timezone(&Utc);
        let record = map([
            ("process", i64::from(std::process::id()).into()),
            (
                "asctime",
                self.time.format("%Y-%m-%d %H:%M:%S,%3f").to_string().into(),
            ),
            ("levelname", self.level.as_str().into()),
            ("module", self.module.as_str().into()),
            ("lineno", i64::try_from(self.line).unwrap_or(0).into()),
            ("message", self.message.as_str().into()),
            ("context_id", context_id.into()),
            (
                "timestamp",
                utc.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string().into(),
            ),
        ]);
        json::compact(&Value::Map(record)) + "\n"
    }
}

/// The foreground colours that people know from the Chaos Toolkit.
const fn colour_of(level: Level) -> u8 {
    match level {
        Level::Debug => 36,
        Level::Info => 32,
        Level::Warning => 33,
        Level::Error | Level::Critical => 31,
    }
}
