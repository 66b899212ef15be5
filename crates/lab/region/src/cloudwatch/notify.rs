//! What happens when an alarm's state changed: messages to SNS topics.

use std::sync::Arc;

use serde_json::{Value, json};

use super::alarm::Alarm;
use super::history::Kind;
use super::words::stamp;
use crate::Region;

/// SNS takes subjects of this length.
const SUBJECT: usize = 100;

/// Runs the actions of an alarm that is in a new state, in a task of its own. `before` is the alarm as it was.
pub(super) fn act(region: &Arc<Region>, before: Alarm, alarm: Alarm) {
    let actions = alarm.settings.actions(alarm.state).to_vec();
    if !alarm.settings.actions_enabled || actions.is_empty() {
        return;
    }
    let region = Arc::clone(region);
    tokio::spawn(async move {
        let (subject, text) = (
            subject(&region, &alarm),
            message(&region, &before, &alarm).to_string(),
        );
        for action in actions {
            let failure = perform(&region, &action, &subject, &text).await.err();
            record(&region, &alarm, &action, failure);
        }
    });
}

async fn perform(region: &Region, action: &str, subject: &str, text: &str) -> Result<(), String> {
    match action.split(':').nth(2) {
        Some("sns") => {}
        // target tracking looks at the metrics by itself
        Some("autoscaling") if action.contains(":scalingPolicy:") => return Ok(()),
        _ => return Err("chaos-lab performs actions on SNS topics only".to_owned()),
    }
    let topics = region
        .topics()
        .ok_or_else(|| "the region has not started".to_owned())?;
    topics
        .publish(action, subject, text)
        .await
        .map_err(|error| error.to_string())
}

fn record(region: &Region, alarm: &Alarm, action: &str, failure: Option<String>) {
    let summary = match &failure {
        None => format!("Successfully executed action {action}"),
        Some(why) => format!("Failed to execute action {action}. Received error: \"{why}\""),
    };
    if let Some(why) = &failure {
        tracing::warn!(alarm = alarm.name, action, why, "an alarm's action failed");
    }
    let state = if failure.is_none() { "Succeeded" } else { "Failed" };
    let data = json!({
        "version": "1.0", "actionState": state, "stateUpdateTimestamp": (alarm.state_updated * 1000.0) as i64,
        "notificationResource": action, "error": failure,
    });
    region
        .state()
        .cloudwatch
        .history
        .add(&alarm.name, Kind::Action, summary, data);
}

/// `ALARM: "name" in US East (N. Virginia)`
fn subject(region: &Region, alarm: &Alarm) -> String {
    let subject = format!(
        "{}: \"{}\" in {}",
        alarm.state.as_str(),
        alarm.name,
        place(&region.settings().name)
    );
    subject.chars().take(SUBJECT).collect()
}

/// A region's name as messages have it.
fn place(region: &str) -> &str {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "eu-west-1" => "EU (Ireland)",
        "eu-central-1" => "EU (Frankfurt)",
        other => other,
    }
}

/// The message that CloudWatch sends.
fn message(region: &Region, before: &Alarm, alarm: &Alarm) -> Value {
    let settings = &alarm.settings;
    json!({
        "AlarmName": alarm.name,
        "AlarmDescription": settings.description,
        "AWSAccountId": region.settings().account,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm.configured),
        "NewStateValue": alarm.state.as_str(),
        "NewStateReason": alarm.reason,
        "StateChangeTime": stamp(alarm.state_changed),
        "Region": place(&region.settings().name),
        "AlarmArn": alarm.arn,
        "OldStateValue": before.state.as_str(),
        "OKActions": settings.ok_actions,
        "AlarmActions": settings.alarm_actions,
        "InsufficientDataActions": settings.insufficient_actions,
        "Trigger": trigger(alarm),
    })
}

fn trigger(alarm: &Alarm) -> Value {
    let settings = &alarm.settings;
    let mut trigger = match settings.stat() {
        Some(stat) => {
            let dimensions: Vec<Value> = stat
                .dimensions
                .iter()
                .map(|(name, value)| json!({ "value": value, "name": name }))
                .collect();
            let mut metric = json!({
                "MetricName": stat.name, "Namespace": stat.namespace, "Unit": stat.unit, "Dimensions": dimensions,
            });
            if stat.statistic.is_percentile() {
                metric["StatisticType"] = json!("ExtendedStatistic");
                metric["ExtendedStatistic"] = json!(stat.named);
            } else {
                metric["StatisticType"] = json!("Statistic");
                metric["Statistic"] = json!(stat.named.to_uppercase());
            }
            metric
        }
        None => {
            json!({ "Metrics": settings.queries.iter().map(super::query::Query::describe).collect::<Vec<Value>>() })
        }
    };
    trigger["Period"] = json!(settings.period());
    trigger["EvaluationPeriods"] = json!(settings.periods);
    trigger["DatapointsToAlarm"] = json!(settings.datapoints);
    trigger["ComparisonOperator"] = json!(settings.comparison.as_str());
    trigger["Threshold"] = json!(settings.threshold);
    trigger["TreatMissingData"] = json!(settings.missing.as_written().unwrap_or("missing"));
    trigger["EvaluateLowSampleCountPercentile"] = json!(settings.low_samples.as_deref().unwrap_or_default());
    trigger
}
