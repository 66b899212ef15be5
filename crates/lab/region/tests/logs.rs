//! CloudWatch Logs: what was put is read back in its order, page by page, forward and backward.
#![allow(clippy::unwrap_used, clippy::panic)]

mod database_support;

use chaos_lab_database::Engine;
use chaos_lab_region::logs;
use database_support::Lab;
use serde_json::{Value, json};

fn now() -> i64 {
    (chaos_lab_region::now() * 1000.0) as i64
}

async fn lab(network: u8, streams: &[&str]) -> Lab {
    let lab = Lab::new(network, 10.0, Engine::Embedded, "");
    lab.call("logs", "CreateLogGroup", json!({ "logGroupName": "/app" }))
        .await;
    for stream in streams {
        lab.call(
            "logs",
            "CreateLogStream",
            json!({ "logGroupName": "/app", "logStreamName": stream }),
        )
        .await;
    }
    lab
}

async fn put(lab: &Lab, stream: &str, events: Value) -> Value {
    lab.call(
        "logs",
        "PutLogEvents",
        json!({ "logGroupName": "/app", "logStreamName": stream, "logEvents": events }),
    )
    .await
}

fn messages(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().unwrap().iter();
    events
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_forward_and_backward_until_a_token_repeats() {
    let lab = lab(235, &["one"]).await;
    let base = now();
    let events: Value = (0..25)
        .map(|n| json!({ "timestamp": base + n / 10, "message": n.to_string() }))
        .collect();
    put(&lab, "one", events).await;
    let all: Vec<String> = (0..25).map(|n| n.to_string()).collect();
    for (token, head) in [("nextForwardToken", true), ("nextBackwardToken", false)] {
        let mut pages = Vec::new();
        let mut input =
            json!({ "logGroupName": "/app", "logStreamName": "one", "limit": 10, "startFromHead": head });
        loop {
            let page = lab.call("logs", "GetLogEvents", input.clone()).await;
            pages.push(messages(&page));
            if page[token] == input["nextToken"] {
                break;
            }
            input["nextToken"] = page[token].clone();
        }
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5, 0]);
        if !head {
            pages.reverse();
        }
        assert_eq!(pages.concat(), all);
        // what comes later is found with the token of the end
        if head {
            put(
                &lab,
                "one",
                json!([{ "timestamp": base + 100, "message": "later" }]),
            )
            .await;
            assert_eq!(
                messages(&lab.call("logs", "GetLogEvents", input).await),
                ["later"]
            );
            let last = json!({ "logGroupName": "/app", "logStreamName": "one", "startTime": base + 100 });
            assert_eq!(messages(&lab.call("logs", "GetLogEvents", last).await), ["later"]);
            lab.call(
                "logs",
                "DeleteLogStream",
                json!({ "logGroupName": "/app", "logStreamName": "one" }),
            )
            .await;
            lab.call(
                "logs",
                "CreateLogStream",
                json!({ "logGroupName": "/app", "logStreamName": "one" }),
            )
            .await;
            let events: Value = (0..25)
                .map(|n| json!({ "timestamp": base + n / 10, "message": n.to_string() }))
                .collect();
            put(&lab, "one", events).await;
        }
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_searched_together_in_the_order_of_time() {
    let lab = lab(236, &["one", "two"]).await;
    let base = now();
    put(
        &lab,
        "one",
        json!([{ "timestamp": base, "message": "GET 200" }, { "timestamp": base + 2, "message": "GET 500" }]),
    )
    .await;
    put(
        &lab,
        "two",
        json!([{ "timestamp": base + 1, "message": "POST 500" }]),
    )
    .await;
    let filter = |more: Value| {
        let mut input = json!({ "logGroupName": "/app" });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        lab.call("logs", "FilterLogEvents", input)
    };
    assert_eq!(
        messages(&filter(json!({})).await),
        ["GET 200", "POST 500", "GET 500"]
    );
    assert_eq!(
        messages(&filter(json!({ "filterPattern": "500 -POST" })).await),
        ["GET 500"]
    );
    assert_eq!(
        messages(&filter(json!({ "logStreamNamePrefix": "t" })).await),
        ["POST 500"]
    );
    let first = filter(json!({ "limit": 2 })).await;
    let rest = filter(json!({ "limit": 2, "nextToken": first["nextToken"] })).await;
    assert_eq!(
        (messages(&first).len(), messages(&rest), &rest["nextToken"]),
        (2, vec!["GET 500".to_owned()], &Value::Null)
    );
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_services_append_lines_and_bad_requests_are_refused() {
    let lab = lab(237, &["one"]).await;
    logs::append(
        &mut lab.region.state(),
        "/ecs/web",
        "web/1",
        ["first".to_owned(), "second".to_owned()],
    );
    let stream = json!({ "logGroupName": "/ecs/web", "logStreamName": "web/1" });
    assert_eq!(
        messages(&lab.call("logs", "GetLogEvents", stream).await),
        ["first", "second"]
    );
    let groups = lab
        .call(
            "logs",
            "DescribeLogGroups",
            json!({ "logGroupNamePrefix": "/ecs" }),
        )
        .await;
    assert_eq!(groups["logGroups"][0]["logGroupName"], "/ecs/web");
    let base = now();
    let rejected = put(
        &lab,
        "one",
        json!([{ "timestamp": 1, "message": "old" }, { "timestamp": base, "message": "new" }]),
    )
    .await;
    assert_eq!(rejected["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1);
    let ghost = json!({ "logGroupName": "/app", "logStreamName": "ghost" });
    assert_eq!(
        lab.refusal("logs", "GetLogEvents", ghost).await,
        "ResourceNotFoundException"
    );
    let twice = json!({ "logGroupName": "/app" });
    assert_eq!(
        lab.refusal("logs", "CreateLogGroup", twice).await,
        "ResourceAlreadyExistsException"
    );
    let unordered = json!([{ "timestamp": base, "message": "b" }, { "timestamp": base - 1, "message": "a" }]);
    let unordered = json!({ "logGroupName": "/app", "logStreamName": "one", "logEvents": unordered });
    assert_eq!(
        lab.refusal("logs", "PutLogEvents", unordered).await,
        "InvalidParameterException"
    );
    let token = json!({ "logGroupName": "/app", "logStreamName": "one", "nextToken": "nonsense" });
    assert_eq!(
        lab.refusal("logs", "GetLogEvents", token).await,
        "InvalidParameterException"
    );
    lab.stop().await;
}
