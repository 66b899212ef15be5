//! The native activities of chaostoxi against it.
#![allow(clippy::unwrap_used)]

mod support;

use std::rc::Rc;

use chaos_engine::activity::{ActivityError, Catalogue, Context};
use chaos_engine::host::Host;
use chaos_engine::value::{Map, Value};
use serde_json::{Value as Json, json};
use support::{Setting, echo, exchange, rest};
use tokio::net::TcpStream;

fn map(json: Json) -> Map {
    Value::from(json).as_map().unwrap().clone()
}

async fn run(setting: &Setting, name: &str, arguments: Json) -> Result<Value, ActivityError> {
    let configuration = map(json!({"toxiproxy_url": format!("http://{}", setting.toxiproxy.address())}));
    let context = Context::new(Rc::new(configuration), Rc::default(), Rc::new(Host::default()), 0);
    let catalogue = chaos_companions::register(Catalogue::new());
    let (module, function) = name.rsplit_once('.').unwrap();
    let entry = catalogue
        .get(&format!("chaostoxi.{module}"), function)
        .expect(name);
    entry.run(map(arguments), context).await
}

async fn done(setting: &Setting, name: &str, arguments: Json) -> Value {
    let outcome = run(setting, name, arguments).await;
    outcome.unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

async fn listen(setting: &Setting) -> String {
    let arguments = json!({"proxy_name": "db", "attribute": "listen"});
    let listen = done(setting, "proxy.probes.get_proxy_attribute", arguments).await;
    listen.as_str().unwrap().replace("0.0.0.0", "127.0.0.1")
}

#[tokio::test]
async fn a_proxy_from_its_making_to_its_removal() {
    let setting = Setting::new().await;
    let named = json!({"proxy_name": "db"});
    assert_eq!(
        done(&setting, "proxy.probes.proxy_exist", named.clone()).await,
        Value::from(false)
    );
    let upstream = echo().await;
    let arguments =
        json!({"proxy_name": "db", "upstream_host": "127.0.0.1", "upstream_port": upstream.port()});
    assert_eq!(
        done(&setting, "proxy.actions.create_proxy", arguments).await,
        Value::from(true)
    );
    assert_eq!(
        done(&setting, "proxy.probes.proxy_exist", named.clone()).await,
        Value::from(true)
    );
    let listen = listen(&setting).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    assert_eq!(exchange(&mut client, "hello").await, "hello");
    done(&setting, "proxy.actions.disable_proxy", named.clone()).await;
    rest(&mut client).await;
    assert!(TcpStream::connect(&listen).await.is_err());
    done(&setting, "proxy.actions.enable_proxy", named.clone()).await;
    let mut client = TcpStream::connect(&listen).await.unwrap();
    assert_eq!(exchange(&mut client, "again").await, "again");
    let arguments = json!({"proxy_name": "db", "upstream_address": echo().await.to_string()});
    done(&setting, "proxy.actions.modify_proxy", arguments).await;
    done(&setting, "proxy.actions.delete_proxy", named.clone()).await;
    assert_eq!(
        done(&setting, "proxy.probes.proxy_exist", named).await,
        Value::from(false)
    );
}

#[tokio::test]
async fn every_toxic_is_made_and_removed() {
    let setting = Setting::new().await;
    setting.proxy(echo().await).await;
    for (function, arguments, attributes) in [
        (
            "create_latency_toxic",
            json!({"latency": 9}),
            json!({"latency": 9, "jitter": 0}),
        ),
        (
            "create_bandwith_degradation_toxic",
            json!({"rate": 8}),
            json!({"rate": 8}),
        ),
        (
            "create_slow_connection_close_toxic",
            json!({"delay": 7}),
            json!({"delay": 7}),
        ),
        (
            "create_timeout_toxic",
            json!({"timeout": 6}),
            json!({"timeout": 6}),
        ),
        (
            "create_slicer_toxic",
            json!({"average_size": 5, "size_variation": 4, "delay": 3}),
            json!({"average_size": 5, "size_variation": 4, "delay": 3}),
        ),
        (
            "create_limiter_toxic",
            json!({"bytes_limit": 2}),
            json!({"bytes": 2}),
        ),
        (
            "create_toxic",
            json!({"toxic_type": "reset_peer"}),
            json!({"timeout": 0}),
        ),
    ] {
        let mut arguments = arguments;
        arguments["for_proxy"] = json!("db");
        arguments["toxic_name"] = json!("it");
        let made = done(&setting, &format!("toxic.actions.{function}"), arguments).await;
        assert_eq!(made, Value::from(true), "{function}");
        let (_, toxic) = setting.ask("GET", "/proxies/db/toxics/it", Json::Null).await;
        assert_eq!(toxic["attributes"], attributes, "{function}");
        let named = json!({"for_proxy": "db", "toxic_name": "it"});
        let removed = done(&setting, "toxic.actions.delete_toxic", named.clone()).await;
        assert_eq!(removed, Value::from(true));
        let again = done(&setting, "toxic.actions.delete_toxic", named).await;
        assert_eq!(again, Value::from(false));
    }
    assert_eq!(
        done(&setting, "proxy.actions.reset", json!({})).await,
        Value::from(true)
    );
}

#[tokio::test]
async fn refusals_are_told_in_its_words() {
    let setting = Setting::new().await;
    let error = run(
        &setting,
        "proxy.actions.enable_proxy",
        json!({"proxy_name": "db"}),
    )
    .await
    .unwrap_err();
    assert!(
        format!("{error:?}").contains("proxy not found (status 404)"),
        "{error:?}"
    );
}
