//! Every activity over real sockets: what it asks of Toxiproxy, and what it makes of the answers.

use std::cell::RefCell;
use std::rc::Rc;

use chaos_engine::activity::Catalogue;
use chaos_engine::value::Value;
use serde_json::{Value as Json, json};

use crate::testing::{Server, context, message, run, run_in, vacant_port};

const PROXY: &str =
    r#"{"name": "db", "listen": "[::]:41234", "upstream": "h:1", "enabled": true, "toxics": []}"#;
const TOXIC: &str = r#"{"name": "slow", "type": "latency", "stream": "downstream"}"#;
const NOT_FOUND: (u16, &str) = (404, r#"{"error": "proxy not found", "status": 404}"#);

/// Every activity with arguments that it takes.
fn activities() -> Vec<(&'static str, Json)> {
    let toxic = |more: Json| {
        let mut arguments = json!({"for_proxy": "db", "toxic_name": "slow"});
        let more = more.as_object().unwrap().clone();
        arguments.as_object_mut().unwrap().extend(more);
        arguments
    };
    vec![
        (
            "proxy.actions.create_proxy",
            json!({"proxy_name": "db", "upstream_host": "h", "upstream_port": 1}),
        ),
        ("proxy.actions.modify_proxy", json!({"proxy_name": "db"})),
        ("proxy.actions.disable_proxy", json!({"proxy_name": "db"})),
        ("proxy.actions.enable_proxy", json!({"proxy_name": "db"})),
        ("proxy.actions.delete_proxy", json!({"proxy_name": "db"})),
        ("proxy.actions.reset", json!({})),
        ("proxy.probes.proxy_exist", json!({"proxy_name": "db"})),
        (
            "proxy.probes.get_proxy_attribute",
            json!({"proxy_name": "db", "attribute": "listen"}),
        ),
        (
            "toxic.actions.create_toxic",
            toxic(json!({"toxic_type": "latency"})),
        ),
        ("toxic.actions.create_latency_toxic", toxic(json!({"latency": 9}))),
        (
            "toxic.actions.create_bandwith_degradation_toxic",
            toxic(json!({"rate": 8})),
        ),
        (
            "toxic.actions.create_slow_connection_close_toxic",
            toxic(json!({"delay": 7})),
        ),
        ("toxic.actions.create_timeout_toxic", toxic(json!({"timeout": 6}))),
        (
            "toxic.actions.create_slicer_toxic",
            toxic(json!({"average_size": 5, "size_variation": 4, "delay": 3})),
        ),
        (
            "toxic.actions.create_limiter_toxic",
            toxic(json!({"bytes_limit": 2})),
        ),
        ("toxic.actions.delete_toxic", toxic(json!({}))),
    ]
}

async fn at(url: &str, function: &str, arguments: Json) -> Result<Value, String> {
    let name = format!("chaostoxi.{function}");
    let configuration = json!({"toxiproxy_url": url});
    run(&name, arguments, configuration).await.map_err(message)
}

async fn ask(server: &Server, function: &str, arguments: Json) -> Result<Value, String> {
    at(&server.url(""), function, arguments).await
}

/// Runs against one answer; returns the outcome, and what was asked with which body.
async fn with(answer: (u16, &str), function: &str, arguments: Json) -> (Result<Value, String>, String, Json) {
    let server = Server::start(&[answer]).await;
    let outcome = ask(&server, function, arguments).await;
    let (line, body) = server.only();
    (outcome, line, body)
}

#[tokio::test]
async fn a_proxy_is_made_from_hosts_and_ports() {
    let arguments = json!({"proxy_name": "db", "upstream_host": "h", "upstream_port": "env:DB_PORT"});
    let (outcome, line, body) = with((201, PROXY), "proxy.actions.create_proxy", arguments).await;
    assert_eq!(outcome, Ok(true.into()));
    assert_eq!(line, "POST /proxies");
    assert_eq!(
        body,
        json!({"name": "db", "listen": "0.0.0.0:0", "upstream": "h:5432", "enabled": true})
    );
    let arguments = json!({"proxy_name": "db", "upstream_host": "h", "upstream_port": 80,
        "listen_host": "127.0.0.1", "listen_port": "8080", "enabled": false});
    let (outcome, _, body) = with((201, PROXY), "proxy.actions.create_proxy", arguments).await;
    assert_eq!(outcome, Ok(true.into()));
    assert_eq!(
        body,
        json!({"name": "db", "listen": "127.0.0.1:8080", "upstream": "h:80", "enabled": false})
    );
}

#[tokio::test]
async fn the_port_is_left_to_later_activities() {
    let server = Server::start(&[(201, PROXY)]).await;
    let news = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&news);
    let context = context(json!({"toxiproxy_url": server.url("")}))
        .heard_by(Rc::new(move |news| heard.borrow_mut().push(format!("{news:?}"))));
    let arguments = json!({"proxy_name": "db", "upstream_host": "h", "upstream_port": 1});
    let made = run_in("chaostoxi.proxy.actions.create_proxy", arguments, context).await;
    assert_eq!(made, Ok(true.into()));
    let news = news.borrow().join(" ");
    assert_eq!(
        news,
        r#"Configuration("db_PORT", Text("41234")) Variable("db_PORT", "41234")"#
    );
}

#[tokio::test]
async fn bodies_are_announced_as_json() {
    let server = Server::start(&[(201, PROXY)]).await;
    ask(&server, "proxy.actions.enable_proxy", json!({"proxy_name": "db"}))
        .await
        .unwrap();
    let head = &server.requests()[0].head;
    assert!(head.contains("Content-Type: application/json"), "{head}");
}

#[tokio::test]
async fn a_new_proxy_needs_a_numeric_port_and_a_known_variable() {
    let arguments = json!({"proxy_name": "db", "upstream_host": "h", "upstream_port": 80});
    let answer = (201, r#"{"name": "db", "listen": "localhost:http"}"#);
    let (outcome, ..) = with(answer, "proxy.actions.create_proxy", arguments).await;
    let error = outcome.unwrap_err();
    assert!(
        error.contains("localhost:http") && error.contains("port number"),
        "{error}"
    );
    let server = Server::start(&[(201, PROXY)]).await;
    let arguments = json!({"proxy_name": "db", "upstream_host": "env:NO_SUCH", "upstream_port": 80});
    let error = ask(&server, "proxy.actions.create_proxy", arguments).await;
    assert!(error.unwrap_err().contains("NO_SUCH"));
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn only_what_is_given_is_modified() {
    let function = "proxy.actions.modify_proxy";
    let arguments = json!({"proxy_name": "db", "upstream_address": "o:2"});
    let (outcome, line, body) = with((200, PROXY), function, arguments).await;
    assert_eq!(outcome, Ok(true.into()));
    assert_eq!(line, "POST /proxies/db");
    assert_eq!(body, json!({"upstream": "o:2"}));
    let arguments =
        json!({"proxy_name": "db", "listen_address": "l:3", "upstream_address": null, "enabled": false});
    let (_, _, body) = with((200, PROXY), function, arguments).await;
    assert_eq!(body, json!({"listen": "l:3", "enabled": false}));
}

#[tokio::test]
async fn a_proxy_is_switched_off_and_on() {
    for (function, enabled) in [("disable_proxy", false), ("enable_proxy", true)] {
        let function = format!("proxy.actions.{function}");
        let (outcome, line, body) = with((200, PROXY), &function, json!({"proxy_name": "db"})).await;
        assert_eq!(outcome, Ok(true.into()));
        assert_eq!(line, "POST /proxies/db");
        assert_eq!(body, json!({"enabled": enabled}));
    }
}

#[tokio::test]
async fn removing_a_proxy_never_fails() {
    let function = "proxy.actions.delete_proxy";
    for answer in [(204, ""), NOT_FOUND] {
        let (outcome, line, _) = with(answer, function, json!({"proxy_name": "db"})).await;
        assert_eq!(outcome, Ok(Value::Null));
        assert_eq!(line, "DELETE /proxies/db");
    }
    let nowhere = format!("http://127.0.0.1:{}", vacant_port());
    for url in [&nowhere, "", "no address"] {
        assert_eq!(
            at(url, function, json!({"proxy_name": "db"})).await,
            Ok(Value::Null)
        );
    }
}

#[tokio::test]
async fn a_reset_has_no_body_and_tells_whether_it_was_done() {
    for (status, done) in [(204, true), (500, false)] {
        let (outcome, line, body) = with((status, ""), "proxy.actions.reset", json!({})).await;
        assert_eq!(outcome, Ok(done.into()));
        assert_eq!(line, "POST /reset");
        assert_eq!(body, Json::Null);
    }
}

#[tokio::test]
async fn a_proxy_exists_or_not() {
    for (answer, exists) in [((200, PROXY), true), (NOT_FOUND, false)] {
        let (outcome, line, _) = with(answer, "proxy.probes.proxy_exist", json!({"proxy_name": "db"})).await;
        assert_eq!(outcome, Ok(exists.into()));
        assert_eq!(line, "GET /proxies/db");
    }
}

#[tokio::test]
async fn an_attribute_is_read_as_it_is() {
    let function = "proxy.probes.get_proxy_attribute";
    let read = |attribute: &str| json!({"proxy_name": "db", "attribute": attribute});
    let (outcome, line, _) = with((200, PROXY), function, read("enabled")).await;
    assert_eq!(outcome, Ok(true.into()));
    assert_eq!(line, "GET /proxies/db");
    let (outcome, ..) = with((200, PROXY), function, read("toxics")).await;
    assert_eq!(outcome, Ok(Value::List(Vec::new())));
    let (outcome, ..) = with(NOT_FOUND, function, read("enabled")).await;
    assert_eq!(outcome, Ok(Value::Null));
    let (outcome, ..) = with((200, PROXY), function, read("upstraem")).await;
    let error = outcome.unwrap_err();
    assert!(
        error.contains("`upstraem`") && error.contains("upstream, enabled, toxics"),
        "{error}"
    );
}

#[tokio::test]
async fn each_toxic_has_its_type_and_attributes() {
    let wanted = [
        ("create_toxic", "latency", Json::Null),
        (
            "create_latency_toxic",
            "latency",
            json!({"latency": 9, "jitter": 0}),
        ),
        (
            "create_bandwith_degradation_toxic",
            "bandwidth",
            json!({"rate": 8}),
        ),
        (
            "create_slow_connection_close_toxic",
            "slow_close",
            json!({"delay": 7}),
        ),
        ("create_timeout_toxic", "timeout", json!({"timeout": 6})),
        (
            "create_slicer_toxic",
            "slicer",
            json!({"average_size": 5, "size_variation": 4, "delay": 3}),
        ),
        ("create_limiter_toxic", "limit_data", json!({"bytes": 2})),
    ];
    for (function, kind, attributes) in wanted {
        let function = format!("toxic.actions.{function}");
        let (_, arguments) = activities()
            .into_iter()
            .find(|(name, _)| *name == function)
            .unwrap();
        let (outcome, line, body) = with((200, TOXIC), &function, arguments).await;
        assert_eq!(outcome, Ok(true.into()), "{function}");
        assert_eq!(line, "POST /proxies/db/toxics");
        let expected = json!({"name": "slow", "type": kind, "stream": "downstream",
            "toxicity": 1.0, "attributes": attributes});
        assert_eq!(body, expected, "{function}");
    }
}

#[tokio::test]
async fn a_toxic_of_any_type_is_described_whole() {
    let arguments = json!({"for_proxy": "db", "toxic_name": "slow", "toxic_type": "reset_peer",
        "stream": "upstream", "toxicity": 0.5, "attributes": {"timeout": 3, "more": [1]}});
    let other = (200, r#"{"name": "other"}"#);
    let (outcome, _, body) = with(other, "toxic.actions.create_toxic", arguments).await;
    assert_eq!(outcome, Ok(false.into()));
    let expected = json!({"name": "slow", "type": "reset_peer", "stream": "upstream",
        "toxicity": 0.5, "attributes": {"timeout": 3, "more": [1]}});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_toxic_is_removed_or_was_not_there() {
    for (answer, removed) in [((204, ""), true), (NOT_FOUND, false)] {
        let arguments = json!({"for_proxy": "db", "toxic_name": "slow"});
        let (outcome, line, _) = with(answer, "toxic.actions.delete_toxic", arguments).await;
        assert_eq!(outcome, Ok(removed.into()));
        assert_eq!(line, "DELETE /proxies/db/toxics/slow");
    }
}

#[tokio::test]
async fn names_are_one_segment_of_the_path() {
    let arguments = json!({"for_proxy": "a/b c", "toxic_name": "?x"});
    let (_, line, _) = with((204, ""), "toxic.actions.delete_toxic", arguments).await;
    assert_eq!(line, "DELETE /proxies/a%2Fb%20c/toxics/%3Fx");
}

#[tokio::test]
async fn a_refusal_fails_what_makes_or_changes_and_says_why() {
    let conflict = (409, r#"{"error": "proxy already exists", "status": 409}"#);
    for (function, arguments) in activities() {
        if !function.contains("create_") && !function.contains("able_") && !function.contains("modify_") {
            continue;
        }
        let (outcome, line, _) = with(conflict, function, arguments).await;
        let error = outcome.unwrap_err();
        let path = line.strip_prefix("POST ").unwrap();
        for word in ["proxy already exists", "409", path] {
            assert!(error.contains(word), "{function}: {error}");
        }
    }
}

#[tokio::test]
async fn without_a_connection_all_but_the_removal_of_a_proxy_fail() {
    let nowhere = format!("http://jane:s3cret@127.0.0.1:{}", vacant_port());
    for (function, arguments) in activities() {
        match at(&nowhere, function, arguments).await {
            Ok(value) => assert_eq!((function, value), ("proxy.actions.delete_proxy", Value::Null)),
            Err(error) => {
                assert!(error.contains("cannot connect to http://127.0.0.1"), "{error}");
                assert!(!error.contains("s3cret"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_toxiproxy_is_told_so() {
    for body in ["<html>", "[]", "{}"] {
        let (outcome, ..) = with(
            (200, body),
            "proxy.actions.enable_proxy",
            json!({"proxy_name": "db"}),
        )
        .await;
        let error = outcome.unwrap_err();
        assert!(error.contains("is it Toxiproxy"), "{error}");
    }
}

#[tokio::test]
async fn the_configuration_says_where_it_is() {
    let name = "chaostoxi.proxy.actions.reset";
    let server = Server::start(&[(204, "")]).await;
    let slashed = json!({"toxiproxy_url": server.url("/behind/"), "toxiproxy_host": "ignored.invalid"});
    assert_eq!(run(name, json!({}), slashed).await, Ok(true.into()));
    for port in [json!(server.port()), json!(server.port().parse::<u16>().unwrap())] {
        let apart = json!({"toxiproxy_host": "127.0.0.1", "toxiproxy_port": port, "toxiproxy_url": ""});
        assert_eq!(run(name, json!({}), apart).await, Ok(true.into()));
    }
    assert_eq!(
        server.lines(),
        ["POST /behind/reset", "POST /reset", "POST /reset"]
    );
    let error = run(name, json!({}), json!({}))
        .await
        .map_err(message)
        .unwrap_err();
    assert!(
        error.contains("`toxiproxy_url`") && error.contains("`toxiproxy_host`"),
        "{error}"
    );
}

#[test]
fn every_activity_and_argument_is_documented() {
    let catalogue = super::register(Catalogue::new());
    let names: Vec<String> = catalogue
        .iter()
        .map(|(module, function, _)| format!("{module}.{function}"))
        .collect();
    let expected: Vec<String> = activities()
        .into_iter()
        .map(|(name, _)| format!("chaostoxi.{name}"))
        .collect();
    assert_eq!(names, expected);
    for (_, function, entry) in catalogue.iter() {
        let schema = (entry.schema)();
        assert!(schema.get("description").is_some(), "{function}: {schema:?}");
        let arguments = schema.get("properties").and_then(Json::as_object);
        for (argument, declared) in arguments.into_iter().flatten() {
            assert!(
                declared.get("description").is_some(),
                "{function}.{argument}: {declared}"
            );
        }
    }
}
