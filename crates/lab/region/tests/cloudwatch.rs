//! Metrics and alarms, driven by their operations.
#![allow(clippy::unwrap_used)]

#[path = "balance_support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::{Lab, in_seconds, until};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alarms";

fn alarm(name: &str, more: Value) -> Value {
    let mut alarm = json!({
        "AlarmName": name, "Namespace": "App", "MetricName": "latency", "Dimensions": [{ "Name": "Service", "Value": "web" }],
        "Statistic": "Average", "Period": 60, "EvaluationPeriods": 1, "Threshold": 2.5,
        "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [TOPIC], "OKActions": [TOPIC],
    });
    alarm
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    alarm
}

async fn put(lab: &Lab, value: f64) {
    let datum = json!({ "MetricName": "latency", "Dimensions": [{ "Name": "Service", "Value": "web" }], "Value": value, "Unit": "Seconds" });
    lab.cloudwatch(
        "PutMetricData",
        json!({ "Namespace": "App", "MetricData": [datum] }),
    )
    .await;
}

async fn described(lab: &Lab, name: &str) -> Value {
    lab.cloudwatch("DescribeAlarms", json!({ "AlarmNames": [name] }))
        .await["MetricAlarms"][0]
        .clone()
}

/// Waits for a state, with values of one kind coming in.
async fn reaches(lab: &Lab, name: &str, state: &str, value: Option<f64>) -> Value {
    until(state, async || {
        if let Some(value) = value {
            put(lab, value).await;
        }
        Some(described(lab, name).await).filter(|alarm| alarm["StateValue"] == state)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_goes_through_its_states_and_tells_its_topic() {
    let lab = Lab::new(60.0).await;
    lab.cloudwatch(
        "PutMetricAlarm",
        alarm("rt/live", json!({ "AlarmDescription": "slow" })),
    )
    .await;
    let new = described(&lab, "rt/live").await;
    assert_eq!(
        (&new["StateValue"], &new["ActionsEnabled"]),
        (&json!("INSUFFICIENT_DATA"), &json!(true))
    );
    assert_eq!(
        new["AlarmArn"],
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:rt/live"
    );
    let slow = reaches(&lab, "rt/live", "ALARM", Some(4.0)).await;
    let reason = slow["StateReason"].as_str().unwrap();
    assert!(
        reason.starts_with("Threshold Crossed: 1 out of the last 1 datapoints [4.0 ("),
        "{reason}"
    );
    assert!(
        reason.ends_with(
            "was greater than the threshold (2.5) (minimum 1 datapoint for OK -> ALARM transition)."
        ),
        "{reason}"
    );
    let data: Value = serde_json::from_str(slow["StateReasonData"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&data["recentDatapoints"], &data["threshold"], &data["period"]),
        (&json!([4.0]), &json!(2.5), &json!(60))
    );
    reaches(&lab, "rt/live", "OK", Some(1.0)).await;
    reaches(&lab, "rt/live", "INSUFFICIENT_DATA", None).await;
    let told = until("messages", async || {
        Some(lab.published.lock().clone()).filter(|told| told.len() >= 2)
    })
    .await;
    let (topic, subject, message) = told
        .iter()
        .find(|(_, subject, _)| subject.starts_with("ALARM"))
        .unwrap();
    assert_eq!(
        (topic.as_str(), subject.as_str()),
        (TOPIC, "ALARM: \"rt/live\" in US East (N. Virginia)")
    );
    assert_eq!(message["NewStateValue"], "ALARM");
    assert_eq!(message["AlarmDescription"], "slow");
    assert_eq!(message["AWSAccountId"], "123456789012");
    let trigger = &message["Trigger"];
    assert_eq!(
        (&trigger["Statistic"], &trigger["Period"], &trigger["Threshold"]),
        (&json!("AVERAGE"), &json!(60), &json!(2.5))
    );
    assert_eq!(
        trigger["Dimensions"],
        json!([{ "value": "web", "name": "Service" }])
    );
    let history = lab
        .cloudwatch(
            "DescribeAlarmHistory",
            json!({ "AlarmName": "rt/live", "ScanBy": "TimestampAscending" }),
        )
        .await;
    let kinds: Vec<&str> = history["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["HistoryItemType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds[..3], ["ConfigurationUpdate", "StateUpdate", "Action"]);
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_data_counts_as_the_alarm_says() {
    let lab = Lab::new(60.0).await;
    for (name, missing) in [
        ("breaching", "breaching"),
        ("fine", "notBreaching"),
        ("ignored", "ignore"),
        ("missing", "missing"),
    ] {
        lab.cloudwatch(
            "PutMetricAlarm",
            alarm(
                name,
                json!({ "TreatMissingData": missing, "EvaluationPeriods": 2 }),
            ),
        )
        .await;
    }
    let treated = reaches(&lab, "breaching", "ALARM", None).await;
    assert_eq!(
        treated["StateReason"],
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."
    );
    reaches(&lab, "fine", "OK", None).await;
    for name in ["ignored", "missing"] {
        assert_eq!(
            described(&lab, name).await["StateValue"],
            "INSUFFICIENT_DATA",
            "{name}"
        );
    }
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_set_holds_until_the_next_evaluation_and_acts() {
    let lab = Lab::new(1.0).await;
    let actions = json!({ "AlarmActions": [TOPIC, "arn:aws:sns:us-east-1:123456789012:broken", "arn:aws:automate:us-east-1:ec2:stop"] });
    lab.cloudwatch("PutMetricAlarm", alarm("a", actions)).await;
    let set = |state: &str| json!({ "AlarmName": "a", "StateValue": state, "StateReason": "a test" });
    lab.cloudwatch("SetAlarmState", set("ALARM")).await;
    let alarm = described(&lab, "a").await;
    assert_eq!(
        (&alarm["StateValue"], &alarm["StateReason"]),
        (&json!("ALARM"), &json!("a test"))
    );
    let acted = until("three actions", async || {
        let items = lab
            .cloudwatch("DescribeAlarmHistory", json!({ "HistoryItemType": "Action" }))
            .await;
        Some(items["AlarmHistoryItems"].as_array().unwrap().clone()).filter(|items| items.len() == 3)
    })
    .await;
    let summaries: Vec<&str> = acted
        .iter()
        .rev()
        .map(|item| item["HistorySummary"].as_str().unwrap())
        .collect();
    assert!(
        summaries[0].starts_with("Successfully executed action"),
        "{summaries:?}"
    );
    assert!(
        summaries[1..]
            .iter()
            .all(|summary| summary.starts_with("Failed to execute action")),
        "{summaries:?}"
    );
    lab.cloudwatch("DisableAlarmActions", json!({ "AlarmNames": ["a"] }))
        .await;
    lab.cloudwatch("SetAlarmState", set("OK")).await;
    assert_eq!(described(&lab, "a").await["ActionsEnabled"], false);
    assert_eq!(lab.published.lock().len(), 1);
    assert_eq!(
        lab.cloudwatch_error(
            "SetAlarmState",
            json!({ "AlarmName": "b", "StateValue": "OK", "StateReason": "x" })
        )
        .await,
        "ResourceNotFound"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_are_found_by_name_prefix_state_and_metric_in_pages() {
    let lab = Lab::new(1.0).await;
    for number in 0..7 {
        lab.cloudwatch("PutMetricAlarm", alarm(&format!("p-{number}"), json!({})))
            .await;
    }
    lab.cloudwatch(
        "PutMetricAlarm",
        alarm(
            "q",
            json!({ "MetricName": "other", "Tags": [{ "Key": "k", "Value": "v" }] }),
        ),
    )
    .await;
    lab.cloudwatch(
        "SetAlarmState",
        json!({ "AlarmName": "q", "StateValue": "OK", "StateReason": "x" }),
    )
    .await;
    let names = |answer: &Value| -> Vec<String> {
        answer["MetricAlarms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = lab
        .cloudwatch(
            "DescribeAlarms",
            json!({ "AlarmNamePrefix": "p-", "MaxRecords": 5 }),
        )
        .await;
    let second = lab
        .cloudwatch(
            "DescribeAlarms",
            json!({ "AlarmNamePrefix": "p-", "MaxRecords": 5, "NextToken": first["NextToken"] }),
        )
        .await;
    assert_eq!(
        (names(&first).len(), names(&second), &second["NextToken"]),
        (5, vec!["p-5".to_owned(), "p-6".to_owned()], &Value::Null)
    );
    assert_eq!(
        names(
            &lab.cloudwatch("DescribeAlarms", json!({ "StateValue": "OK" }))
                .await
        ),
        ["q"]
    );
    let metric = json!({ "Namespace": "App", "MetricName": "other", "Dimensions": [{ "Name": "Service", "Value": "web" }] });
    assert_eq!(
        names(&lab.cloudwatch("DescribeAlarmsForMetric", metric).await),
        ["q"]
    );
    let arn = described(&lab, "q").await["AlarmArn"].clone();
    lab.cloudwatch(
        "TagResource",
        json!({ "ResourceARN": arn, "Tags": [{ "Key": "l", "Value": "w" }] }),
    )
    .await;
    let tags = lab
        .cloudwatch("ListTagsForResource", json!({ "ResourceARN": arn }))
        .await;
    assert_eq!(
        tags["Tags"],
        json!([{ "Key": "k", "Value": "v" }, { "Key": "l", "Value": "w" }])
    );
    lab.cloudwatch("DeleteAlarms", json!({ "AlarmNames": ["q", "none"] }))
        .await;
    assert_eq!(names(&lab.cloudwatch("DescribeAlarms", json!({})).await).len(), 7);
    for wrong in [
        json!({ "Period": 61 }),
        json!({ "DatapointsToAlarm": 2 }),
        json!({ "ComparisonOperator": "Bigger" }),
        json!({ "AlarmActions": ["x"] }),
    ] {
        lab.try_call("monitoring", "PutMetricAlarm", alarm("wrong", wrong.clone()))
            .await
            .expect_err(&wrong.to_string());
    }
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_on_an_expression_sees_what_it_gives() {
    let lab = Lab::new(60.0).await;
    let stat = |name: &str| json!({ "Metric": { "Namespace": "App", "MetricName": name }, "Period": 60, "Stat": "Sum" });
    let metrics = json!([
        { "Id": "e", "Expression": "100 * errors / requests", "ReturnData": true },
        { "Id": "errors", "MetricStat": stat("errors"), "ReturnData": false },
        { "Id": "requests", "MetricStat": stat("requests"), "ReturnData": false },
    ]);
    let input = json!({
        "AlarmName": "rate", "Metrics": metrics, "EvaluationPeriods": 1, "Threshold": 10, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    lab.cloudwatch("PutMetricAlarm", input).await;
    until("the alarm", async || {
        lab.region.metrics.put("App", "errors", &[], 1.0, "Count");
        lab.region.metrics.put("App", "requests", &[], 4.0, "Count");
        (described(&lab, "rate").await["StateValue"] == "ALARM").then_some(())
    })
    .await;
    assert_eq!(
        described(&lab, "rate").await["Metrics"][0]["Expression"],
        "100 * errors / requests"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_is_read_by_all_statistics() {
    let lab = Lab::new(1.0).await;
    let end = in_seconds(0.0).floor();
    let data = json!([
        { "MetricName": "m", "Values": [1, 2, 3, 4], "Counts": [1, 1, 1, 7], "Timestamp": end - 30.0, "Unit": "Count" },
        { "MetricName": "set", "StatisticValues": { "SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4 }, "Timestamp": end - 30.0 },
        { "MetricName": "m", "Value": 100, "Timestamp": end - 90.0, "Unit": "Count" },
    ]);
    lab.cloudwatch("PutMetricData", json!({ "Namespace": "App", "MetricData": data }))
        .await;
    let ask = |name: &str, from: f64, unit: Value| {
        json!({
            "Namespace": "App", "MetricName": name, "StartTime": from, "EndTime": end, "Period": 60, "Unit": unit,
            "Statistics": ["Average", "Sum", "Minimum", "Maximum", "SampleCount"],
        })
    };
    let answer = lab
        .cloudwatch("GetMetricStatistics", ask("m", end - 60.0, Value::Null))
        .await;
    let points = answer["Datapoints"].as_array().unwrap();
    assert_eq!(points.len(), 1, "{answer}");
    for (statistic, value) in [
        ("Average", 3.4),
        ("Sum", 34.0),
        ("Minimum", 1.0),
        ("Maximum", 4.0),
        ("SampleCount", 10.0),
    ] {
        assert_eq!(points[0][statistic], json!(value), "{statistic}");
    }
    assert_eq!(points[0]["Unit"], "Count");
    let both = lab
        .cloudwatch("GetMetricStatistics", ask("m", end - 120.0, json!("Count")))
        .await;
    assert_eq!(both["Datapoints"].as_array().unwrap().len(), 2);
    let other = lab
        .cloudwatch("GetMetricStatistics", ask("m", end - 120.0, json!("Bytes")))
        .await;
    assert_eq!(other["Datapoints"], json!([]));
    let set = lab
        .cloudwatch("GetMetricStatistics", ask("set", end - 60.0, Value::Null))
        .await;
    assert_eq!(set["Datapoints"][0]["Average"], json!(2.5));
    let percentile = json!({
        "Namespace": "App", "MetricName": "m", "StartTime": end - 60.0, "EndTime": end, "Period": 60, "ExtendedStatistics": ["p10", "p90"],
    });
    let answer = lab.cloudwatch("GetMetricStatistics", percentile).await;
    let extended = &answer["Datapoints"][0]["ExtendedStatistics"];
    for (name, value) in [("p10", 1.0), ("p90", 4.0)] {
        let found = extended[name].as_f64().unwrap();
        assert!((found / value - 1.0).abs() <= 0.01, "{name} is {found}");
    }
    let listed = lab.cloudwatch("ListMetrics", json!({ "Namespace": "App" })).await;
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), 2);
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metric_data_is_answered_newest_first_with_expressions() {
    let lab = Lab::new(1.0).await;
    let end = in_seconds(0.0).floor();
    let datum = |name: &str, value: f64, back: f64| json!({ "MetricName": name, "Value": value, "Timestamp": end - back });
    let data = json!([
        datum("a", 10.0, 90.0),
        datum("a", 20.0, 30.0),
        datum("b", 5.0, 30.0)
    ]);
    lab.cloudwatch("PutMetricData", json!({ "Namespace": "App", "MetricData": data }))
        .await;
    let stat = |name: &str| json!({ "Metric": { "Namespace": "App", "MetricName": name }, "Period": 60, "Stat": "Sum" });
    let ask = |expression: &str| {
        json!({
            "StartTime": end - 120.0, "EndTime": end,
            "MetricDataQueries": [
                { "Id": "a", "MetricStat": stat("a") }, { "Id": "b", "MetricStat": stat("b"), "ReturnData": false },
                { "Id": "e", "Expression": expression },
            ],
        })
    };
    for (expression, expected) in [
        ("a / b", json!([4.0])),
        ("a + FILL(b, 0)", json!([25.0, 10.0])),
        ("SUM([a, b])", json!([25.0, 10.0])),
        ("MAX(METRICS())", json!([20.0, 10.0])),
        ("IF(a > 15, a, 0)", json!([20.0, 0.0])),
        ("-(a - 2 * 5) ^ 2", json!([-100.0, 0.0])),
        ("SUM(a)", json!([30.0, 30.0])),
    ] {
        let answer = lab.cloudwatch("GetMetricData", ask(expression)).await;
        let results = answer["MetricDataResults"].as_array().unwrap();
        assert_eq!(
            (&results[0]["Label"], &results[0]["Values"]),
            (&json!("a"), &json!([20.0, 10.0]))
        );
        assert_eq!(
            (&results[1]["Id"], &results[1]["Values"]),
            (&json!("e"), &expected),
            "{expression}"
        );
    }
    for wrong in ["e + 1", "SEARCH('x', 'Sum', 60)", "nobody", "a +", "a b"] {
        assert_eq!(
            lab.cloudwatch_error("GetMetricData", ask(wrong)).await,
            "ValidationError",
            "{wrong}"
        );
    }
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_aws_refuses_is_refused_whole() {
    let lab = Lab::new(1.0).await;
    let good = json!({ "MetricName": "m", "Value": 1 });
    for (bad, code) in [
        (json!({ "MetricName": "m" }), "MissingParameter"),
        (json!({ "Value": 1 }), "MissingParameter"),
        (
            json!({ "MetricName": "m", "Value": "NaN" }),
            "InvalidParameterValue",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "Unit": "Parsec" }),
            "InvalidParameterValue",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "Timestamp": 5 }),
            "InvalidParameterValue",
        ),
        (
            json!({ "MetricName": "m", "Values": [1, 2], "Counts": [1] }),
            "InvalidParameterCombination",
        ),
    ] {
        let input = json!({ "Namespace": "App", "MetricData": [good, bad] });
        assert_eq!(lab.cloudwatch_error("PutMetricData", input).await, code, "{bad}");
    }
    assert_eq!(
        lab.cloudwatch_error(
            "PutMetricData",
            json!({ "Namespace": "AWS/EC2", "MetricData": [good] })
        )
        .await,
        "InvalidParameterValue"
    );
    assert_eq!(
        lab.cloudwatch("ListMetrics", json!({ "Namespace": "App" })).await["Metrics"],
        json!([])
    );
    lab.end().await;
}
