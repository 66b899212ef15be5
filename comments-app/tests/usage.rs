//! Wrong usage and settings: a message on standard error, and exit code 2.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::process::Command;

use support::run;

#[test]
fn settings_that_make_no_sense() {
    const URL: (&str, &str) = ("SPRING_DATASOURCE_URL", "mysql://me:hush@host/comments");
    for (service, settings, name) in [
        ("api", vec![], "SPRING_DATASOURCE_URL is not set"),
        (
            "api",
            vec![("SPRING_DATASOURCE_URL", "host:hush")],
            "SPRING_DATASOURCE_URL must be",
        ),
        ("api", vec![URL, ("SERVER_PORT", "70000")], "SERVER_PORT must be"),
        (
            "api",
            vec![URL, ("APPLICATION_PATH_BASE", "api")],
            "APPLICATION_PATH_BASE must be",
        ),
        (
            "api",
            vec![URL, ("SPAMCHECK_FALLBACK", "maybe")],
            "SPAMCHECK_FALLBACK must be accept or refuse",
        ),
        (
            "api",
            vec![URL, ("SPAMCHECK_TIMEOUT_MS", "0")],
            "SPAMCHECK_TIMEOUT_MS must be",
        ),
        (
            "api",
            vec![URL, ("DATABASE_POOL_SIZE", "none")],
            "DATABASE_POOL_SIZE must be",
        ),
        (
            "api",
            vec![URL, ("APPLICATION_SPAMCHECK_URL", "https://x")],
            "APPLICATION_SPAMCHECK_URL must be",
        ),
        ("web", vec![], "API_URL is not set"),
        ("web", vec![("API_URL", "http://a:hush@b")], "API_URL must be"),
        ("spamcheck", vec![("LOG_LEVEL", "loud")], "LOG_LEVEL must be"),
        (
            "spamcheck",
            vec![("MODELS_LOCATION", "/dev/null")],
            "MODELS_LOCATION: /dev/null is no model",
        ),
    ] {
        let (code, told) = run(service, &settings);
        assert_eq!(code, Some(2), "{told}");
        assert!(
            told.starts_with("comments-app: ") && told.contains(name),
            "{told}"
        );
        assert!(!told.contains("hush") && told.lines().count() == 1, "{told}");
    }
}

#[test]
fn a_port_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, told) = run("spamcheck", &[("SERVER_PORT", &port)]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("cannot listen on 127.0.0.1:"), "{told}");
}

#[test]
fn wrong_words() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_comments-app"))
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = run(&["ape"]);
    assert!(code == Some(2) && told.contains("api"), "{told}");
    assert_eq!(run(&[]).0, Some(2));
    assert_eq!(run(&["--help"]).0, Some(0));
}
