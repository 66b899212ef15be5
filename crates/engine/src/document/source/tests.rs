use super::*;

fn host_in(folder: &Path) -> Host {
    Host {
        cwd: folder.to_owned(),
        ..Host::default()
    }
}

/// Reads a file of that name and content.
fn read(name: &str, content: &[u8]) -> Result<(String, Value), LoadError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    read_file(&path)
}

#[test]
fn what_exists_is_a_file_and_the_rest_a_url() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http:x.json");
    std::fs::write(&path, "{}").unwrap();
    let host = host_in(folder.path());
    assert_eq!(locate("http:x.json", &host).unwrap(), Origin::File(path));
    let url = Url::parse("HTTP://example.com/a.yaml?b=c").unwrap();
    assert_eq!(
        locate("HTTP://example.com/a.yaml?b=c", &host).unwrap(),
        Origin::Url(url)
    );
    for (source, words) in [
        ("nope.json", "does not exist"),
        ("", "does not exist"),
        ("./a:b/c.json", "does not exist"),
        ("ftp://example.com/a.json", "`ftp`"),
        ("s3:bucket", "`s3`"),
        ("http://[", "cannot load"),
    ] {
        let error = locate(source, &host).unwrap_err().to_string();
        assert!(error.contains(words), "{source}: {error}");
    }
}

#[test]
fn the_extension_names_the_format() {
    assert_eq!(
        json::compact(&read("a.yaml", b"a: yes").unwrap().1),
        r#"{"a":true}"#
    );
    assert_eq!(json::compact(&read("a.yml", b"# nothing").unwrap().1), "null");
    let (text, value) = read("a.json", b"\xef\xbb\xbf{\"a\": 1}").unwrap();
    assert_eq!(
        (text.as_str(), json::compact(&value).as_str()),
        ("{\"a\": 1}", r#"{"a":1}"#)
    );
    assert_eq!(
        json::compact(&read("b.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").unwrap().1),
        r#"{"a":1,"b":2}"#
    );
    for name in ["a.txt", "a", ".yaml", "a.YAML"] {
        assert!(
            matches!(read(name, b"{}"), Err(LoadError::UnsupportedExtension(_))),
            "{name}"
        );
    }
}

#[test]
fn errors_name_the_file_and_the_place() {
    for (name, content, words) in [
        (
            "a.yaml",
            "a: b: c".as_bytes(),
            "a.yaml is not valid YAML: line 1, column 5",
        ),
        ("a.json", b"{\n  oops\n}", "a.json is not valid JSON: line 2"),
        ("a.json", b"", "not valid JSON"),
        ("a.yaml", b"a: 1\nb: \xff\n", "line 2 is not UTF-8"),
    ] {
        let error = read(name, content).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let sub = folder.path().join("sub.yaml");
    std::fs::create_dir(&sub).unwrap();
    assert!(matches!(read_file(&sub), Err(LoadError::Directory(_))));
    assert!(matches!(
        read_file(&folder.path().join("no.yaml")),
        Err(LoadError::NotFound(_))
    ));
}

#[test]
fn fetched_text_is_read_by_its_type() {
    let url = Url::parse("http://me:hush@h/x").unwrap();
    let parsed = |kind: &str, body: &str| match parse_fetched(kind, body, &url) {
        Ok(value) => json::compact(&value),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        parsed("application/json; charset=utf-8", "{\"a\": 1e3}"),
        r#"{"a":1000.0}"#
    );
    assert_eq!(parsed("text/yaml", "a: on"), r#"{"a":true}"#);
    assert_eq!(parsed("application/x-yaml", "a: on"), r#"{"a":true}"#);
    assert_eq!(parsed("text/plain", "{\"a\": 1e3}"), r#"{"a":1000.0}"#);
    assert_eq!(parsed("text/plain", "a: 1e3"), r#"{"a":"1e3"}"#);
    for (kind, body, words) in [
        ("text/html", "{}", "text/html"),
        ("", "{}", "content type"),
        ("application/json", "a: 1", "not valid JSON"),
        ("text/plain", "{", "neither JSON"),
    ] {
        let error = parsed(kind, body);
        assert!(error.contains(words) && !error.contains("hush"), "{error}");
    }
}

#[test]
fn the_token_of_the_environment_wins_over_the_settings() {
    let settings = "auths: {h: {type: basic, value: A}, 'h:8443': {type: digest, value: 5}, k: {type: x}}";
    let Ok(Value::Map(settings)) = yaml::parse(settings) else {
        panic!()
    };
    let given = |url: &str, token: Option<&str>| {
        let mut host = Host::default();
        token
            .into_iter()
            .for_each(|token| host.set_var(TOKEN_VARIABLE, token));
        authorization(&Url::parse(url).unwrap(), &host, &settings)
            .unwrap_or_else(|error| Some(error.to_string()))
    };
    assert_eq!(
        given("http://h/x", Some(" tok-123 \n")).as_deref(),
        Some("bearer tok-123")
    );
    assert_eq!(given("http://h/x", Some("")).as_deref(), Some("basic A"));
    assert_eq!(given("http://H/x", None).as_deref(), Some("basic A"));
    assert_eq!(given("https://h:8443/x", None).as_deref(), Some("digest 5"));
    assert_eq!(given("http://h:81/x", None), None);
    assert_eq!(given("http://other/x", None), None);
    let half = given("http://k/x", None).unwrap();
    assert!(half.contains("`k`") && half.contains("no `value`"), "{half}");
}
