//! What is told of a zone's failure while it goes on.

use std::cell::RefCell;

/// Writes to the program's log, and keeps the lines for whoever asked for them (`capture_output`).
#[derive(Debug, Default)]
pub struct Log(RefCell<Vec<String>>);

impl Log {
    pub(super) fn say(&self, line: impl Into<String>) {
        let line = line.into();
        tracing::info!("{line}");
        self.0.borrow_mut().push(line);
    }

    pub(super) fn warn(&self, line: impl Into<String>) {
        let line = line.into();
        tracing::warn!("{line}");
        self.0.borrow_mut().push(line);
    }

    pub(super) fn error(&self, line: impl Into<String>) {
        let line = line.into();
        tracing::error!("{line}");
        self.0.borrow_mut().push(line);
    }

    /// All lines so far, each with its line end.
    pub fn text(&self) -> String {
        let lines = self.0.borrow();
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}
