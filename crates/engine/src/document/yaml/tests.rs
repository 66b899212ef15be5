use proptest::prelude::*;

use super::*;
use crate::value::{Moment, json};

mod pyyaml;

fn read(text: &str) -> String {
    match parse(text) {
        Ok(value) => json::compact(&value),
        Err(error) => format!("error at {}:{}", error.line, error.column),
    }
}

#[test]
fn plain_scalars_resolve_as_in_yaml_1_1() {
    let cases = [
        ("yes", "true"),
        ("OFF", "false"),
        ("yEs", r#""yEs""#),
        ("y", r#""y""#),
        ("010", "8"),
        ("0o10", r#""0o10""#),
        ("08", r#""08""#),
        ("-0x1F", "-31"),
        ("0b1_01", "5"),
        ("1:30", "90"),
        ("1:60", r#""1:60""#),
        ("190:20:30", "685230"),
        ("1:30.5", "90.5"),
        ("1_000", "1000"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e3", r#""1e3""#),
        ("1.0e3", r#""1.0e3""#),
        ("1.5e+3", "1500.0"),
        ("1.", "1.0"),
        (".5", "0.5"),
        ("-.5", r#""-.5""#),
        ("-.inf", "-Infinity"),
        (".NaN", "NaN"),
        ("~", "null"),
        ("", "null"),
        ("None", r#""None""#),
        ("2024-02-29", r#""2024-02-29""#),
        ("2024-2-9", r#""2024-2-9""#),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn dates_and_times_keep_their_zone() {
    let time = |text: &str| match parse(text) {
        Ok(Value::Time(moment)) => moment,
        other => panic!("{text}: {other:?}"),
    };
    assert!(matches!(time("2024-02-29"), Moment::Date(_)));
    assert!(matches!(time("2024-2-9 1:02:03"), Moment::Naive(_)));
    assert_eq!(
        time("2024-02-29T10:11:12.1234567-02:30").iso('T'),
        "2024-02-29T10:11:12.123456-02:30"
    );
    assert_eq!(time("2024-02-29 10:11:12Z").iso('T'), "2024-02-29T10:11:12+00:00");
    for impossible in ["2023-02-29", "2024-01-01 25:00:00", "2024-01-01 10:00:00 +24:00"] {
        assert!(parse(impossible).is_err(), "{impossible}");
    }
}

#[test]
fn explicit_tags_convert_or_fail() {
    let cases = [
        ("!!str 12", r#""12""#),
        ("!!int '12'", "12"),
        ("!!float 1", "1.0"),
        ("!!bool 'ON'", "true"),
        ("!!null x", "null"),
        ("! '12'", "12"),
        ("!!binary aGk=", r#""b'hi'""#),
        ("!!set {b, a, b}", r#"["b","a"]"#),
        ("!!omap [a: 1, b: 2]", r#"[["a",1],["b",2]]"#),
        ("!!pairs [a: 1, a: 2]", r#"[["a",1],["a",2]]"#),
        ("!<tag:yaml.org,2002:int> '7'", "7"),
        ("!!int x", "error at 1:1"),
        ("a: !thing x", "error at 1:4"),
        ("!!python/name:os.system x", "error at 1:1"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn merge_keys_come_first_and_are_overridden() {
    let text = "a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\nc: {k: 0, <<: [*a, *b], y: 5}\n";
    assert!(
        read(text).ends_with(r#""c":{"x":1,"z":4,"y":5,"k":0}}"#),
        "{}",
        read(text)
    );
    assert_eq!(read("<<: 1"), "error at 1:5");
    assert_eq!(read("a: <<"), "error at 1:4");
}

#[test]
fn keys_become_text_as_json_writes_them() {
    assert_eq!(
        read("{7: a, 2.5: b, true: c, null: d, 2024-01-01: e, '7': f}"),
        r#"{"7":"f","2.5":"b","true":"c","null":"d","2024-01-01":"e"}"#
    );
    assert_eq!(read("{true: a, 1: b, 1.0: c}"), r#"{"true":"c"}"#);
    assert_eq!(read("{a: 1, b: 2, a: 3}"), r#"{"a":3,"b":2}"#);
    assert_eq!(read("? [a]\n: 1"), "error at 1:3");
}

#[test]
fn an_error_tells_the_place_and_the_way_out() {
    for (text, place, words) in [
        ("a: b: c", (1, 5), "mapping values"),
        ("a: 1\n---\nb: 2\n", (2, 1), "a second starts here"),
        ("a: *nope", (1, 4), "anchor"),
        ("a: &x 1\nb: &x 2\n", (2, 4), "already on line 1"),
        ("a: \"\u{7}\"", (1, 5), "U+0007"),
        ("&a [*a]", (1, 1), "contains itself"),
        ("&a {<<: *a}", (1, 1), "contains itself"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line, error.column), place, "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
    }
}

#[test]
fn aliases_cannot_fill_the_memory() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    let mut merges = String::from("a0: &a0 {k: v}\n");
    for level in 1..30 {
        let previous = level - 1;
        let nine = vec![format!("*a{previous}"); 9].join(", ");
        text += &format!("a{level}: &a{level} [{nine}]\n");
        merges += &format!("a{level}: &a{level} {{<<: [{nine}]}}\n");
    }
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(1 << 20),
        vec!["*a"; 10_000].join(", ")
    );
    for bomb in [text, merges, long] {
        assert!(parse(&bomb).unwrap_err().message.contains("expand"));
    }
}

#[test]
fn depth_is_bounded_also_through_aliases() {
    assert!(parse(&"[".repeat(100_000)).is_err());
    assert!(parse(&"- ".repeat(10_000)).is_err());
    let mut text = String::from("- &a0 1\n");
    for level in 1..1000 {
        text += &format!("- &a{level} [*a{}]\n", level - 1);
    }
    assert!(parse(&text).unwrap_err().message.contains("deep"));
    assert!(parse(&format!("{}1{}", "[".repeat(200), "]".repeat(200))).is_ok());
}

#[test]
fn lines_in_brackets_and_quotes_start_anywhere() {
    let text = "a: [\n1,\n{b: 2,\nc: 3}\n]\nd:\n  - 'x\n\ny'\n  - {\n}\ne: 4\n";
    assert_eq!(read(text), r#"{"a":[1,{"b":2,"c":3}],"d":["x\ny",{}],"e":4}"#);
    assert_eq!(read("a: [\n1,\n!x 2\n]\n"), "error at 3:1");
    assert_eq!(read("a: [\n---\n]\n").split(' ').next(), Some("error"));
}

#[test]
fn a_last_line_without_a_break_stays_without() {
    assert_eq!(read("a: |\n  x\n  y"), r#"{"a":"x\ny"}"#);
    assert_eq!(read("a: >\n  x\n  "), r#"{"a":"x\n"}"#);
    assert_eq!(read("a: |+\n  x\n\n"), r#"{"a":"x\n\n"}"#);
    assert_eq!(read("a: |\n  x\n# end"), r#"{"a":"x\n"}"#);
}

#[test]
fn a_byte_order_mark_is_ignored() {
    assert_eq!(read("\u{feff}a: 1"), r#"{"a":1}"#);
}

proptest! {
    #[test]
    fn no_text_panics(text in "[-:?,\\[\\]{}&*!|>'\"%@#a-c0-9 \t\n.<=~é]{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn json_is_read_alike(items in proptest::collection::vec((any::<i64>(), any::<bool>(), "[a-z ]{0,9}"), 0..9)) {
        let list: Vec<Value> = items
            .into_iter()
            .map(|(n, b, t)| Value::List(vec![n.into(), b.into(), t.into()]))
            .collect();
        let value = Value::List(list);
        prop_assert_eq!(parse(&json::compact(&value)), Ok(value));
    }
}
