//! The same paths and documents given to the Python library `jsonpath2`.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::parse;
use crate::tolerance::peer;
use crate::value::{Value, json};

/// Answers `null` for a path that it refuses, else a list of what it finds; `bug` when it breaks down then (a
/// step of 0). The paths may be nested deeper than the recursion that Python allows for.
const PROGRAM: &str = r"
import json, sys
try:
    from jsonpath2.path import Path
except ImportError:
    print('null')
    sys.exit()
def ask(path, document):
    try:
        parsed = Path.parse_str(path)
    except ValueError:
        return None
    try:
        return [match.current_value for match in parsed.match(document)]
    except ValueError:
        return 'bug'
json.dump([ask(p, d) for p, d in json.load(sys.stdin)], sys.stdout)
";

const PATHS: &str = include_str!("../testdata/paths.txt");

const DOCUMENTS: [&str; 6] = [
    r#"{"a": {"b": {"c": 1}, "k": [1, 2], "x": null}, "key": "b", "want": 1, "yes": true, "half": 0.5, "text": "héllo",
        "list": [{"n": 1, "s": "x", "t": true}, {"n": 2, "s": "y", "z": null}, {"n": "1", "l": [1, 2], "m": {"k": 1}}, 7, [5]],
        "big": [123456789012345678901234567890, 1], "none": null, "1": "one", "": 0, "é": "e", "a\\\"b": 2}"#,
    r#"[{"a": [3, 1, 2], "n": 1}, [[1], [2, [3]]], "text", 1.5, -1, null, true]"#,
    r#"{"list": [0, 1, 2, 3, 4], "a": [], "k": {"k": {"k": 1}}, "length": 3, "and": 1, "nothing": 2, "android": 3}"#,
    r#""text""#,
    "null",
    "[]",
];

fn compare(cases: &[(String, Value)]) {
    let question = cases
        .iter()
        .map(|(path, document)| Value::List(vec![path.as_str().into(), document.clone()]))
        .collect();
    let Some(Value::List(answers)) = peer::ask(PROGRAM, &Value::List(question)) else {
        return;
    };
    let mut wrong = Vec::new();
    for ((path, document), theirs) in cases.iter().zip(&answers) {
        let ours = match parse(path) {
            Ok(path) => Value::List(
                path.select(document)
                    .into_iter()
                    .map(|v| v.into_owned())
                    .collect(),
            ),
            Err(_) => Value::Null,
        };
        let same = match theirs {
            Value::Text(_) => !ours.is_null(),
            theirs => json::compact(&ours) == json::compact(theirs),
        };
        if !same {
            let (ours, theirs) = (json::compact(&ours), json::compact(theirs));
            wrong.push(format!("{path:?}: jsonpath2 {theirs}, here {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn documents() -> Vec<Value> {
    DOCUMENTS.iter().map(|text| json::parse(text).unwrap()).collect()
}

#[test]
fn a_table_of_paths_finds_what_jsonpath2_finds() {
    let documents = documents();
    let cases: Vec<_> = PATHS
        .lines()
        .flat_map(|path| {
            documents
                .iter()
                .map(|document| (path.to_owned(), document.clone()))
        })
        .collect();
    compare(&cases);
}

/// Pieces of paths, put together without regard to the grammar.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        ".",
        "..",
        "a",
        "list",
        "n",
        "k",
        "*",
        "[",
        "]",
        "[*]",
        "[0]",
        "[-1]",
        "[1:]",
        "[\"a\"]",
        ":",
        ",",
        "?(",
        ")",
        "(",
        "@",
        "$",
        "@.n",
        "=",
        "!=",
        "<",
        ">=",
        "1",
        "-1",
        "1.5",
        "\"x\"",
        "null",
        "true",
        " and ",
        " or ",
        "not ",
        ".length()",
        ".keys()",
        "{",
        "}",
        " ",
        "[?(@.n)]",
        "[?(@ = 1)]",
    ]);
    prop::collection::vec(piece, 0..7).prop_map(|pieces| format!("${}", pieces.concat()))
}

/// Paths that are mostly valid. Two paths are compared only where the left one finds one value at most: `jsonpath2`
/// forgets what the right one finds after the first value of the left one.
fn trees() -> impl Strategy<Value = String> {
    let step = prop::sample::select(vec![
        ".a",
        ".list",
        ".n",
        ".k",
        ".*",
        "..n",
        "..*",
        "..[0]",
        "[*]",
        "[0]",
        "[-1]",
        "[1:]",
        "[::2]",
        "[3:0:-1]",
        "[-2:]",
        "[\"list\"]",
        "[0,2]",
        "[:2,*]",
        ".length()",
        ".keys()",
        ".values()",
        ".entries()",
        ".charAt(1)",
        "[$.want]",
    ])
    .prop_map(str::to_owned);
    let literal = prop::sample::select(vec![
        "1", "2", "0", "1.0", "\"x\"", "null", "true", "[1,2]", "{}", "\"\"", "-1",
    ]);
    let compared = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    step.prop_recursive(3, 12, 3, move |inner| {
        let path = prop::collection::vec(inner, 0..3).prop_map(|steps| steps.concat());
        let single = prop::sample::select(vec!["", ".n", ".k", "[0]", "[-1]", ".a.b"]);
        let test = prop_oneof![
            path.clone().prop_map(|path| format!("@{path}")),
            (path.clone(), compared.clone(), literal.clone()).prop_map(|(p, c, l)| format!("@{p} {c} {l}")),
            (single, compared.clone(), path.clone()).prop_map(|(p, c, q)| format!("@{p} {c} ${q}")),
            literal.clone().prop_map(str::to_owned),
        ];
        let tests = (
            prop::collection::vec(test, 3),
            prop::sample::select(vec![
                "A",
                "not A",
                "A and B",
                "A or B",
                "A and B or C",
                "A or B and C",
                "not (A and B)",
            ]),
        )
            .prop_map(|(tests, form)| {
                form.replace('A', &tests[0])
                    .replace('B', &tests[1])
                    .replace('C', &tests[2])
            });
        prop_oneof![
            tests.prop_map(|test| format!("[?({test})]")),
            path.clone().prop_map(|path| format!("[@{path}]")),
            path.prop_map(|path| path.to_string()),
        ]
    })
}

fn generated(paths: impl Strategy<Value = String>, count: usize) {
    let mut runner = TestRunner::deterministic();
    let strategy = (paths, prop::sample::select(documents()));
    let cases: Vec<_> = (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    compare(&cases);
}

#[test]
fn generated_texts_as_paths_are_taken_as_jsonpath2_takes_them() {
    generated(pieces(), 500);
}

#[test]
fn generated_paths_find_what_jsonpath2_finds() {
    generated(
        prop::collection::vec(trees(), 1..4).prop_map(|steps| format!("${}", steps.concat())),
        500,
    );
}
