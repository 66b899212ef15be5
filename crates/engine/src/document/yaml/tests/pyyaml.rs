//! The same documents read by PyYAML, where a Python that has it is found.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::*;
use crate::value::python;

/// Reads a JSON list of texts, writes one line for each: the value as `repr`, or `error`.
const READER: &str = r#"
import sys, json, yaml

def key(k):
    if isinstance(k, str):
        return k
    if hasattr(k, "isoformat"):
        return k.isoformat()
    return repr(k) if isinstance(k, bytes) else json.dumps(k)

def plain(v):
    if isinstance(v, dict):
        return {key(k): plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, set):
        return sorted((plain(x) for x in v), key=repr)
    return v

for text in json.load(sys.stdin):
    try:
        print(repr(plain(yaml.safe_load(text))).encode("unicode_escape").decode())
    except Exception:
        print("error")
"#;

fn python_with_yaml() -> Option<String> {
    let named = std::env::var("CHAOS_TEST_PYTHON").ok();
    named.into_iter().chain(["python3".to_owned()]).find(|python| {
        let probe = Command::new(python)
            .args(["-c", "import yaml"])
            .stderr(Stdio::null())
            .status();
        probe.is_ok_and(|status| status.success())
    })
}

fn pyyaml(python: &str, texts: &[String]) -> Vec<String> {
    let list = Value::from(texts.to_vec());
    let mut child = Command::new(python)
        .args(["-c", READER])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(json::compact(&list).as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn ours(text: &str) -> String {
    match parse(text) {
        Ok(value) => python::repr(&value),
        Err(_) => "error".to_owned(),
    }
}

/// Undoes Python's `unicode_escape` for what a `repr` of our documents holds.
fn unescaped(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let width = match (c, rest.clone().next()) {
            ('\\', Some('\\')) => 0,
            ('\\', Some('x')) => 2,
            ('\\', Some('u')) => 4,
            ('\\', Some('U')) => 8,
            _ => {
                out.push(c);
                continue;
            }
        };
        let kind = rest.next().unwrap();
        let code: String = rest.by_ref().take(width).collect();
        let escaped = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        out.push(escaped.unwrap_or(kind));
    }
    out
}

/// Every scalar, in every place where scalars differ, and structures.
///
/// Not compared is what PyYAML refuses, or reads as nobody means it, and we take as YAML 1.2 does: tabs between
/// tokens, and `?`, `:`, `|` and `>` at the start of a text inside brackets.
fn documents() -> Vec<String> {
    let scalars = [
        "yes",
        "Yes",
        "YES",
        "yEs",
        "no",
        "y",
        "n",
        "N",
        "on",
        "Off",
        "oFF",
        "true",
        "TRUE",
        "tRue",
        "null",
        "Null",
        "NULL",
        "nUll",
        "~",
        "None",
        "0",
        "00",
        "-0",
        "+0",
        "010",
        "-010",
        "08",
        "0o17",
        "0x1F",
        "0xG",
        "-0x_f",
        "0b11",
        "0b",
        "0b_",
        "0b2",
        "1_000",
        "_1",
        "1_",
        "+1",
        "1:30",
        "-1:30",
        "1:60",
        "0:30",
        "01:30",
        "1:2:3:4",
        "1:30.5",
        "0:30.5",
        "-1:1.",
        "1:30.5e+1",
        "1.",
        "1.5",
        "-1.5",
        ".5",
        "-.5",
        "+.5",
        "._5",
        ".",
        "..",
        "1..2",
        "1.5e3",
        "1.5e+3",
        "1.5E-3",
        "1e3",
        "1e+3",
        "1_0.0_1",
        "1._",
        ".inf",
        "-.INF",
        "+.Inf",
        ".iNF",
        ".nan",
        "-.nan",
        ".NaN",
        "nan",
        "inf",
        "2024-02-29",
        "2023-02-29",
        "2024-2-9",
        "2024-02-29 10:11:12",
        "2024-2-9 1:02:03",
        "2024-02-29T10:11:12",
        "2024-02-29t10:11:12.5",
        "2024-02-29T10:11:12.1234567Z",
        "2024-02-29T10:11:12 Z",
        "2024-02-29T10:11:12+02:00",
        "2024-02-29T10:11:12-2",
        "2024-02-29 10:11:12 -02:30",
        "2024-02-29T10:11:12+24:00",
        "2024-02-29T24:00:00",
        "2024-02-29T10:11",
        "2024-02-29T10:11:12.",
        "0000-01-01",
        "9999-12-31",
        "<<",
        "=",
        "123456789012345678901234567890",
        "-9223372036854775809",
        "a b",
        "a#b",
        "a #b",
        "a:b",
        "é",
        "日本",
        "'q'",
        "\"d\\n\\x41\\u00e9\"",
        "'it''s'",
        "\"\\/\"",
        "\"\\'\"",
        "@x",
        "`x",
        "%x",
        "!x",
        "*x",
        "- x",
        "-x",
        "{a}",
        "[a]",
        "[a, b: c]",
        "{a: 1, b}",
        "{a:1}",
        "{\"a\":1}",
        "[a,]",
        "[,]",
        "{a: 1,}",
        "'a\n  b'",
        "a\n  b",
        "\"a\\\n  b\"",
    ];
    let tags = [
        "!!str",
        "!!int",
        "!!float",
        "!!bool",
        "!!null",
        "!!binary",
        "!!timestamp",
        "!",
        "!!set",
        "!!seq",
    ];
    let mut all: Vec<String> = Vec::new();
    for scalar in scalars {
        all.push(scalar.to_owned());
        all.push(format!("k: {scalar}"));
        all.push(format!("- {scalar}\n- z"));
        all.push(format!("[{scalar}]"));
        all.push(format!("{{k: {scalar}, l: 1}}"));
        all.push(format!("{scalar}: v"));
        if !scalar.contains('\n') {
            all.push(format!("{{{scalar}: v}}"));
        }
        all.extend(tags.map(|tag| format!("{tag} {scalar}")));
        all.extend(tags.map(|tag| format!("{tag} '{scalar}'")));
    }
    all.extend(structures().map(str::to_owned));
    all
}

fn structures() -> impl Iterator<Item = &'static str> {
    include_str!("structures.txt").split("\n=====\n")
}

#[test]
fn documents_are_read_as_pyyaml_reads_them() {
    let Some(python) = python_with_yaml() else {
        eprintln!("not compared with PyYAML: no Python with it on PATH nor in CHAOS_TEST_PYTHON");
        return;
    };
    let documents = documents();
    let theirs = pyyaml(&python, &documents);
    assert_eq!(documents.len(), theirs.len());
    let differences: Vec<String> = documents
        .iter()
        .zip(&theirs)
        .map(|(text, theirs)| (text, unescaped(theirs), ours(text)))
        .filter(|(_, theirs, ours)| theirs != ours)
        .map(|(text, theirs, ours)| format!("{text:?}\n  PyYAML: {theirs}\n  ours:   {ours}"))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        documents.len(),
        differences.join("\n")
    );
}
