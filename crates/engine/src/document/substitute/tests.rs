use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::value::{json, map};

fn scope() -> Scope {
    let configuration = r#"{"n": 5, "t": "text", "f": 2.0, "b": true, "z": null, "l": [1, "two", null],
        "m": {"k": true}, "_u1": "under", "ref": "${n}", "shared": "configuration", "Case": "upper", "empty": ""}"#;
    let secrets = r#"{"g1": {"token": "hush", "shared": "secret"}, "g2": {"token": "later", "port": 80}}"#;
    let map_of = |text: &str| match json::parse(text) {
        Ok(Value::Map(map)) => map,
        other => panic!("{other:?}"),
    };
    Scope {
        configuration: map_of(configuration),
        secrets: map_of(secrets),
    }
}

#[test]
fn texts_are_substituted_as_templates() {
    let cases: [(&str, Value); 26] = [
        ("${n}", 5.into()),
        ("${l}", vec![Value::Int(1), "two".into(), Value::Null].into()),
        ("${z}", Value::Null),
        ("$n", "5".into()),
        ("<${n}>", "<5>".into()),
        ("${n}${n}", "55".into()),
        ("${f} ${b} ${z}", "2.0 True None".into()),
        ("$l $m", "[1, 'two', None] {'k': True}".into()),
        ("$$n", "$n".into()),
        ("$${n}", "${n}".into()),
        ("$$$n", "$5".into()),
        ("${nope} $nope", "${nope} $nope".into()),
        ("${a.b} ${a-b} ${} $1 $ ${n", "${a.b} ${a-b} ${} $1 $ ${n".into()),
        ("$n.x", "5.x".into()),
        ("$né", "5é".into()),
        ("${ n }", "${ n }".into()),
        ("${n} ", "5 ".into()),
        ("${n}\n", "5\n".into()),
        ("$_u1-", "under-".into()),
        ("${ref}", "${n}".into()),
        ("${shared}", "configuration".into()),
        ("${token}", "hush".into()),
        ("${port}", 80.into()),
        ("${case}", "${case}".into()),
        ("", "".into()),
        ("100$", "100$".into()),
    ];
    for (text, expected) in cases {
        assert_eq!(substitute_text(text, &scope()), expected, "{text}");
    }
}

#[test]
fn collections_are_walked_but_their_keys_are_not() {
    let value = Value::Map(map([(
        "$n",
        vec![Value::from("${n}"), map([("k", "a$t".into())]).into()].into(),
    )]));
    assert_eq!(
        json::compact(&substitute(&value, &scope())),
        r#"{"$n":[5,{"k":"atext"}]}"#
    );
}

#[test]
fn a_group_that_is_no_mapping_is_passed_over() {
    let mut scope = scope();
    scope.secrets.insert("tok".into(), "x".into());
    assert_eq!(substitute_text("${tok} $port", &scope), "${tok} 80".into());
}

proptest! {
    #[test]
    fn text_without_a_dollar_is_unchanged(text in "[^$]*") {
        prop_assert_eq!(substitute_text(&text, &scope()), Value::Text(text));
    }

    #[test]
    fn doubled_dollars_are_always_single_ones_after(text in any::<String>()) {
        let escaped = text.replace('$', "$$");
        prop_assert_eq!(substitute_text(&escaped, &scope()), Value::Text(text));
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = substitute_text(&text, &scope());
    }
}

/// Substitutes each text of a JSON list, with the scope in the arguments.
const PEER: &str = r#"
import sys, json
from chaoslib import substitute
configuration, secrets = json.loads(sys.argv[1]), json.loads(sys.argv[2])
for text in json.load(sys.stdin):
    print(json.dumps(substitute(text, configuration, secrets), separators=(",", ":")))
"#;

fn python_with_chaoslib() -> Option<String> {
    let named = std::env::var("CHAOS_TEST_PYTHON").ok();
    named.into_iter().chain(["python3".to_owned()]).find(|python| {
        let probe = Command::new(python)
            .args(["-c", "import chaoslib"])
            .stderr(Stdio::null())
            .status();
        probe.is_ok_and(|status| status.success())
    })
}

fn substituted_by_peer(python: &str, texts: &[String]) -> Vec<String> {
    let scope = scope();
    let mut child = Command::new(python)
        .args([
            "-c",
            PEER,
            &json::compact(&scope.configuration.into()),
            &json::compact(&scope.secrets.into()),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let list = json::compact(&Value::from(texts.to_vec()));
    child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn texts_are_substituted_as_the_chaos_toolkit_does() {
    let Some(python) = python_with_chaoslib() else {
        eprintln!("not compared with chaoslib: no Python with it on PATH nor in CHAOS_TEST_PYTHON");
        return;
    };
    let parts = [
        "$", "{", "}", "n", "l", "token", "nope", " ", "_", "1", "$$", "${", "${n}", "${m}", "$f",
    ];
    let mut texts: Vec<String> = Vec::new();
    for a in parts {
        for b in parts {
            texts.push(format!("{a}{b}"));
            texts.extend(parts.map(|c| format!("{a}{b}{c}")));
        }
    }
    let theirs = substituted_by_peer(&python, &texts);
    assert_eq!(theirs.len(), texts.len());
    for (text, theirs) in texts.iter().zip(theirs) {
        assert_eq!(json::compact(&substitute_text(text, &scope())), theirs, "{text}");
    }
}
