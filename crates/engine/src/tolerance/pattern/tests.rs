use proptest::prelude::*;

use super::{Pattern, SearchError};

fn found(pattern: &str, text: &str) -> bool {
    Pattern::parse(pattern).unwrap().found_in(text).unwrap()
}

fn refused(pattern: &str) -> String {
    Pattern::parse(pattern).unwrap_err().to_string()
}

#[test]
fn what_python_spells_otherwise_means_what_it_means_there() {
    assert!(found(r"a$", "a\n"));
    assert!(!found(r"a\Z", "a\n"));
    assert!(!found(r"a$", "a\nb"));
    assert!(found(r"(?m)^b$", "a\nb\nc"));
    assert!(found(r"^a{,2}$", "aa"));
    assert!(found(r"^[[a&&b]+$", "a[&b"));
    assert!(found(r"^x{$", "x{"));
    assert!(found(r"(?P<c>.)(?P=c)", "abba"));
    assert!(found(r"^(\()?\w+(?(1)\))$", "(a)"));
    assert!(!found(r"^(\()?\w+(?(1)\))$", "(a"));
    assert!(!found(r"a++a", "aaa"));
    assert!(found(r"\141\x62\u0063", "abc"));
}

#[test]
fn classes_are_those_of_python() {
    assert!(found(r"^\d$", "٣"));
    assert!(!found(r"(?a)^\d$", "٣"));
    assert!(found(r"^\w$", "é"));
    assert!(!found(r"^\w+$", "x\u{301}"));
    assert!(found(r"^\s$", "\u{1c}"));
    assert!(!found(r"\B", ""));
    assert!(!found(r"[^\W]", "\u{345}"));
    assert!(!found(r"(?i)[^\W]", "\u{345}"));
}

#[test]
fn an_error_says_where_and_how_else() {
    assert_eq!(
        refused(r"ab\y"),
        r"character 3: \y has no meaning; for the letter itself leave the backslash out"
    );
    assert!(refused("(a").starts_with("character 1: this group is not closed"));
    assert!(refused("a)").starts_with("character 2: no group is open here"));
    assert!(refused("+").starts_with("character 1: there is nothing to repeat"));
    assert!(refused("a**").starts_with("character 3: this is repeated already"));
    assert!(refused("(?<=a+)b").starts_with("character 1: a look-behind needs a fixed number"));
    assert!(refused("(?<n>a)").contains("(?P<name>…)"));
    assert!(refused("a\\").starts_with("character 2: a backslash needs"));
}

#[test]
fn a_search_without_end_is_given_up() {
    let text = "a".repeat(40) + "c";
    let pattern = Pattern::parse(r"^(?:(a+)\1?)+b").unwrap();
    assert_eq!(pattern.found_in(&text), Err(SearchError::TooManyAttempts));
}

#[test]
fn a_long_text_can_be_searched() {
    let text = "lorem ipsum dolor\n".repeat(20_000);
    for pattern in [r"dolor$", r"\bamet\b", r"(?i)AMET", r"\w+(?= amet)", r"(.)\1\1"] {
        assert_eq!(found(pattern, &text), pattern == r"dolor$", "{pattern}");
        let (text, pattern) = (text.clone() + "é", pattern);
        assert!(!found(pattern, &text), "{pattern}");
    }
}

#[test]
fn groups_nest_sixty_deep_and_no_deeper() {
    for (open, close) in [("(", ")"), ("(?:", ")+"), ("(?=", ")")] {
        let nested = |times| open.repeat(times) + "a" + &close.repeat(times);
        assert!(found(&nested(60), "a"));
        assert!(refused(&nested(61)).contains("nested more than 60 deep"));
        assert!(refused(&nested(100_000)).contains("nested more than 60 deep"));
    }
}

proptest! {
    #[test]
    fn nothing_panics(pattern in r#"[\\()\[\]{}?*+|^$.,:<>=!#PiaxsmnNbBdwA-Z0-9é&-]{0,16}"#, text in "[ab1é\n]{0,8}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let _ = pattern.found_in(&text);
        }
    }

    #[test]
    fn nothing_at_all_panics(pattern in any::<String>(), text in any::<String>()) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let _ = pattern.found_in(&text);
        }
    }
}
