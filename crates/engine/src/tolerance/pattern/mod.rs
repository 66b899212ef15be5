//! Python's regular expressions: the experiment format defines `type: regex` by `re.search`.
//!
//! A pattern is read with Python's grammar (3.11), so that it is refused where Python refuses it, and then
//! written anew for `fancy-regex`, whose own grammar is never exposed: what Python spells otherwise (`\Z`,
//! `$` before a final newline, `\d`, `{,n}`, `[[]`, …) is translated, not passed on.
//!
//! Not as in Python 3.11: characters by name (`\N{…}`) and the flag `t` are refused, and so are groups nested more
//! than 60 deep; what compiles to very much, or repeats alternatives in alternatives 30 deep, is an error of the
//! search; a condition `(?(1)…)` inside group 1 itself takes the group for found; letters and digits are those of
//! the newer Unicode here.

mod ast;
mod class;
mod emit;
mod escape;
mod group;
mod parse;
mod token;
mod width;

#[cfg(test)]
mod against_python;
#[cfg(test)]
mod tests;

use fancy_regex::{Error, RegexBuilder, RuntimeError};

use ast::Node;

/// How often a search may go back and try something else before it is given up: about a second of work. A text
/// so long that trying every place in it takes more gets more.
const MOST_BACKTRACKS: usize = 5_000_000;

/// Bytes that one compiled part of a pattern may take.
const LARGEST: usize = 64 << 20;

/// A pattern that Python would compile.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Node);

/// A pattern that Python would not compile, or that is out of the reach of this implementation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {position}: {problem}")]
pub struct PatternError {
    /// Of the character where the trouble starts; the first of the pattern is 1.
    pub position: usize,
    /// What is wrong there and what would be right.
    pub problem: String,
}

/// Why a search has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The pattern is valid but cannot be compiled here.
    #[error("the pattern is too large or nests too deeply; shorten its repetitions or split it")]
    TooComplex,
    /// The pattern backtracks without end on this text.
    #[error(
        "the pattern needs too many attempts on this text; avoid repetitions inside repetitions, such as (a+)+"
    )]
    TooManyAttempts,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Where Python's `re.compile` raises.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        parse::parse(pattern).map(Self)
    }

    /// True when `re.search(pattern, text)` finds something.
    ///
    /// # Errors
    /// When the pattern cannot be compiled or the search takes too many attempts.
    pub fn found_in(&self, text: &str) -> Result<bool, SearchError> {
        // what is known of the text makes for smaller and faster automata
        let target = emit::Target {
            ascii: text.is_ascii(),
            length: text.len(),
        };
        let regex = RegexBuilder::new(&emit::emit(&self.0, target))
            .backtrack_limit(MOST_BACKTRACKS.max(text.len().saturating_mul(16)))
            .delegate_size_limit(LARGEST)
            .build()
            .map_err(|_| SearchError::TooComplex)?;
        regex.is_match(text).map_err(|error| match error {
            Error::RuntimeError(RuntimeError::BacktrackLimitExceeded | RuntimeError::StackOverflow) => {
                SearchError::TooManyAttempts
            }
            _ => SearchError::TooComplex,
        })
    }
}
