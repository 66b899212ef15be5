//! From `tracing` events to lines.

use std::fmt::{Debug, Write as _};
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use chrono::Local;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::format::Record;
use super::{Level, Scrubber};
use crate::cli::command::LogFormat;

/// The log file and the lowest level in it.
pub struct LogFile {
    file: File,
    level: Level,
}

impl LogFile {
    pub fn new(file: File, level: Level) -> Self {
        Self { file, level }
    }
}

/// The console and its looks.
pub struct Console {
    pub out: Box<dyn Write + Send>,
    pub format: LogFormat,
    pub verbose: bool,
    pub colour: bool,
    pub context_id: String,
}

impl Console {
    fn level(&self) -> Level {
        if self.verbose { Level::Debug } else { Level::Info }
    }

    fn line(&self, record: &Record) -> String {
        match self.format {
            LogFormat::String => record.text(self.verbose, self.colour),
            LogFormat::Json => record.json(&self.context_id),
        }
    }
}

/// Writes each event of our own to the file and to the console.
pub struct LogLayer {
    lowest: Level,
    sinks: Mutex<(Option<LogFile>, Console)>,
    scrubber: Scrubber,
}

impl LogLayer {
    pub fn new(file: Option<LogFile>, console: Console, scrubber: Scrubber) -> Self {
        let lowest = file.as_ref().map_or(Level::Critical, |file| file.level);
        Self {
            lowest: lowest.min(console.level()),
            sinks: Mutex::new((file, console)),
            scrubber,
        }
    }

    fn shows(&self, metadata: &Metadata<'_>) -> bool {
        is_ours(metadata.target()) && level_of(*metadata.level()).is_some_and(|level| level >= self.lowest)
    }

    /// A console that is gone or a full disk must not end an experiment: failed writes are let go.
    fn write(&self, record: &Record) {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, console) = &mut *sinks;
        if let Some(file) = file.as_mut().filter(|file| record.level >= file.level) {
            let _ = file.file.write_all(record.text(true, false).as_bytes());
        }
        if record.level >= console.level() {
            let line = console.line(record);
            let _ = console
                .out
                .write_all(line.as_bytes())
                .and_then(|()| console.out.flush());
        }
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.shows(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.shows(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match self.lowest {
            Level::Debug => LevelFilter::DEBUG,
            Level::Info => LevelFilter::INFO,
            Level::Warning => LevelFilter::WARN,
            Level::Error | Level::Critical => LevelFilter::ERROR,
        })
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let Some(level) = level_of(*metadata.level()) else {
            return;
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let module = fields.module.as_deref().unwrap_or(metadata.target());
        let message = fields.message + &fields.others;
        let record = Record {
            level: if fields.critical { Level::Critical } else { level },
            message: self.scrubber.scrub(&message).into_owned(),
            module: module.rsplit("::").next().unwrap_or_default().to_owned(),
            line: fields.line.unwrap_or(metadata.line().unwrap_or(0).into()),
            time: Local::now(),
        };
        self.write(&record);
    }
}

/// True for the targets of our own crates, whose names all start with one of these words.
fn is_ours(target: &str) -> bool {
    let root = target.split("::").next().unwrap_or_default();
    matches!(root, "chaos" | "start_chaos" | "submit_job") || root.starts_with("chaos_")
}

/// `None` for TRACE, which no sink shows.
fn level_of(level: tracing::Level) -> Option<Level> {
    Some(match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warning,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::TRACE => return None,
    })
}

/// The fields of one event.
#[derive(Default)]
struct Fields {
    message: String,
    critical: bool,
    module: Option<String>,
    line: Option<u64>,
    others: String,
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        match field.name() {
            "critical" => self.critical = value,
            _ => self.record_debug(field, &value),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "line" => self.line = Some(value),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        match (field.name(), u64::try_from(value)) {
            ("line", Ok(line)) => self.line = Some(line),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            "module" => self.module = Some(value.to_owned()),
            name => {
                let _ = write!(self.others, " {name}={value}");
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "module" => self.module = Some(format!("{value:?}")),
            name => {
                let _ = write!(self.others, " {name}={value:?}");
            }
        }
    }
}
