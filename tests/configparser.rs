//! Our reader of INI files beside Python's configparser: the same files accepted, the same values.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use chaos_starter_pack::conf::ini::{DEFAULT, IniFile};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// By section, then by key: the value, or none where it cannot be interpolated. None for a refused file.
type Reading = Option<BTreeMap<String, BTreeMap<String, Option<String>>>>;

const GENERATED: usize = 600;

#[test]
fn configparser_reads_every_generated_file_alike() {
    let texts = texts();
    let Some(expected) = configparser(&texts) else {
        eprintln!("SKIPPED: no python3 on PATH to compare with configparser");
        return;
    };
    let differing = texts
        .iter()
        .zip(&expected)
        .filter(|(text, expected)| ours(text) != **expected);
    let shown: Vec<String> = differing
        .take(3)
        .map(|(text, expected)| {
            format!(
                "{text:?}\n  configparser {expected:?}\n  ours         {:?}",
                ours(text)
            )
        })
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    let accepted = expected.iter().flatten().count();
    let interpolated = expected
        .iter()
        .flatten()
        .flat_map(BTreeMap::values)
        .flat_map(BTreeMap::values);
    let refused = interpolated.filter(|value| value.is_none()).count();
    // Otherwise the comparison would say little.
    assert!(
        accepted > 200 && expected.len() - accepted > 100 && refused > 50,
        "{accepted} {refused}"
    );
}

fn ours(text: &str) -> Reading {
    let file = IniFile::parse(Path::new("x.conf"), text).ok()?;
    let names = file.sections().into_iter().chain([DEFAULT]);
    let values = names.map(|name| {
        let section = file.section(name).unwrap();
        let keys = section.keys().into_iter();
        let entries = keys.map(|key| (key.to_owned(), section.get(key).ok().map(Option::unwrap)));
        (name.to_owned(), entries.collect())
    });
    Some(values.collect())
}

/// What configparser makes of the texts; none where there is no Python.
fn configparser(texts: &[String]) -> Option<Vec<Reading>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/configparser_oracle.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let input = serde_json::to_vec(texts).unwrap();
    python.stdin.take().unwrap().write_all(&input).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "configparser_oracle.py failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Hand-written corners first, then files that are mostly right, then lines thrown together.
fn texts() -> Vec<String> {
    let corners = CORNERS.iter().map(|text| (*text).to_owned());
    corners
        .chain(generated(plausible(), GENERATED / 2))
        .chain(generated(wild(), GENERATED / 2))
        .collect()
}

fn generated(strategy: impl Strategy<Value = String>, count: usize) -> Vec<String> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Sections with distinct names, distinct keys, several lines to a value; references to keys that often exist.
fn plausible() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec![
        "",
        "1",
        "a b",
        "%(k0)s",
        "x%(K1)sy",
        "%(k2)s%(k3)s",
        "100%%",
        "5%",
        "%(gone)s",
        "= :",
        "[no]",
        "é ü",
        "'q'",
    ]);
    let more = prop::sample::select(vec![
        "    more",
        "\tk9 = 1",
        "  # comment",
        "; comment",
        "",
        "   ",
        "     [x]",
        "    %(k1)s",
    ]);
    let value = (text, prop::collection::vec(more, 0..3));
    let separator = prop::sample::select(vec![" = ", "=", ": ", " :"]);
    let option = (separator, value).prop_map(|(separator, (first, more))| (separator, first, more));
    let options = prop::collection::vec(option, 0..5);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (prop::collection::vec(options, 1..4), end).prop_map(|(sections, end)| {
        let mut lines = Vec::new();
        for (number, options) in sections.into_iter().enumerate() {
            lines.push(if number == 0 {
                "[DEFAULT]".to_owned()
            } else {
                format!("[s{number}]")
            });
            for (index, (separator, first, more)) in options.into_iter().enumerate() {
                lines.push(format!(
                    "{}{index}{separator}{first}",
                    if index % 2 == 0 { "k" } else { "K" }
                ));
                lines.extend(more.into_iter().map(str::to_owned));
            }
        }
        lines.join(end)
    })
}

/// Few lines out of a small set, so that duplicates and odd indentations are common.
fn wild() -> impl Strategy<Value = String> {
    let indent = prop::sample::select(vec!["", "", "", " ", "  ", "\t", "    ", "\u{a0}", "\u{1c}"]);
    let content = prop::sample::select(vec![
        "[a]",
        "[b]",
        "[DEFAULT]",
        "[a] tail",
        "[]",
        "[a]b]",
        "[ a ]",
        "[a",
        "k = 1",
        "K: 2",
        "j=%(k)s",
        "i = %(j)s%(i)s",
        "l =",
        "= 3",
        "word",
        "# c",
        ";c",
        "",
        "m = a # b",
        "n = a ; b",
        "o : p = q",
        "r = %%(k)s",
        "s = %(k)",
        "t = %",
        "u = %(K)sx",
        "\u{2003}v\u{2003}=\u{2003}w\u{2003}",
        "İ = 1",
        "x y = z",
        "\"q\" = 'r'",
        "\\ = \\n",
    ]);
    let line = (indent, content).prop_map(|(indent, content)| format!("{indent}{content}"));
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r", "\n\n"]);
    let start = prop::sample::select(vec![
        "[a]\n",
        "[DEFAULT]\nk = d\n",
        "\u{feff}[a]\n",
        "  [a]\n",
        "",
    ]);
    (start, prop::collection::vec((line, end), 0..7)).prop_map(|(start, lines)| {
        let lines: String = lines.into_iter().map(|(line, end)| line + end).collect();
        format!("{start}{lines}")
    })
}

const CORNERS: &[&str] = &[
    "",
    "\n\n# only a comment\n",
    "\u{feff}[s]\na=1",
    "[DEFAULT]\na=1\n[DEFAULT]\nb=2",
    "[DEFAULT]\na=1\n[DEFAULT]\na=2",
    "[default]\na=1\n[s]\nb=%(a)s",
    "[s]\na=1\n[s]\n",
    "[s]\nKEY=1\nkey=2",
    "[DEFAULT]\nkey=1\n[s]\nKEY=2\n[t]\nx=%(Key)s",
    "[s]\na = 1\n  # inside\n  2\n\n\n  3\n\n[t]",
    "[s]\na =\n  1\n 2\n   3\nb = 4",
    "[s]\n  a = 1\n  b = 2\n c = 3\n   d",
    "[s]\n\n  first = indented\n",
    "[s] ; comment\na=1",
    "[s]\na==1\nb=:2\nc:=3",
    "[s]\na\u{85}=\u{85}1\u{85}",
    "[s]\na=1\u{2028}b=2\u{b}c=3\u{c}",
    "[s]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=1",
    "[s]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=%(k)s\nk=1",
    "[s]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=%(k)s\nk=%%",
    "[s]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=%(k)s\nk=%(l)s\nl=1",
    "[s]\na=%(b\n c)s\nb\n",
    "[s]\na=%(b\n  c)s",
    "[s]\na=%(b)d",
    "[s]\na=%",
    "[s]\na=%%%",
    "[s]\n[t]\n    x = 1\n  y = 2\n",
    "[\u{a0}]\nx=1",
    "[s]\nΣΑΣ=1\nx=%(σας)s",
];
