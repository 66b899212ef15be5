use chaos_engine::value::json;

use super::*;

fn event(name: EventName) -> Event {
    Event {
        name,
        payload: map([("title", "Told".into())]).into(),
        error: None,
        ts: 12.5,
    }
}

fn planned(channels: &str, name: EventName) -> Vec<Delivery> {
    let settings = json::parse(&format!(r#"{{"notifications": {channels}}}"#)).unwrap();
    deliveries(&settings, &event(name))
}

#[test]
fn an_http_channel_gets_the_event_as_json() {
    let channels = r#"[{"type":"http","url":"http://h/x","headers":{"Authorization":"Bearer t","X-N":7}}]"#;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = Delivery::Http {
        method: "POST",
        url: "http://h/x".to_owned(),
        headers: vec![
            header("Authorization", "Bearer t"),
            header("X-N", "7"),
            header("Content-Type", "application/json"),
        ],
        verify_tls: true,
        body: json::parse(r#"{"name":"run-started","payload":{"title":"Told"},"phase":"run","ts":12.5}"#)
            .ok(),
    };
    assert_eq!(planned(channels, EventName::RunStarted), [expected]);
}

#[test]
fn without_the_payload_it_is_a_bare_get() {
    let channels = r#"[{"type":"http","url":"http://h/x","forward_event_payload":false,"verify_tls":false}]"#;
    let expected = Delivery::Http {
        method: "GET",
        url: "http://h/x".to_owned(),
        headers: Vec::new(),
        verify_tls: false,
        body: None,
    };
    assert_eq!(planned(channels, EventName::InitStarted), [expected]);
}

#[test]
fn a_content_type_of_the_settings_is_kept() {
    let channels = r#"[{"type":"http","url":"http://h","headers":{"content-type":"application/x-mine"}}]"#;
    let Delivery::Http { headers, .. } = planned(channels, EventName::RunFailed).remove(0) else {
        panic!()
    };
    assert_eq!(headers.len(), 1);
}

#[test]
fn a_plugin_is_called_with_its_channel() {
    let channels =
        r#"[{"type":"plugin","module":"plug"},{"type":"plugin","module":"plug","func":"other","k":1}]"#;
    let planned = planned(channels, EventName::ValidateCompleted);
    let [
        Delivery::Plugin { func, .. },
        Delivery::Plugin {
            func: other,
            channel,
            event,
            module,
        },
    ] = &planned[..]
    else {
        panic!("{planned:?}")
    };
    assert_eq!(
        (func.as_str(), other.as_str(), module.as_str()),
        ("notify", "other", "plug")
    );
    assert_eq!(channel.get("k"), Some(&Value::Int(1)));
    assert_eq!(event.get("phase").and_then(Value::as_str), Some("validate"));
}

#[test]
fn channels_get_only_the_events_they_ask_for() {
    let channel = |events: &str| format!(r#"[{{"type":"http","url":"http://h","events":{events}}}]"#);
    let wanted = |events: &str| planned(&channel(events), EventName::RunDeviated).len() == 1;
    assert!(wanted("[]") && wanted("null") && wanted(r#"["run-failed","run-deviated"]"#));
    assert!(wanted(r#""run-deviated""#));
    assert!(!wanted(r#"["run-failed"]"#) && !wanted(r#""run-failed""#) && !wanted("7"));
}

#[test]
fn unusable_channels_are_left_out() {
    let channels =
        r#"[5, {"type":"http"}, {"type":"http","url":""}, {"type":"plugin"}, {"type":"mail"}, {}]"#;
    assert!(planned(channels, EventName::RunStarted).is_empty());
    assert!(planned("null", EventName::RunStarted).is_empty());
    assert!(planned(r#"{"type":"http"}"#, EventName::RunStarted).is_empty());
    assert!(deliveries(&Value::Null, &event(EventName::RunStarted)).is_empty());
}

#[test]
fn a_run_ends_with_one_event_and_perhaps_a_deviation() {
    assert_eq!(EventName::of_run("completed", false), [EventName::RunCompleted]);
    assert_eq!(
        EventName::of_run("completed", true),
        [EventName::RunCompleted, EventName::RunDeviated]
    );
    assert_eq!(EventName::of_run("aborted", false), [EventName::RunFailed]);
    assert_eq!(EventName::DiscoveryFailed.phase(), "discovery");
}

#[test]
fn an_error_names_its_kind_and_no_debug_output_shows_secrets() {
    let failed = Event {
        error: Some(raised("InvalidExperiment", "it's wrong")),
        ..event(EventName::ValidateFailed)
    };
    let expected = r#"An exception was raised: InvalidExperiment("it's wrong")"#;
    assert_eq!(
        failed.to_value().get("error").and_then(Value::as_str),
        Some(expected)
    );
    let secret = r#"[{"type":"http","url":"http://h/s3cret","headers":{"a":"s3cret"}}]"#;
    assert!(!format!("{:?}", planned(secret, EventName::RunStarted)).contains("s3cret"));
}
