//! What SNS puts around a message for a queue. Source: "Amazon SNS message and JSON formats" in the SNS developer guide. There is no
//! signature: nobody in the lab checks one.

use chaos_lab_region::{name, now};
use chrono::{DateTime, SecondsFormat};
use serde_json::json;

/// The body that a queue receives for a message to `topic_arn`.
pub fn envelope(topic_arn: &str, subject: Option<&str>, message: &str) -> String {
    let time = DateTime::from_timestamp_millis((now() * 1000.0) as i64).unwrap_or_default();
    let mut body = json!({
        "Type": "Notification",
        "MessageId": name::uuid(),
        "TopicArn": topic_arn,
        "Message": message,
        "Timestamp": time.to_rfc3339_opts(SecondsFormat::Millis, true),
    });
    if let Some(subject) = subject {
        body["Subject"] = json!(subject);
    }
    body.to_string()
}
