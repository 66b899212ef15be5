//! YAML 1.1 with the safe tags, read as PyYAML's `safe_load` reads it: that is what experiments were written for.
//!
//! A document goes through three steps: [`compose`] turns parser events into a tree of nodes with aliases still
//! shared, [`resolve`] says what an untagged scalar is, and [`construct`] builds the value. Where PyYAML has a type
//! that a [`Value`] does not (`!!set`, `!!omap`, `!!pairs`), the value is the list that JSON would hold.

mod compose;
mod construct;
mod layout;
mod resolve;
mod scalar;

#[cfg(test)]
mod tests;

use crate::value::Value;

/// YAML that does not parse, or that holds something an experiment cannot.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct YamlError {
    /// First line is 1.
    pub line: usize,
    /// First column is 1.
    pub column: usize,
    /// What was wrong there.
    pub message: String,
}

impl YamlError {
    fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            line: place.line,
            column: place.column,
            message: message.into(),
        }
    }
}

/// Where a node starts; both count from 1.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: usize,
    column: usize,
}

/// Reads one document; an empty one is `null`. A byte order mark at the start is ignored.
///
/// # Errors
/// With the line and column of what is not YAML, of a tag that is not safe, of a value that does not fit its tag,
/// of a second document, of a structure that contains itself, or when aliases expand without measure.
pub fn parse(text: &str) -> Result<Value, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    only_printable(text)?;
    let tree = compose::compose(without_blank_end(text))?;
    construct::construct(&tree)
}

/// Without blanks alone on a last line that has no line break: the parser takes such a line for one of a text above.
fn without_blank_end(text: &str) -> &str {
    let trimmed = text.trim_end_matches(' ');
    if trimmed.ends_with('\n') { trimmed } else { text }
}

/// YAML excludes most control characters, even in quoted text, where they are to be escaped.
fn only_printable(text: &str) -> Result<(), YamlError> {
    let Some((index, bad)) = text.char_indices().find(|(_, c)| !printable(*c)) else {
        return Ok(());
    };
    let before = &text[..index];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let place = Place {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    };
    let message = format!(
        "the character U+{:04X} cannot stand in YAML; write it as \"\\u{:04x}\" in double quotes",
        bad as u32, bad as u32
    );
    Err(YamlError::at(place, message))
}

fn printable(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => c >= ' ' && !('\u{7f}'..'\u{a0}').contains(&c),
    }
}
