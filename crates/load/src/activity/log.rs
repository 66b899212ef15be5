//! Where that goes which k6 would have printed.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::UnboundedReceiver;

use super::ActivityFailure;
use crate::run::Event;

/// The log file, if one is wanted, and the run's own log, if that is wanted.
pub(super) struct Log {
    file: Option<(PathBuf, BufWriter<File>)>,
    debug: bool,
}

impl Log {
    /// Creates the file, so that a wrong path is told before any load is made.
    pub(super) fn open(path: Option<&Path>, debug: bool) -> Result<Self, ActivityFailure> {
        let file = path.map(|path| match File::create(path) {
            Ok(file) => Ok((path.to_owned(), BufWriter::new(file))),
            Err(source) => Err(ActivityFailure::LogFile {
                path: path.to_owned(),
                source,
            }),
        });
        Ok(Self {
            file: file.transpose()?,
            debug,
        })
    }

    pub(super) fn line(&mut self, line: &str) {
        if self.debug {
            tracing::info!("k6: {line}");
        }
        let Some((path, file)) = &mut self.file else {
            return;
        };
        if let Err(error) = writeln!(file, "{line}") {
            tracing::warn!(
                "nothing more is written to the log of the load, {}: {error}",
                path.display()
            );
            self.file = None;
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
        self.flush();
    }

    fn flush(&mut self) {
        if let Some((path, file)) = &mut self.file
            && let Err(error) = file.flush()
        {
            tracing::warn!(
                "the log of the load, {}, is not complete: {error}",
                path.display()
            );
        }
    }

    /// Takes lines until there are no more. They are in the file as soon as no more are waiting.
    pub(super) async fn take_lines(&mut self, mut lines: UnboundedReceiver<String>) {
        while let Some(line) = lines.recv().await {
            self.line(&line);
            if lines.is_empty() {
                self.flush();
            }
        }
    }

    /// Takes what the native engine tells until it is done.
    pub(super) async fn take_events(&mut self, mut events: UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            match event {
                Event::Console { level, text } => self.entry(&format!("{level:?}"), &text, " source=console"),
                Event::Trouble { level, text } => self.entry(&format!("{level:?}"), &text, ""),
                Event::Warning(text) => {
                    tracing::warn!("{text}");
                    self.entry("warning", &text, "");
                }
                _ => {}
            }
            if events.is_empty() {
                self.flush();
            }
        }
    }

    /// A line as k6 writes it to a file.
    fn entry(&mut self, level: &str, text: &str, source: &str) {
        if self.file.is_none() && !self.debug {
            return;
        }
        let time = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let level = match level.to_ascii_lowercase().as_str() {
            "warn" => "warning".to_owned(),
            "log" => "info".to_owned(),
            level => level.to_owned(),
        };
        self.line(&format!(
            "time=\"{time}\" level={level} msg={}{source}",
            quoted(text)
        ));
    }
}

/// Quoted when it has other characters than names and numbers do.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/@^+".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_lines_as_k6_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("load.log");
        let mut log = Log::open(Some(&path), false).unwrap();
        log.entry("Warn", "two words", " source=console");
        log.entry("info", "one", "");
        log.text("\n  checks: 1\n");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.split_once("Z\" ").map_or(line, |(_, rest)| rest))
            .collect();
        assert_eq!(
            lines,
            [
                "level=warning msg=\"two words\" source=console",
                "level=info msg=one",
                "",
                "  checks: 1"
            ]
        );
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_first() {
        let error = Log::open(Some(Path::new("/nowhere/at/all.log")), false)
            .err()
            .unwrap();
        assert!(error.to_string().contains("/nowhere/at/all.log"), "{error}");
    }
}
