//! Calls to a server on this machine that repeats what it was asked.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::value::json::{compact, parse};

fn host() -> Host {
    Host {
        cwd: "/".into(),
        ..Host::default()
    }
}

/// A server that answers once, and then hands out the request it got.
async fn server(answer: &str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = answer.to_owned();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("Content-Length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    return text;
                }
            }
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "{text}");
        }
    });
    (port, task)
}

fn provider(port: u16, more: &str) -> Map {
    let text = format!(r#"{{"type": "http", "url": "http://127.0.0.1:{port}/p?z=1"{more}}}"#);
    parse(&text).unwrap().as_map().unwrap().clone()
}

async fn sent(more: &str) -> String {
    let (port, request) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    call(&provider(port, more), &host()).await.unwrap();
    request.await.unwrap()
}

async fn output_of(head: &str, body: &str) -> Result<Value, ActivityError> {
    let answer = format!(
        "HTTP/1.1 200 OK\r\n{head}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (port, _request) = server(&answer).await;
    call(&provider(port, ""), &host()).await
}

fn body_of(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn the_output_has_status_headers_and_body() {
    let output = output_of(
        "X-One: 1\r\nx-two: b\r\nX-ONE: 2\r\nContent-Type: application/json\r\n",
        "[1, 1.0, null]",
    );
    assert_eq!(
        compact(&output.await.unwrap()),
        r#"{"status":200,"headers":{"X-One":"1, 2","x-two":"b","Content-Type":"application/json","Content-Length":"14"},"body":[1,1.0,null]}"#
    );
}

#[tokio::test]
async fn only_bodies_of_exactly_that_type_are_read_as_json() {
    for content_type in ["application/json; charset=utf-8", "Application/json", "text/json"] {
        let output = output_of(&format!("Content-Type: {content_type}\r\n"), "[1]")
            .await
            .unwrap();
        assert_eq!(output.get("body"), Some(&"[1]".into()), "{content_type}");
    }
    let text = output_of("Content-Type: text/plain\r\n", "café").await.unwrap();
    assert_eq!(text.get("body"), Some(&"cafÃ©".into()));
    let untyped = output_of("", "café").await.unwrap();
    assert_eq!(untyped.get("body"), Some(&"café".into()));
}

#[tokio::test]
async fn json_that_does_not_parse_aborts_and_an_empty_body_does_not() {
    let outcome = output_of("Content-Type: application/json\r\n", "{not json").await;
    assert!(matches!(outcome, Err(ActivityError::Fatal(_))), "{outcome:?}");
    let empty = output_of("Content-Type: application/json\r\n", "").await.unwrap();
    assert_eq!(empty.get("body"), Some(&"".into()));
}

#[tokio::test]
async fn arguments_of_a_get_go_into_the_query() {
    let cases = [
        (
            r#"{"a": "x y", "n": 5, "f": 1.5, "l": ["p", "q"], "t": true, "none": null, "é": "ü&="}"#,
            "/p?z=1&a=x+y&n=5&f=1.5&l=p&l=q&t=True&%C3%A9=%C3%BC%26%3D",
        ),
        (r#""a=1&b=two words""#, "/p?z=1&a=1&b=two%20words"),
        (r#"{"a": {"b": 1, "c": 2}}"#, "/p?z=1&a=b&a=c"),
        (r#"{"a": [null, 1, [2, null]]}"#, "/p?z=1&a=1&a=2&a=None"),
        (r#"[["a", 1], "bc"]"#, "/p?z=1&a=1&b=c"),
        (r#"{"a": null}"#, "/p?z=1"),
        ("null", "/p?z=1"),
        ("{}", "/p?z=1"),
        ("0", "/p?z=1"),
    ];
    for (arguments, target) in cases {
        let request = sent(&format!(r#", "arguments": {arguments}"#)).await;
        assert!(
            request.starts_with(&format!("GET {target} HTTP/1.1\r\n")),
            "{arguments}: {request}"
        );
        assert_eq!(body_of(&request), "");
    }
}

#[tokio::test]
async fn other_methods_send_arguments_as_a_form_or_as_text() {
    let cases = [
        (
            r#"{"a": "x y", "l": ["p", "q"], "none": null}"#,
            "a=x+y&l=p&l=q",
            true,
        ),
        (r#"[["a", 1]]"#, "a=1", true),
        (r#"{"a": null}"#, "", true),
        (r#""raw=é&x""#, "raw=é&x", false),
        (r#""""#, "", false),
        ("{}", "", false),
    ];
    for (arguments, body, is_form) in cases {
        let request = sent(&format!(r#", "method": "put", "arguments": {arguments}"#)).await;
        assert!(request.starts_with("PUT /p?z=1 "));
        assert_eq!(body_of(&request), body, "{arguments}");
        let content_type = request.contains("Content-Type: application/x-www-form-urlencoded\r\n");
        assert_eq!(content_type, is_form, "{arguments}");
    }
}

#[tokio::test]
async fn a_json_content_type_sends_any_arguments_as_json() {
    let json = |arguments: &str| {
        format!(
            r#", "method": "POST", "headers": {{"Content-Type": "application/json"}}, "arguments": {arguments}"#
        )
    };
    for arguments in [
        r#"{"a":1.0,"b":12345678901234567890}"#,
        "[1,\"é\"]",
        "{}",
        "[]",
        "0",
        "true",
        "\"x\"",
    ] {
        assert_eq!(body_of(&sent(&json(arguments)).await), arguments);
    }
    let none = sent(&json("null")).await;
    assert!(none.contains("Content-Length: 0\r\n") && body_of(&none).is_empty());
    let with_charset = sent(r#", "method": "POST", "headers": {"Content-Type": "application/json; charset=utf-8"}, "arguments": {"a": "1"}"#).await;
    assert_eq!(body_of(&with_charset), "a=1");
}

#[tokio::test]
async fn headers_are_sent_and_null_ones_left_out() {
    let request = sent(r#", "headers": {"X-One": "1", "X-None": null}"#).await;
    assert!(request.contains("X-One: 1\r\n") && !request.contains("X-None"));
}

#[tokio::test]
async fn declarations_that_cannot_be_sent_abort() {
    let declarations = [
        "",
        r#""url": null"#,
        r#""url": 5"#,
        r#""url": "gopher://127.0.0.1:1/""#,
        r#""url": "http://h/", "method": null"#,
        r#""url": "http://h/", "method": "WE IRD""#,
        r#""url": "http://h/", "headers": "text""#,
        r#""url": "http://h/", "headers": {"X": 1}"#,
        r#""url": "http://h/", "timeout": "1""#,
        r#""url": "http://h/", "timeout": 0"#,
        r#""url": "http://h/", "timeout": -1"#,
        r#""url": "http://h/", "timeout": true"#,
        r#""url": "http://h/", "timeout": [1]"#,
        r#""url": "http://h/", "timeout": [1, "2"]"#,
        r#""url": "http://h/", "timeout": NaN"#,
        r#""url": "http://h/", "max_retries": "2""#,
        r#""url": "http://h/", "arguments": 5"#,
        r#""url": "http://h/", "arguments": ["abc"]"#,
        r#""url": "http://h/", "method": "POST", "arguments": 5"#,
        r#""url": "http://h/", "method": "POST", "headers": {"Content-Type": "application/json"}, "arguments": [NaN]"#,
    ];
    for declaration in declarations {
        let provider = parse(&format!("{{{declaration}}}")).unwrap();
        let outcome = call(provider.as_map().unwrap(), &host()).await;
        assert!(
            matches!(outcome, Err(ActivityError::Fatal(_))),
            "{declaration}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn no_connection_and_no_answer_in_time_are_failures() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for timeout in ["0.05", "[5, 0.05]", "[null, 0.05]"] {
        let outcome = call(&provider(port, &format!(r#", "timeout": {timeout}"#)), &host()).await;
        let Err(ActivityError::Failed(failure)) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(failure.message.contains("took too long"), "{}", failure.message);
    }
    drop(listener);
    for (timeout, retries) in [("1e300", 0), ("[2, null]", 3)] {
        let more = format!(r#", "timeout": {timeout}, "max_retries": {retries}"#);
        let outcome = call(&provider(port, &more), &host()).await;
        assert!(matches!(outcome, Err(ActivityError::Failed(_))), "{outcome:?}");
    }
}
