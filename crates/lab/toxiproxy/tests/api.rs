//! Every route, what it answers and what it refuses. Statuses and bodies are those of the original.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::{Setting, echo, exchange};
use tokio::net::{TcpListener, TcpStream};

fn refusal(status: u16, error: &str) -> (u16, Value) {
    (status, json!({"error": error, "status": status}))
}

#[tokio::test]
async fn a_proxy_is_made_shown_and_removed() {
    let setting = Setting::new().await;
    assert_eq!(
        setting.ask("GET", "/proxies", Value::Null).await,
        (200, json!({}))
    );
    let listen = setting.proxy(echo().await).await;
    assert!(
        listen.starts_with("127.0.0.1:") && !listen.ends_with(":0"),
        "{listen}"
    );
    let (status, shown) = setting.ask("GET", "/proxies/db", Value::Null).await;
    assert_eq!(status, 200);
    let upstream = &shown["upstream"];
    let expected =
        json!({"name": "db", "listen": listen, "upstream": upstream, "enabled": true, "toxics": []});
    assert_eq!(shown, expected);
    assert_eq!(
        setting.ask("GET", "/proxies", Value::Null).await,
        (200, json!({"db": expected}))
    );
    assert_eq!(
        setting.raw("DELETE", "/proxies/db", "", "").await,
        (204, String::new())
    );
    assert!(TcpStream::connect(&listen).await.is_err());
    assert_eq!(
        setting.ask("GET", "/proxies", Value::Null).await,
        (200, json!({}))
    );
}

#[tokio::test]
async fn a_listening_address_may_be_a_name_or_nothing() {
    let setting = Setting::new().await;
    for (name, listen) in [
        ("a", "localhost:0"),
        ("b", ""),
        ("c", ":0"),
        ("d", "127.77.3.4:0"),
        ("e", "0.0.0.0:0"),
    ] {
        let wanted = json!({"name": name, "listen": listen, "upstream": echo().await.to_string()});
        let (status, proxy) = setting.ask("POST", "/proxies", wanted).await;
        assert_eq!(status, 201, "{listen}: {proxy}");
        let (host, port) = proxy["listen"].as_str().unwrap().rsplit_once(':').unwrap();
        assert_ne!(port, "0");
        let host = if listen.starts_with("127.77") {
            host
        } else {
            "127.0.0.1"
        };
        let mut client = TcpStream::connect(format!("{host}:{port}")).await.unwrap();
        assert_eq!(exchange(&mut client, "hello").await, "hello");
    }
}

#[tokio::test]
async fn proxies_that_cannot_be_are_refused() {
    let setting = Setting::new().await;
    let listen = setting.proxy(echo().await).await;
    let post = |body: Value| setting.ask("POST", "/proxies", body);
    assert_eq!(
        post(json!({})).await,
        refusal(400, "missing required field: name")
    );
    assert_eq!(
        post(json!({"name": ""})).await,
        refusal(400, "missing required field: name")
    );
    assert_eq!(
        post(json!({"name": "x"})).await,
        refusal(400, "missing required field: upstream")
    );
    let wanted = json!({"name": "db", "upstream": "127.0.0.1:1"});
    assert_eq!(post(wanted).await, refusal(409, "proxy already exists"));
    let (status, answer) = post(json!({"name": "x", "listen": listen, "upstream": "127.0.0.1:1"})).await;
    assert_eq!((status, &answer["status"]), (500, &json!(500)));
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .starts_with(&format!("listen tcp {listen}: bind: ")),
        "{answer}"
    );
    for body in ["", "{", "[]", r#"{"name": 1}"#, r#"{"enabled": "yes"}"#, "7"] {
        let (status, answer) = setting.raw("POST", "/proxies", "", body).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer.contains("bad request body: "), "{body}: {answer}");
    }
    assert_eq!(
        setting.ask("GET", "/proxies/x", Value::Null).await,
        refusal(404, "proxy not found")
    );
}

#[tokio::test]
async fn json_is_read_as_go_reads_it() {
    let setting = Setting::new().await;
    let body =
        r#"{"NAME": "db", "Upstream": "127.0.0.1:1", "listen": null, "enabled": false, "more": 1} trailing"#;
    let (status, answer) = setting.raw("POST", "/proxies", "", body).await;
    assert_eq!(status, 201, "{answer}");
    let expected =
        json!({"name": "db", "listen": "", "upstream": "127.0.0.1:1", "enabled": false, "toxics": []});
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), expected);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let setting = Setting::new().await;
    for (method, path) in [
        ("GET", "/proxies/x"),
        ("POST", "/proxies/x"),
        ("PATCH", "/proxies/x"),
        ("DELETE", "/proxies/x"),
        ("GET", "/proxies/x/toxics"),
        ("POST", "/proxies/x/toxics"),
        ("GET", "/proxies/x/toxics/y"),
        ("POST", "/proxies/x/toxics/y"),
        ("PATCH", "/proxies/x/toxics/y"),
        ("DELETE", "/proxies/x/toxics/y"),
    ] {
        let answer = setting.ask(method, path, json!({})).await;
        assert_eq!(answer, refusal(404, "proxy not found"), "{method} {path}");
    }
    setting.proxy(echo().await).await;
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let answer = setting.ask(method, "/proxies/db/toxics/y", json!({})).await;
        assert_eq!(answer, refusal(404, "toxic not found"), "{method}");
    }
    assert_eq!(
        setting.raw("GET", "/nothing", "", "").await,
        (404, "404 page not found\n".into())
    );
    assert_eq!(setting.raw("PUT", "/proxies", "", "").await.0, 405);
}

#[tokio::test]
async fn a_proxy_is_disabled_and_enabled_where_it_was() {
    let setting = Setting::new().await;
    let listen = setting.proxy(echo().await).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    assert_eq!(exchange(&mut client, "hello").await, "hello");
    let (status, proxy) = setting
        .ask("POST", "/proxies/db", json!({"enabled": false}))
        .await;
    assert_eq!((status, &proxy["enabled"]), (200, &json!(false)));
    support::rest(&mut client).await;
    assert!(TcpStream::connect(&listen).await.is_err());
    let (status, proxy) = setting
        .ask("PATCH", "/proxies/db", json!({"enabled": true}))
        .await;
    assert_eq!((status, &proxy["enabled"]), (200, &json!(true)));
    assert_eq!(proxy["listen"], json!(listen));
    let mut client = TcpStream::connect(&listen).await.unwrap();
    assert_eq!(exchange(&mut client, "again").await, "again");
}

#[tokio::test]
async fn an_update_closes_connections_only_when_something_moves() {
    let setting = Setting::new().await;
    let (first, second) = (echo().await, echo().await);
    let listen = setting.proxy(first).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    exchange(&mut client, "hello").await;
    let same = json!({"listen": listen.replace("127.0.0.1", "localhost"), "upstream": first.to_string()});
    assert_eq!(setting.ask("POST", "/proxies/db", same).await.0, 200);
    assert_eq!(exchange(&mut client, "still here").await, "still here");
    let moved = json!({"upstream": second.to_string()});
    let (_, proxy) = setting.ask("POST", "/proxies/db", moved).await;
    assert_eq!(
        (&proxy["listen"], &proxy["upstream"]),
        (&json!(listen), &json!(second.to_string()))
    );
    support::rest(&mut client).await;
    let (_, proxy) = setting
        .ask("POST", "/proxies/db", json!({"listen": "127.0.0.1:0"}))
        .await;
    assert_ne!(proxy["listen"], json!(listen));
    assert!(TcpStream::connect(&listen).await.is_err());
    let (status, _) = setting
        .ask("POST", "/proxies/db", json!({"listen": "no such host"}))
        .await;
    assert_eq!(status, 500);
    let (status, _) = setting.ask("POST", "/proxies/db", json!({"listen": 7})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_proxy_without_its_server_closes_connections() {
    let setting = Setting::new().await;
    let vacant = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let listen = setting.proxy(vacant).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    assert_eq!(support::rest(&mut client).await.0, b"");
}

#[tokio::test]
async fn toxics_are_shown_as_they_were_made() {
    let setting = Setting::new().await;
    setting.proxy(echo().await).await;
    let post = |body: Value| setting.ask("POST", "/proxies/db/toxics", body);
    let (status, toxic) = post(json!({"type": "latency", "attributes": {"latency": 5}})).await;
    assert_eq!(status, 200);
    let latency = json!({"attributes": {"latency": 5, "jitter": 0}, "name": "latency_downstream",
        "type": "latency", "stream": "downstream", "toxicity": 1});
    assert_eq!(toxic, latency);
    let slow = json!({"name": "slow", "type": "slow_close", "stream": "UpStream", "toxicity": 0.3, "attributes": null});
    let (_, toxic) = post(slow).await;
    let slow = json!({"attributes": {"delay": 0}, "name": "slow", "type": "slow_close", "stream": "UpStream",
        "toxicity": 0.3});
    assert_eq!(toxic, slow);
    let (_, all) = setting.ask("GET", "/proxies/db/toxics", Value::Null).await;
    assert_eq!(all, json!([slow, latency]), "those upstream come first");
    assert_eq!(
        setting.ask("GET", "/proxies/db/toxics/slow", Value::Null).await,
        (200, slow.clone())
    );
    let (_, proxy) = setting.ask("GET", "/proxies/db", Value::Null).await;
    assert_eq!(proxy["toxics"], all);
    let changed =
        json!({"toxicity": 0.5, "attributes": {"jitter": 2}, "name": "other", "stream": "upstream"});
    let (status, toxic) = setting
        .ask("PATCH", "/proxies/db/toxics/latency_downstream", changed)
        .await;
    let changed = json!({"attributes": {"latency": 5, "jitter": 2}, "name": "latency_downstream",
        "type": "latency", "stream": "downstream", "toxicity": 0.5});
    assert_eq!((status, toxic), (200, changed));
    setting.remove_toxic("slow").await;
    let (_, all) = setting.ask("GET", "/proxies/db/toxics", Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_type_has_its_attributes() {
    let setting = Setting::new().await;
    setting.proxy(echo().await).await;
    for (kind, attributes) in [
        ("noop", json!({})),
        ("latency", json!({"latency": 0, "jitter": 0})),
        ("bandwidth", json!({"rate": 0})),
        ("slow_close", json!({"delay": 0})),
        ("timeout", json!({"timeout": 0})),
        (
            "slicer",
            json!({"average_size": 0, "size_variation": 0, "delay": 0}),
        ),
        ("limit_data", json!({"bytes": 0})),
        ("reset_peer", json!({"timeout": 0})),
    ] {
        let (status, toxic) = setting
            .ask("POST", "/proxies/db/toxics", json!({"type": kind}))
            .await;
        assert_eq!((status, &toxic["attributes"]), (200, &attributes), "{kind}");
    }
}

#[tokio::test]
async fn toxics_that_cannot_be_are_refused() {
    let setting = Setting::new().await;
    setting.proxy(echo().await).await;
    let post = |body: Value| setting.ask("POST", "/proxies/db/toxics", body);
    let stream = "stream was invalid, can be either upstream or downstream";
    assert_eq!(
        post(json!({"type": "latency", "stream": "sideways"})).await,
        refusal(400, stream)
    );
    assert_eq!(
        post(json!({"type": "mystery"})).await,
        refusal(400, "invalid toxic type")
    );
    assert_eq!(post(json!({})).await, refusal(400, "invalid toxic type"));
    assert_eq!(post(json!({"name": "a", "type": "latency"})).await.0, 200);
    let taken = json!({"name": "a", "type": "latency", "stream": "upstream", "attributes": {"latency": "x"}});
    assert_eq!(post(taken).await, refusal(409, "toxic already exists"));
    for body in [
        json!({"type": "latency", "attributes": {"latency": "5"}}),
        json!({"type": "latency", "attributes": {"latency": 5.5}}),
        json!({"type": "latency", "attributes": []}),
        json!({"type": "latency", "toxicity": "half"}),
        json!({"type": 1}),
        json!([]),
        Value::Null,
    ] {
        let (status, answer) = post(body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert!(
            answer["error"]
                .as_str()
                .unwrap()
                .starts_with("bad request body: "),
            "{answer}"
        );
    }
    let (status, _) = setting
        .ask(
            "POST",
            "/proxies/db/toxics/a",
            json!({"attributes": {"jitter": true}}),
        )
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn proxies_are_populated_and_kept_when_the_same() {
    let setting = Setting::new().await;
    let upstream = echo().await.to_string();
    let list = json!([
        {"name": "a", "listen": "127.0.0.1:0", "upstream": upstream},
        {"name": "b", "listen": "127.0.0.1:0", "upstream": upstream, "enabled": false}
    ]);
    let (status, answer) = setting.ask("POST", "/populate", list).await;
    assert_eq!(status, 201, "{answer}");
    let proxies = answer["proxies"].as_array().unwrap();
    assert_eq!(answer.as_object().unwrap().len(), 1);
    assert_eq!(
        (&proxies[0]["enabled"], &proxies[1]["enabled"]),
        (&json!(true), &json!(false))
    );
    let listen = proxies[0]["listen"].as_str().unwrap();
    let mut client = TcpStream::connect(listen).await.unwrap();
    exchange(&mut client, "hello").await;
    let again = json!([{"name": "a", "listen": listen, "upstream": upstream}]);
    assert_eq!(setting.ask("POST", "/populate", again).await.0, 201);
    assert_eq!(exchange(&mut client, "kept").await, "kept");
    let other = json!([{"name": "a", "listen": listen, "upstream": echo().await.to_string()}]);
    assert_eq!(setting.ask("POST", "/populate", other).await.0, 201);
    support::rest(&mut client).await;
    let mut client = TcpStream::connect(listen).await.unwrap();
    assert_eq!(exchange(&mut client, "new").await, "new");
}

#[tokio::test]
async fn a_population_that_fails_tells_what_it_made() {
    let setting = Setting::new().await;
    let post = |body: Value| setting.ask("POST", "/populate", body);
    assert_eq!(post(json!([])).await, (201, json!({"proxies": null})));
    let missing = json!([{"name": "a", "upstream": "127.0.0.1:1"}, {"name": "b"}]);
    let error =
        json!({"error": "missing required field: upstream at proxy 2", "status": 400, "proxies": null});
    assert_eq!(post(missing).await, (400, error));
    let missing = json!([{"upstream": "127.0.0.1:1"}]);
    assert_eq!(
        post(missing).await.1["error"],
        json!("missing required field: name at proxy 1")
    );
    let (status, answer) = post(json!({})).await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .starts_with("bad request body: ")
    );
    let half = json!([{"name": "a", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"},
        {"name": "b", "listen": "nowhere", "upstream": "127.0.0.1:1"}]);
    let (status, answer) = post(half).await;
    assert_eq!((status, &answer["status"]), (500, &json!(500)));
    assert_eq!(answer["proxies"][0]["name"], json!("a"));
}

#[tokio::test]
async fn a_reset_enables_all_and_removes_toxics() {
    let setting = Setting::new().await;
    let listen = setting.proxy(echo().await).await;
    setting.toxic("timeout", json!({})).await;
    setting
        .toxic_on("upstream", "latency", json!({"latency": 100_000}))
        .await;
    setting
        .ask("POST", "/proxies/db", json!({"enabled": false}))
        .await;
    assert_eq!(setting.raw("POST", "/reset", "", "").await, (204, String::new()));
    let (_, proxy) = setting.ask("GET", "/proxies/db", Value::Null).await;
    assert_eq!((&proxy["enabled"], &proxy["toxics"]), (&json!(true), &json!([])));
    let mut client = TcpStream::connect(&listen).await.unwrap();
    assert_eq!(exchange(&mut client, "hello").await, "hello");
}

#[tokio::test]
async fn browsers_are_refused() {
    let setting = Setting::new().await;
    let browser = "User-Agent: Mozilla/5.0 (X11)\r\n";
    let answer = setting.raw("GET", "/proxies", browser, "").await;
    assert_eq!(answer, (403, "User agent not allowed\n".into()));
    assert_eq!(
        setting
            .raw("GET", "/proxies", "User-Agent: curl Mozilla/5.0\r\n", "")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn version_and_metrics_are_told() {
    let setting = Setting::new().await;
    let (status, answer) = setting.ask("GET", "/version", Value::Null).await;
    assert_eq!(status, 200);
    assert!(answer["version"].as_str().unwrap().starts_with("2."), "{answer}");
    let upstream = echo().await;
    let listen = setting.proxy(upstream).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    exchange(&mut client, "hello").await;
    for (name, direction) in [
        ("received", "upstream"),
        ("sent", "upstream"),
        ("received", "downstream"),
    ] {
        let (_, text) = setting.raw("GET", "/metrics", "", "").await;
        let line = format!(
            r#"toxiproxy_proxy_{name}_bytes_total{{direction="{direction}",listener="{listen}",proxy="db",upstream="{upstream}"}} 5"#
        );
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn closing_closes_everything() {
    let setting = Setting::new().await;
    let listen = setting.proxy(echo().await).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    exchange(&mut client, "hello").await;
    let api = setting.toxiproxy.address();
    support::soon(setting.toxiproxy.close()).await;
    support::rest(&mut client).await;
    assert!(TcpStream::connect(&listen).await.is_err());
    assert!(TcpStream::connect(api).await.is_err());
}
