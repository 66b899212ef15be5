use proptest::prelude::*;

use super::*;
use crate::value::json;

fn var(text: &str) -> String {
    match parse_var(text) {
        Ok((name, value)) => format!("{name} {}", json::compact(&value)),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn variables_convert_to_their_type() {
    let cases = [
        ("a=1", r#"a "1""#),
        ("a=x=y=z", r#"a "x=y=z""#),
        ("a= spaced ", r#"a " spaced ""#),
        ("a:string=007", r#"a "007""#),
        ("a:int= 1_2 ", "a 12"),
        ("n:s:integer=-5", "n:s -5"),
        ("a:float=1", "a 1.0"),
        ("a:number=2.50", "a 2.5"),
        ("a:bool=No", "a false"),
        ("a:bool=0", "a false"),
        ("a:bool=off", "a true"),
        ("a:bool=", "a true"),
        ("a:bytes=é", r#"a "b'\\xc3\\xa9'""#),
        ("a:json={\"x\": [1, null]}", r#"a {"x":[1,null]}"#),
        ("a:json=", r#"a """#),
        ("=x", r#" "x""#),
    ];
    for (text, expected) in cases {
        assert_eq!(var(text), expected, "{text}");
    }
}

#[test]
fn errors_name_the_variable_and_not_its_value() {
    for (text, words) in [
        ("justname", "NAME[:TYPE]=VALUE"),
        ("a:int=hush", "`a`: the value is not a whole number"),
        ("a:float=hush", "`float`"),
        ("a:json={hush}", "line 1"),
        ("a:date=2020", "`date` is unknown"),
        ("a:=hush", "is unknown"),
    ] {
        let error = var(text);
        assert!(error.starts_with("error: ") && error.contains(words), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

/// Writes the files into a folder of their own and reads them.
fn read(files: &[(&str, &str)], vars: &[&str]) -> Result<(Overrides, Vec<Warning>), VarError> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    let vars: Vec<_> = vars.iter().map(|text| parse_var(text).unwrap()).collect();
    read_var_files(&paths, &vars)
}

#[test]
fn later_files_win_and_variables_win_over_all() {
    let files = [
        (
            "a.yml",
            "configuration: {a: 1, b: 1, c: 1}\nsecrets: {g: {x: 1, y: 1}}\nother: [1]\n",
        ),
        (
            "b.json",
            r#"{"configuration": {"b": 2, "c": 2}, "secrets": {"g": {"x": 2}}}"#,
        ),
    ];
    let (overrides, warnings) = read(&files, &["c=3", "c=4"]).unwrap();
    assert_eq!(
        json::compact(&overrides.configuration.into()),
        r#"{"a":1,"b":2,"c":"4"}"#
    );
    assert_eq!(json::compact(&overrides.secrets.into()), r#"{"g":{"x":2}}"#);
    assert!(warnings.is_empty());
}

#[test]
fn other_files_set_the_environment() {
    let lines = "# a comment\r\n\n A=from file \nB=\"quoted\"\nC=x=y\nexport D=1\nE=\n";
    let (overrides, _) = read(
        &[("my.env", lines), ("comment.yaml", "# nothing\n"), ("e.json", "")],
        &[],
    )
    .unwrap();
    let pairs: Vec<_> = overrides
        .environment
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("A", "from file"),
            ("B", "\"quoted\""),
            ("C", "x=y"),
            ("export D", "1"),
            ("E", "")
        ]
    );
}

#[test]
fn files_that_do_not_parse_are_skipped_with_a_warning() {
    let files = [
        ("a.yaml", "configuration: ["),
        ("b.json", "{\"a\": 1,}"),
        ("c.yaml", "configuration: {a: 1}"),
    ];
    let (overrides, warnings) = read(&files, &[]).unwrap();
    assert_eq!(json::compact(&overrides.configuration.into()), r#"{"a":1}"#);
    assert_eq!(warnings.len(), 2);
    assert!(
        warnings[1].to_string().contains("b.json is ignored: line 1"),
        "{}",
        warnings[1]
    );
    let (_, warnings) = read_var_files(&["/nowhere/at/all".into()], &[]).unwrap();
    assert_eq!(warnings.len(), 1);
}

#[test]
fn files_of_another_form_are_errors() {
    for (name, text, words) in [
        ("a.yaml", "- 1", "found a list"),
        ("a.json", "5", "found a single value"),
        (
            "a.yaml",
            "configuration: [1]",
            "`configuration` must be a mapping",
        ),
        ("a.yaml", "secrets:", "`secrets` must be a mapping"),
        ("a.env", "# one\nA=1\nJUSTNAME\n", "a.env, line 3"),
        ("a.env", "=1", "no name"),
        ("a.json", "{}", "a.json, line 1"),
    ] {
        let error = read(&[(name, text)], &[]).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn debug_output_holds_names_only() {
    let (overrides, _) = read(
        &[("a.yaml", "secrets: {g: {x: hush}}"), ("b", "TOKEN=hush")],
        &["a=hush"],
    )
    .unwrap();
    let shown = format!("{overrides:?}");
    assert!(
        shown.contains("TOKEN") && shown.contains('g') && !shown.contains("hush"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), kind in "(int|float|bool|bytes|json|str|x)?") {
        let _ = parse_var(&text);
        let _ = convert(&text, Some(&kind));
    }
}
