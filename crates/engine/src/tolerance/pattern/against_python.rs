//! The same patterns and texts given to CPython's `re`: both must refuse the same patterns and find the same.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{Pattern, SearchError};
use crate::tolerance::peer;
use crate::value::{Value, json};

/// For the versions whose grammar is that of 3.11. Answers `null` for a pattern that Python refuses, else whether it is found; `bug` when it owns to one, as 3.11
/// does for some possessive repetitions of groups.
const PROGRAM: &str = r"
import json, re, sys
if not (3, 11) <= sys.version_info < (3, 14):
    print('null')
    sys.exit()
def ask(pattern, text):
    try:
        return re.search(pattern, text) is not None
    except (re.error, OverflowError, ValueError, RecursionError):
        return None
    except SystemError:
        return 'bug'
json.dump([ask(p, t) for p, t in json.load(sys.stdin)], sys.stdout)
";

const PATTERNS: &str = include_str!("../testdata/patterns.txt");

const TEXTS: [&str; 30] = [
    "",
    "a",
    "b",
    "ab",
    "aab",
    "abc",
    "ABC",
    "a\n",
    "a\nb",
    "\n",
    "abcabc",
    "{1}",
    "a{,2}",
    "[a]",
    "]",
    "-",
    "^$",
    "\\",
    "a1b22",
    "é",
    "É",
    "_",
    "a b",
    "ſK",
    "iİıI",
    "x\u{301}",
    "\u{1c}",
    "٣",
    "foo-bar",
    "\u{8}\u{7}",
];

fn ours(pattern: &str, text: &str) -> Option<Result<bool, SearchError>> {
    Pattern::parse(pattern).ok().map(|pattern| pattern.found_in(text))
}

fn compare(cases: &[(String, String)]) {
    let question = cases
        .iter()
        .map(|(pattern, text)| Value::from(vec![pattern.as_str(), text.as_str()]))
        .collect();
    let Some(Value::List(answers)) = peer::ask(PROGRAM, &Value::List(question)) else {
        return;
    };
    let mut wrong = Vec::new();
    for ((pattern, text), theirs) in cases.iter().zip(&answers) {
        let ours = ours(pattern, text);
        let same = match &ours {
            // an answer that is refused for its cost is no wrong answer
            Some(Err(SearchError::TooManyAttempts)) => true,
            _ if theirs.as_str() == Some("bug") => true,
            Some(Ok(found)) => *theirs == Value::Bool(*found),
            Some(Err(SearchError::TooComplex)) => false,
            None => theirs.is_null(),
        };
        if !same {
            wrong.push(format!(
                "{pattern:?} in {text:?}: Python {}, here {ours:?}",
                json::compact(theirs)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_table_of_patterns_is_taken_as_python_takes_it() {
    let all = PATTERNS.lines().map(|line| line.replace("<newline>", "\n"));
    let cases: Vec<_> = all
        .flat_map(|pattern| TEXTS.map(|text| (pattern.clone(), text.to_owned())))
        .collect();
    compare(&cases);
}

/// Pieces of patterns, put together without regard to the grammar.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b", "c", "A", "1", " ", "\n", "-", "é", ".", "^", "$", "*", "+", "?", "|", "(", ")", "(?:",
        "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i)", "(?i:", "(?-i:", "(?s:", "(?m)", "(?x)", "(?a:",
        "(?P<n>", "(?P=n)", "(?(1)", "(?(n)", "(?#", "[", "]", "[^", "[a-c", "\\d", "\\D", "\\w", "\\W",
        "\\s", "\\b", "\\B", "\\A", "\\Z", "\\1", "\\2", "\\n", "\\x61", "\\141", "\\.", "\\[", "{", "}",
        "{2}", "{1,}", "{,2}", "{0}", ",", "#", "&&", "K", "i",
    ]);
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// Patterns that are mostly valid. Without `(?a:…)`, which Python 3.11 forgets where it looks for the first character
/// of a match, and without conditions on groups that are still open.
fn trees() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "b",
        "ab",
        ".",
        "[ab]",
        "[^a]",
        "\\w",
        "\\W",
        "\\d",
        "\\s",
        "\\b",
        "\\B",
        "^",
        "$",
        "\\Z",
        "(a)",
        "(b)?",
        "[a\\W]",
        "[^b\\d]",
        "",
        "\\n",
        "(?P<n>a|b)",
        "\\1",
        "é",
        "i",
        "_",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            (
                inner.clone(),
                prop::sample::select(vec![
                    "*", "+", "?", "*?", "+?", "??", "*+", "{2}", "{1,2}", "{,2}?", "{0}"
                ])
            )
                .prop_map(|(inner, times)| format!("(?:{inner}){times}")),
            (
                inner.clone(),
                prop::sample::select(vec![
                    "(", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?s:", "(?m:"
                ])
            )
                .prop_map(|(inner, open)| format!("{open}{inner})")),
            (inner.clone(), inner).prop_map(|(yes, no)| format!("(?P<c>a)?(?(c){yes}|{no})")),
        ]
    })
}

fn generated(patterns: impl Strategy<Value = String>, count: usize) {
    let mut runner = TestRunner::deterministic();
    let text = prop::collection::vec(
        prop::sample::select("aabbcAB1_ \n-éiİ".chars().collect::<Vec<_>>()),
        0..7,
    )
    .prop_map(String::from_iter);
    let strategy = (patterns, text);
    let cases: Vec<_> = (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    compare(&cases);
}

#[test]
fn generated_texts_as_patterns_are_taken_as_python_takes_them() {
    generated(pieces(), 2000);
}

#[test]
fn generated_patterns_are_taken_as_python_takes_them() {
    generated(trees(), 2000);
}
