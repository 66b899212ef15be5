//! The log: text lines in a file and lines or JSON objects on the console, from `tracing` events.
//!
//! Conventions for whoever emits events:
//! - only targets of our own crates are shown (`chaos`, `chaos_…`, `start_chaos`, `submit_job`), DEBUG and up;
//! - `critical = true` on an ERROR event makes it CRITICAL, as [`critical!`](crate::critical) does;
//! - events forwarded from Python carry their own place in the fields `module` (text) and `line` (number);
//! - any other field is appended to the message as ` name=value`.

mod format;
mod layer;
mod scrub;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use chaos_engine::provider::bridge::LogRecord;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;

use super::command::{LogFormat, LogLevel};
use layer::{Console, LogFile, LogLayer};
pub use scrub::Scrubber;

/// Logs at level CRITICAL: an ERROR event with the field `critical`.
#[macro_export]
macro_rules! critical {
    ($($argument:tt)+) => { ::tracing::error!(critical = true, $($argument)+) };
}

/// A line's level, in the Chaos Toolkit's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For those who look for a fault.
    Debug,
    /// Progress.
    Info,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
    /// The experiment cannot go on, or its hypothesis is not met.
    Critical,
}

impl Level {
    /// The word in a log line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Debug => Self::Debug,
            LogLevel::Info => Self::Info,
            LogLevel::Warning => Self::Warning,
            LogLevel::Error => Self::Error,
        }
    }
}

/// A log that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be opened for appending. A case for exit code 2.
    #[error(
        "cannot append to the log file '{}': {source}; name another with --log-file PATH, or do without with \
         --no-log-file",
        path.display()
    )]
    File {
        /// The file, as seen from the root.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another log was installed before.
    #[error("the log is set up already")]
    Twice,
}

/// Where and how to log.
pub struct LogOptions {
    /// The open file and the lowest level in it; see [`open_file`].
    pub file: Option<(File, LogLevel)>,
    /// Where console lines go: standard error, or what draws a progress line above it.
    pub console: Box<dyn Write + Send>,
    /// Form of the console lines.
    pub format: LogFormat,
    /// DEBUG lines on the console too, with their place.
    pub verbose: bool,
    /// Colour the heads of console lines; see [`wants_colour`].
    pub colour: bool,
    /// Identifier of this call in JSON lines; see [`context_id`].
    pub context_id: String,
    /// Hides secret values in every line.
    pub scrubber: Scrubber,
}

/// Opens a log file for appending, creating it if need be.
///
/// # Errors
/// [`LogError::File`] with the path seen from `cwd`.
pub fn open_file(path: &Path, cwd: &Path) -> Result<File, LogError> {
    let path = cwd.join(path);
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.map_err(|source| LogError::File { path, source })
}

/// Colours are for terminals, unless NO_COLOR is set to anything, or the terminal is a dumb one.
pub fn wants_colour(terminal: bool, no_color: Option<&str>, term: Option<&str>) -> bool {
    terminal && no_color.is_none_or(str::is_empty) && term != Some("dumb")
}

/// A fresh random identifier of one call.
pub fn context_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A subscriber that writes the log; for `tracing::subscriber::with_default` and [`install`].
pub fn subscriber(options: LogOptions) -> impl Subscriber + Send + Sync {
    let file = options.file.map(|(file, level)| LogFile::new(file, level.into()));
    let console = Console {
        out: options.console,
        format: options.format,
        verbose: options.verbose,
        colour: options.colour,
        context_id: options.context_id,
    };
    tracing_subscriber::registry().with(LogLayer::new(file, console, options.scrubber))
}

/// Makes this the log of the whole process.
///
/// # Errors
/// [`LogError::Twice`] when there is one already.
pub fn install(options: LogOptions) -> Result<(), LogError> {
    tracing::subscriber::set_global_default(subscriber(options)).map_err(|_| LogError::Twice)
}

/// Logs a record of user code at its level, with its own place.
pub fn forward(record: &LogRecord) {
    let LogRecord {
        level,
        message,
        module,
        line,
        ..
    } = record;
    let (module, line) = (module.as_str(), *line);
    match level {
        ..20 => tracing::debug!(module, line, "{message}"),
        20..30 => tracing::info!(module, line, "{message}"),
        30..40 => tracing::warn!(module, line, "{message}"),
        40..50 => tracing::error!(module, line, "{message}"),
        _ => tracing::error!(critical = true, module, line, "{message}"),
    }
}
