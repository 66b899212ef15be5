use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<IniFile, String> {
    IniFile::parse(Path::new("x.conf"), text).map_err(|error| error.to_string())
}

fn value(text: &str, section: &str, key: &str) -> String {
    let file = parse(text).unwrap();
    file.section(section).unwrap().get(key).unwrap().unwrap()
}

#[test]
fn values_run_over_indented_lines_with_comments_and_empty_lines_between() {
    let text = "[s]\nKey = a\n  b\n# no end\n  ; nor here\n\n   c = d\n\nnext: e\n";
    assert_eq!(value(text, "s", "key"), "a\nb\n\nc = d");
    assert_eq!(value(text, "s", "next"), "e");
}

#[test]
fn indentation_counts_from_the_key() {
    assert_eq!(value("[s]\n  a = 1\n  b = 2\n   c\n", "s", "b"), "2\nc");
}

#[test]
fn byte_order_mark_and_line_ends_of_any_kind_are_fine() {
    assert_eq!(value("\u{feff}[s]\r\na = 1\r\n  2\rb = 3", "s", "a"), "1\n2");
}

#[test]
fn faults_are_told_with_their_line() {
    let told = [
        (
            "\n a = 1",
            "x.conf:2: no section yet: start the file with a section header such as [DEFAULT]",
        ),
        (
            "[s]\nwords",
            "x.conf:2: neither a [section], nor `key = value`, nor a value's indented continuation",
        ),
        ("[s]\n= 1", "x.conf:2: the key before the `=` or `:` is missing"),
        (
            "[s]\n[t]\n[s]",
            "x.conf:3: section [s] is already there at line 1; merge the two",
        ),
        (
            "[s]\na = 1\nA: 2",
            "x.conf:3: key 'a' is already in section [s] at line 2; remove one of them",
        ),
    ];
    for (text, message) in told {
        assert_eq!(parse(text).unwrap_err(), message);
    }
}

#[test]
fn text_that_is_not_utf8_is_told_with_its_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"[s]\na = \xff\n").unwrap();
    let error = IniFile::read(file.path()).unwrap_err().to_string();
    assert!(
        error.ends_with(":2: the text is not UTF-8; save the file as UTF-8"),
        "{error}"
    );
}

#[test]
fn percent_signs_refer_to_keys_of_the_section_and_of_default() {
    let text = "[DEFAULT]\nHost = h\nurl = http://%(HOST)s/100%%\n[s]\nhost = other\n";
    assert_eq!(value(text, "s", "url"), "http://other/100%");
    assert_eq!(value(text, DEFAULT, "url"), "http://h/100%");
}

#[test]
fn bad_percent_signs_are_told_with_key_and_line_when_read() {
    let get = |text: &str| {
        let file = parse(text).unwrap();
        file.section("s").unwrap().get("a").unwrap_err().to_string()
    };
    assert!(get("[s]\n\na = 5%").starts_with("x.conf:3: [s] a: a lone `%`"));
    assert!(get("[s]\na = %(b").contains("does not end in `)s`"));
    assert!(get("[s]\na = %()s").contains("does not end in `)s`"));
    assert!(get("[s]\na = %(b)s").contains("%(b)s names a key that neither this section nor [DEFAULT] has"));
    assert!(get("[s]\na = %(b)s\nb = %(a)s").contains("deeper than 10 levels"));
}

#[test]
fn references_are_found_without_resolving() {
    assert_eq!(references("%(A)s %%(b)s % %(c)s %(d"), ["a", "c"]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]a-bDEFAULT%()s#;=: \t\r\n\u{feff}é]{0,80}") {
        if let Ok(file) = parse(&text) {
            for name in file.sections().into_iter().chain([DEFAULT]) {
                let section = file.section(name).unwrap();
                for key in section.keys() {
                    prop_assert!(section.line(key) > 0);
                    let _ = section.get(key);
                }
            }
        }
    }
}
