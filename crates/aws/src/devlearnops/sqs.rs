//! Notifications of alarms in a queue (`devlearnops.aws.sqs.probes`).

use std::time::Duration;

use aws_sdk_sqs::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, json};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::Instant;

use super::wait::{MINUTE, seconds, within};
use crate::AwsError;
use crate::answer::{list, text};
use crate::client::{Aws, answer};

/// The longest time that SQS waits for a message before it answers.
const LONG_POLL: Duration = Duration::from_secs(20);

/// Waits until the notification of an alarm arrives in an SQS queue that is subscribed to the alarm's SNS topic.
/// Other messages stay in the queue.
#[derive(Deserialize, JsonSchema)]
pub struct WaitForAlarmNotification {
    /// URL of the queue.
    queue_url: String,
    /// ARN of the topic that the notification must come from; any topic when absent.
    #[serde(default)]
    topic_arn: Option<String>,
    /// Name of the alarm. Without it no message counts, and the probe fails.
    #[serde(default)]
    alarm_name: Option<String>,
    /// Whether to remove the notification from the queue.
    #[serde(default = "yes")]
    consume_message: bool,
    /// How many seconds to wait at most.
    #[serde(default = "minute")]
    timeout: f64,
}

fn yes() -> bool {
    true
}

fn minute() -> f64 {
    MINUTE
}

impl NativeActivity for WaitForAlarmNotification {
    const MODULE: &'static str = "devlearnops.aws.sqs.probes";
    const FUNCTION: &'static str = "wait_for_alarm_notification";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The notification's message, decoded from JSON.";
    const IAM: &'static [&'static str] = &["sqs:ReceiveMessage", "sqs:DeleteMessage"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let Some(alarm) = self.alarm_name.as_deref().filter(|name| !name.is_empty()) else {
            return Err(AwsError::because(
                "it would have timed out: without alarm_name no notification counts; name the alarm",
            )
            .into());
        };
        let wanted = Wanted {
            topic: self.topic_arn.as_deref().filter(|arn| !arn.is_empty()),
            alarm,
        };
        let sqs = Aws::of(&context).await?.sqs();
        let queue = self.queue_url.as_str();
        let end = seconds(self.timeout).and_then(|time| Instant::now().checked_add(time));
        let look = async || {
            let messages = receive(&sqs, queue, long_poll(end)).await?;
            let mut known = messages
                .into_iter()
                .filter_map(|message| wanted.in_message(&message).map(|payload| (message, payload)));
            Ok(known.next())
        };
        let left = || format!("no notification of alarm {alarm} in {queue}");
        // SQS itself waits for messages
        let interval = context.poll_interval(Duration::ZERO);
        let (message, payload) = within(self.timeout, interval, look, left).await?;
        if self.consume_message {
            delete(&sqs, queue, &message).await?;
        }
        Ok(payload)
    }
}

/// How many seconds SQS may wait for a message: the time that is left, rounded up, else it would be asked over and over
/// in the last second.
fn long_poll(end: Option<Instant>) -> i32 {
    let left = end.map_or(LONG_POLL, |end| end.saturating_duration_since(Instant::now()));
    left.min(LONG_POLL).as_secs_f64().ceil() as i32
}

async fn receive(sqs: &Client, queue: &str, wait: i32) -> Result<Vec<Value>, AwsError> {
    let request = sqs
        .receive_message()
        .queue_url(queue)
        .max_number_of_messages(5)
        .wait_time_seconds(wait);
    let answer = answer(request.send()).await?;
    Ok(list(&answer, "Messages").to_vec())
}

async fn delete(sqs: &Client, queue: &str, message: &Value) -> Result<(), AwsError> {
    let handle = text(message, &["ReceiptHandle"]);
    let request = sqs.delete_message().queue_url(queue);
    answer(request.receipt_handle(handle.unwrap_or_default()).send()).await?;
    Ok(())
}

/// Which notification.
struct Wanted<'a> {
    topic: Option<&'a str>,
    alarm: &'a str,
}

impl Wanted<'_> {
    /// What the alarm says, if it is this message that is wanted. Messages of other kinds are none of our business.
    fn in_message(&self, message: &Value) -> Option<Value> {
        let envelope = json::parse(text(message, &["Body"])?).ok()?;
        let is = |name: &str, value: &str| text(&envelope, &[name]) == Some(value);
        if !is("Type", "Notification") || self.topic.is_some_and(|topic| !is("TopicArn", topic)) {
            return None;
        }
        let payload = json::parse(text(&envelope, &["Message"])?).ok()?;
        (text(&payload, &["AlarmName"]) == Some(self.alarm)).then_some(payload)
    }
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::map;

    use super::*;

    const WANTED: Wanted<'_> = Wanted {
        topic: Some("arn:t"),
        alarm: "cpu",
    };

    fn message(kind: &str, topic: &str, inner: &str) -> Value {
        let body = map([
            ("Type", kind.into()),
            ("TopicArn", topic.into()),
            ("Message", inner.into()),
        ]);
        map([("Body", json::compact(&body.into()).into())]).into()
    }

    #[test]
    fn the_alarm_and_its_topic_must_match() {
        let inner = r#"{"AlarmName": "cpu", "NewStateValue": "ALARM"}"#;
        let payload = json::parse(inner).ok();
        let notification = message("Notification", "arn:t", inner);
        assert_eq!(WANTED.in_message(&notification), payload);
        let elsewhere = message("Notification", "arn:u", inner);
        assert_eq!(WANTED.in_message(&elsewhere), None);
        let anywhere = Wanted {
            topic: None,
            ..WANTED
        };
        assert_eq!(anywhere.in_message(&elsewhere), payload);
    }

    #[test]
    fn other_messages_do_not_count() {
        let inner = r#"{"AlarmName": "cpu"}"#;
        for other in [
            message("SubscriptionConfirmation", "arn:t", inner),
            message("Notification", "arn:t", r#"{"AlarmName": "disk"}"#),
            message("Notification", "arn:t", "[]"),
            message("Notification", "arn:t", "no JSON"),
            map([("Body", "no JSON".into())]).into(),
            Value::Null,
        ] {
            assert_eq!(WANTED.in_message(&other), None, "{other:?}");
        }
    }
}
