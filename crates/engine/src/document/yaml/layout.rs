//! YAML 1.1 lets the lines inside brackets and quotes start anywhere; the parser, which is for YAML 1.2, wants them
//! indented. Blanks at the start of such a line mean nothing, so they are added where the parser misses them:
//!
//! ```yaml
//! arguments: [
//!   "--all"
//! ]
//! ```

use std::collections::BTreeSet;

use saphyr_parser::{Marker, ScanError};

use super::{Place, YamlError};

/// Each line that is indented means another reading; beyond so many bytes read, the complaint stands.
const MAX_READ: usize = 64 << 20;

/// A document and the lines of it that were indented for the parser.
pub struct Layout<'a> {
    lines: Vec<&'a str>,
    indented: BTreeSet<usize>,
    indent: String,
    /// Bytes that may still be read.
    budget: usize,
}

impl<'a> Layout<'a> {
    pub fn new(text: &'a str) -> Self {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        // deeper than any line, and than keys can be; they have at most 1024 characters
        let longest = lines.iter().map(|line| line.len()).max().unwrap_or(0);
        Self {
            indent: " ".repeat(longest.min(1024)),
            indented: BTreeSet::new(),
            budget: MAX_READ,
            lines,
        }
    }

    /// The document with the lines indented so far.
    pub fn text(&self) -> String {
        let line = |(index, line): (usize, &&'a str)| match self.indented.contains(&(index + 1)) {
            true => format!("{}{line}", self.indent),
            false => (*line).to_owned(),
        };
        self.lines.iter().enumerate().map(line).collect()
    }

    /// Indents the line that the parser complains of; false when the complaint is another.
    pub fn adapt(&mut self, error: &ScanError) -> bool {
        let at = error.marker().line();
        self.budget = self.budget.saturating_sub(error.marker().index());
        let line = match error.info() {
            "invalid indentation" | "invalid indentation in flow construct" => Some(at),
            // here the parser tells where the text starts, not which of its lines it means
            "invalid indentation in quoted scalar" => self.next_line(at + 1),
            _ => None,
        };
        line.is_some_and(|line| self.budget > 0 && !self.is_marker(line) && self.indented.insert(line))
    }

    fn next_line(&self, from: usize) -> Option<usize> {
        (from..=self.lines.len())
            .find(|line| !self.indented.contains(line) && !self.line(*line).trim().is_empty())
    }

    fn is_marker(&self, line: usize) -> bool {
        ["---", "..."]
            .iter()
            .any(|marker| self.line(line).starts_with(marker))
    }

    fn line(&self, number: usize) -> &'a str {
        number
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))
            .unwrap_or(&"")
    }

    /// The place in the document as it was written.
    pub fn place(&self, marker: Marker) -> Place {
        let added = match self.indented.contains(&marker.line()) {
            true => self.indent.len(),
            false => 0,
        };
        Place {
            line: marker.line(),
            column: marker.col().saturating_sub(added) + 1,
        }
    }

    pub fn error(&self, error: &ScanError) -> YamlError {
        YamlError::at(self.place(*error.marker()), error.info())
    }
}
