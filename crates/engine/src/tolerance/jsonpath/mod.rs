//! The JSON path dialect of `type: jsonpath` tolerances, which is that of the Python library `jsonpath2`.
//!
//! A path starts at `$`. Steps are `.name`, `.*`, `[…]` with one or several selectors, and either after `..`
//! to look at every level below. A selector is a `"name"`, an index, a slice, `*`, a filter `?(…)`, a path
//! whose result is the name or the index, or a function call. Three things differ from most other dialects:
//!
//! - a filter judges the node before it, not the items of that node: `$.items[*][?(@.id = 1)]`;
//! - comparison is `=`, and `or` binds tighter than `and`;
//! - texts stand in double quotes, and a backslash in them is kept as it is written.
//!
//! Not imitated: where two paths are compared, `jsonpath2` looks at the first value of the left one only.

mod eval;
mod function;
mod parse;
mod slice;
mod token;

#[cfg(test)]
mod against_jsonpath2;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::value::Value;
use function::Function;
use slice::Slice;

pub use parse::parse;

/// A path that parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Path(Query);

impl Path {
    /// The values that the path finds in `document`, in the order of the document; the same value may come
    /// twice. Whatever does not fit (an index into a mapping, `length()` of a number, …) finds nothing.
    pub fn select<'v>(&self, document: &'v Value) -> Vec<Cow<'v, Value>> {
        eval::query(&self.0, document, Cow::Borrowed(document))
    }
}

/// A path that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {position}: {problem}")]
pub struct PathError {
    /// Of the first character that does not fit; the first of the path is 1.
    pub position: usize,
    /// What is wrong there and what would be right.
    pub problem: String,
}

/// A path inside a path: from the root or from the value under the filter.
#[derive(Clone, Debug, PartialEq)]
struct Query {
    from_root: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    /// True after `..`: the selectors are tried on the value and on everything below it.
    descend: bool,
    selectors: Vec<Selector>,
}

#[derive(Clone, Debug, PartialEq)]
enum Selector {
    Name(String),
    Index(i64),
    Slice(Slice),
    All,
    Filter(Condition),
    Computed(Query),
    Call(Function, Vec<Operand>),
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Query(Query),
    Literal(Value),
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparison, Operand),
    Holds(Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
}
