use proptest::prelude::*;

use super::parse;
use crate::value::{Value, json};

fn found(path: &str, document: &str) -> String {
    let document = json::parse(document).unwrap();
    let found = parse(path).unwrap().select(&document);
    json::compact(&Value::List(
        found.into_iter().map(|value| value.into_owned()).collect(),
    ))
}

fn refused(path: &str) -> String {
    parse(path).unwrap_err().to_string()
}

#[test]
fn a_filter_judges_the_node_before_it() {
    let document = r#"{"n": 0, "items": [{"n": 1}, {"n": 2}, {"n": 3}]}"#;
    assert_eq!(found("$.items[?(@.n > 1)]", document), "[]");
    assert_eq!(found("$.items[*][?(@.n > 1)].n", document), "[2,3]");
    assert_eq!(found("$[?(@.n = 0)].items[0].n", document), "[1]");
    assert_eq!(found("$.items[*][?(not @.n = 2)].n", document), "[1,3]");
}

#[test]
fn or_binds_tighter_than_and() {
    let document = r#"[{"a": 1, "b": 2, "c": 3}]"#;
    assert_eq!(found("$[*][?(@.a = 0 and @.b = 2 or @.c = 3)].a", document), "[]");
    assert_eq!(
        found("$[*][?((@.a = 0 and @.b = 2) or @.c = 3)].a", document),
        "[1]"
    );
}

#[test]
fn every_level_is_searched_depth_first() {
    let document = r#"{"x": 1, "o": {"x": [2, {"x": 3}]}}"#;
    assert_eq!(found("$..x", document), r#"[1,[2,{"x":3}],3]"#);
    assert_eq!(found("$..[0]", document), "[2]");
}

#[test]
fn slices_and_unions_keep_their_order() {
    assert_eq!(found("$[1:2,0]", "[3,1,2]"), "[1,3]");
    assert_eq!(found("$[::-1]", "[3,1,2]"), "[]");
    assert_eq!(found("$[2:0:-1]", "[3,1,2]"), "[2,1]");
    assert_eq!(found("$[::0]", "[3,1,2]"), "[]");
    assert_eq!(
        found(
            "$[-9223372036854775808:9223372036854775807:9223372036854775807]",
            "[3,1]"
        ),
        "[3]"
    );
    // 2^63-1 - 2^63 is the index of the last item
    assert_eq!(
        found(
            "$[9223372036854775807:-9223372036854775808:-9223372036854775808]",
            "[3,1]"
        ),
        "[1]"
    );
}

#[test]
fn functions_take_what_they_know_and_nothing_else() {
    assert_eq!(found("$.length()", r#""héé""#), "[3]");
    assert_eq!(found("$.length()", r#"{"a": 1}"#), "[]");
    assert_eq!(found("$.entries()[*][0]", r#"{"a": 1, "b": 2}"#), r#"["a","b"]"#);
    assert_eq!(found("$.substring(1, 3)", r#""héllo""#), r#"["él"]"#);
}

#[test]
fn an_error_says_where_and_how_else() {
    assert_eq!(
        refused("$.items[*][?(@.n == 1)]"),
        "character 19: comparison is written with a single `=`"
    );
    assert!(refused("name").starts_with("character 1: a path starts with `$`"));
    assert!(refused("$['a']").contains("double quotes"));
    assert!(refused("$.my-key").starts_with("character 5: a `-` needs a digit"));
    assert!(refused("$.and").starts_with("character 3: expected a name"));
    assert!(refused("$[[[").starts_with("character 3: expected a \"name\""));
    assert!(refused("$.size()").contains("only charAt, entries, keys, length, substring, values"));
}

#[test]
fn a_path_nested_too_deeply_is_refused() {
    let path = format!("$[?({}", "(".repeat(100_000));
    assert!(refused(&path).contains("levels"));
    let path = format!("$[?(@ = {}", "[".repeat(100_000));
    assert!(refused(&path).contains("levels"));
    let path = format!("$[?({}", "not ".repeat(100_000));
    assert!(refused(&path).contains("levels"));
    let path = format!("${}", "[@".repeat(100_000));
    assert!(refused(&path).contains("levels"));
    assert_eq!(found(&format!("${}", ".a".repeat(100_000)), "{}"), "[]");
}

proptest! {
    #[test]
    fn nothing_panics(path in r#"\$[.@$*a-c0-9\[\]()?:,"=<>!{}\\ -]{0,16}"#) {
        let document = json::parse(r#"{"a": [1, {"b": "c"}], "b": {"a": 2}}"#).unwrap();
        if let Ok(path) = parse(&path) {
            path.select(&document);
        }
    }

    #[test]
    fn nothing_at_all_panics(path in any::<String>()) {
        let _ = parse(&path);
    }
}
