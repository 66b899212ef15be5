use proptest::prelude::*;

use super::*;
use crate::value::json;

fn value(text: &str) -> Value {
    json::parse(text).unwrap()
}

fn met(tolerance: &str, output: &str) -> bool {
    check(&value(tolerance), &value(output), &Value::clone).unwrap()
}

fn invalid(tolerance: &str) -> String {
    validate(&value(tolerance)).unwrap_err().to_string()
}

/// `${x}` becomes `with`, alone or in a text.
fn with(with: &str) -> impl Fn(&Value) -> Value {
    let with = value(with);
    move |value: &Value| match value {
        Value::Text(text) if text == "${x}" => with.clone(),
        Value::Text(text) => text.replace("${x}", with.as_str().unwrap_or_default()).into(),
        other => other.clone(),
    }
}

#[test]
fn values_compare_as_in_python() {
    assert!(met("true", "1"));
    assert!(!met("false", "null"));
    assert!(met("3", "3.0"));
    assert!(met("404", r#"{"status": 404, "body": ""}"#));
    assert!(!met("7", r#"{"code": 7}"#));
    assert!(!met(r#""3""#, "3"));
    assert!(!met("null", "null"));
    assert!(!met("1.5", "1.5"));
}

#[test]
fn a_list_is_bounds_when_it_has_two_items_and_choices_otherwise() {
    assert!(met("[1, 5]", "5"));
    assert!(!met("[5, 1]", "3"));
    assert!(met(r#"["a", "c"]"#, r#""b""#));
    assert!(met("[1, 3, 5]", "5"));
    assert!(!met("[1, 3, 5]", "4"));
    assert!(met("[4]", "4"));
    assert!(!met("[]", "null"));
    assert!(!met("[200, 204]", r#"{"status": 202}"#));
    assert!(met("[200, 204]", r#"{"status": 204}"#));
}

#[test]
fn what_does_not_compare_is_not_met() {
    assert!(!met("[1, 5]", "null"));
    assert!(!met("[1, 5]", r#""3""#));
    assert!(!met(r#"{"type": "range", "range": [0, 41]}"#, "null"));
    assert!(!met(r#"{"type": "range", "range": [0, 41]}"#, r#"{"status": 0}"#));
    assert!(!met(r#"{"type": "range", "range": [0, 41]}"#, r#""NaN""#));
    assert!(!met(r#"{"type": "regex", "pattern": "a"}"#, r#"{"stdout": "a"}"#));
    assert!(!met(r#"{"type": "regex", "pattern": "1"}"#, "1"));
}

#[test]
fn a_target_that_a_mapping_lacks_means_the_whole_output() {
    let tolerance = r#"{"type": "regex", "target": "stdout", "pattern": "^a"}"#;
    assert!(met(tolerance, r#"{"stdout": "ab"}"#));
    assert!(!met(tolerance, r#"{"stderr": "ab"}"#));
    assert!(!met(tolerance, r#""ab""#));
    assert!(met(
        r#"{"type": "jsonpath", "target": "body", "path": "$.a"}"#,
        r#"{"a": 1}"#
    ));
}

#[test]
fn a_range_compares_numbers_and_their_texts_exactly() {
    assert!(met(
        r#"{"type": "range", "range": [40, 45], "target": "stdout"}"#,
        r#"{"stdout": " 42\n"}"#
    ));
    assert!(met(r#"{"type": "range", "range": [1.5, 2]}"#, "1.5"));
    // the float 0.1 is a little above the decimal 0.1
    assert!(!met(r#"{"type": "range", "range": [0.1, 1]}"#, r#""0.1""#));
    assert!(met(r#"{"type": "range", "range": [0, 1]}"#, r#""1e-999999999""#));
    assert!(met(
        r#"{"type": "range", "range": [-Infinity, 0]}"#,
        r#""-1e999999999""#
    ));
}

#[test]
fn a_path_counts_or_compares_what_it_finds() {
    let output = r#"{"body": "{\"items\": [1, 2]}"}"#;
    let tolerance =
        |rest: &str| format!(r#"{{"type": "jsonpath", "target": "body", "path": " $.items[*] "{rest}}}"#);
    assert!(met(&tolerance(""), output));
    assert!(met(&tolerance(r#", "count": 2"#), output));
    assert!(met(&tolerance(r#", "expect": [1, 2]"#), output));
    assert!(!met(&tolerance(r#", "expect": 1, "count": 2"#), output));
    assert!(!met(&tolerance(r#", "count": null"#), r#"{"body": "no JSON"}"#));
}

#[test]
fn variables_are_replaced_where_they_may_stand() {
    let check = |tolerance: &str, output: &str, x: &str| check(&value(tolerance), &value(output), &with(x));
    assert_eq!(check(r#""${x}""#, "3", "3"), Ok(true));
    assert_eq!(check(r#""${x}""#, "3", "[1, 5]"), Ok(true));
    assert_eq!(check(r#"["${x}", 1, 2]"#, "3", "3"), Ok(false));
    assert_eq!(
        check(r#"{"type": "regex", "pattern": "^${x}$"}"#, r#""ab""#, r#""ab""#),
        Ok(true)
    );
    let path = r#"{"type": "jsonpath", "path": "$[\"${x}\"]", "expect": "${x}"}"#;
    assert_eq!(check(path, r#"{"a": "a"}"#, r#""a""#), Ok(true));
    assert_eq!(
        check(r#"{"type": "range", "range": ["${x}", 5]}"#, "3", "1"),
        Ok(false)
    );
}

#[test]
fn what_substitution_spoils_is_an_error_that_keeps_the_value_to_itself() {
    let error = |tolerance: &str, x: &str| {
        let error = check(&value(tolerance), &Value::from("a"), &with(x)).unwrap_err();
        error.to_string()
    };
    let pattern = r#"{"type": "regex", "pattern": "${x}"}"#;
    assert!(error(pattern, r#""(hush""#).starts_with("the pattern `${x}` is no Python regular expression"));
    assert!(!error(pattern, r#""(hush""#).contains("hush"));
    assert!(error(pattern, "5").contains("has to be text, not a value of type int"));
    let path = r#"{"type": "jsonpath", "path": "${x}"}"#;
    assert!(error(path, r#""$.hush()""#).contains("character 3: what is wrong is not shown"));
    assert!(!error(path, r#""$.hush()""#).contains("hush"));
}

#[test]
fn a_probe_is_left_to_the_caller() {
    let tolerance = value(r#"{"type": "probe", "name": "judge"}"#);
    assert_eq!(validate(&tolerance), Ok(()));
    assert_eq!(probe_of(&tolerance), tolerance.as_map());
    assert_eq!(probe_of(&value(r#"{"type": "regex"}"#)), None);
    assert_eq!(
        check(&tolerance, &Value::Null, &Value::clone),
        Err(ToleranceError::Probe)
    );
}

#[test]
fn an_invalid_tolerance_says_what_would_be_right() {
    let cases = [
        ("null", "a tolerance cannot be null; write true or false"),
        ("1.5", "a tolerance cannot be 1.5"),
        ("{}", "needs a `type`; use regex"),
        (
            r#"{"type": "xpath"}"#,
            r#"there is no tolerance of type "xpath"; use regex"#,
        ),
        (r#"{"type": "regex"}"#, "a regex tolerance needs `pattern`"),
        (
            r#"{"type": "regex", "pattern": 3}"#,
            "`pattern` of a regex tolerance has to be text, not 3",
        ),
        (
            r#"{"type": "regex", "pattern": "a("}"#,
            "character 2: this group is not closed",
        ),
        (r#"{"type": "jsonpath"}"#, "a jsonpath tolerance needs `path`"),
        (
            r#"{"type": "jsonpath", "path": " "}"#,
            "`path` of a jsonpath tolerance is empty",
        ),
        (
            r#"{"type": "jsonpath", "path": "$[[["}"#,
            "the path `$[[[` of a jsonpath tolerance is no JSON path",
        ),
        (r#"{"type": "range"}"#, "a range tolerance needs `range`"),
        (
            r#"{"type": "range", "range": [1, 2, 3]}"#,
            "has to be a list of two numbers",
        ),
        (
            r#"{"type": "range", "range": ["1", 3]}"#,
            r#"the lower bound of a range tolerance has to be a number, not "1""#,
        ),
        (r#"{"type": "range", "range": [1, null]}"#, "the upper bound"),
    ];
    for (tolerance, expected) in cases {
        let message = invalid(tolerance);
        assert!(message.contains(expected), "{tolerance}: {message}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        "[-+.0-9eE_naif $@*()\\[\\]?=]{0,8}".prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        prop::sample::select(vec!["regex", "jsonpath", "range", "probe", "$.a", "a+", "stdout"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop::sample::select(vec![
            "type", "pattern", "path", "range", "target", "expect", "count", "status", "stdout", "a",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::vec((key.prop_map(str::to_owned), inner), 0..6)
                .prop_map(|entries| Value::Map(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(tolerance in values(), output in values(), kind in prop::sample::select(vec!["regex", "jsonpath", "range"])) {
        let _ = validate(&tolerance);
        let _ = check(&tolerance, &output, &Value::clone);
        let mut typed = tolerance.as_map().cloned().unwrap_or_default();
        typed.insert("type".to_owned(), kind.into());
        let typed = Value::Map(typed);
        let _ = validate(&typed);
        let _ = check(&typed, &output, &Value::clone);
    }
}
