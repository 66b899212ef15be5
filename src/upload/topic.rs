//! The outcome of a run to an SNS topic.

use aws_config::{Region, SdkConfig};
use aws_sdk_sns::Client;
use serde::Serialize;

use super::error::{Cause, UploadError};
use super::target::TopicArn;

/// SNS takes no longer subject.
const SUBJECT_LENGTH: usize = 99;

/// The message, as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub title: String,
    /// The journal's: completed, failed, aborted, interrupted.
    pub status: String,
    pub deviated: bool,
    pub exit_code: u8,
    pub context: String,
    /// ISO 8601, as in the journal.
    pub start: String,
    pub end: String,
    /// Seconds.
    pub duration: f64,
    /// `s3://…/journal.json`, where it was uploaded.
    pub journal: Option<String>,
}

impl Outcome {
    /// One line of ASCII, as SNS wants subjects.
    fn subject(&self) -> String {
        let state = if self.deviated { "deviated" } else { &self.status };
        let subject = format!("Chaos experiment {state}: {}", self.title);
        let ascii = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
        let subject: String = subject.chars().map(ascii).take(SUBJECT_LENGTH).collect();
        subject.trim_end().to_owned()
    }
}

/// Publishes the outcome and returns the message's id.
///
/// # Errors
/// When the topic is not there, denies, or cannot be reached, after retries.
pub async fn publish_outcome(
    sdk: &SdkConfig,
    topic: &TopicArn,
    outcome: &Outcome,
) -> Result<String, UploadError> {
    let config = aws_sdk_sns::config::Builder::from(sdk).region(Region::new(topic.region().to_owned()));
    let client = Client::from_conf(config.build());
    // An Outcome has texts, numbers and a boolean: it always has a JSON form (NaN as null).
    let message = serde_json::to_string(outcome).unwrap_or_default();
    let mut request = client
        .publish()
        .topic_arn(topic.as_str())
        .subject(outcome.subject())
        .message(message);
    if topic.is_fifo() {
        let id = format!("{} {}", outcome.start, outcome.title);
        request = request
            .message_group_id("chaos")
            .message_deduplication_id(digest(&id));
    }
    let sent = request.send().await.map_err(|error| UploadError {
        deed: "publish to",
        target: topic.as_str().to_owned(),
        cause: Cause::of(&error),
        kept: Vec::new(),
    })?;
    Ok(sent.message_id.unwrap_or_default())
}

/// The same short word for the same text, so that a repeated publication is recognised.
fn digest(text: &str) -> String {
    // FNV-1a: stable between versions, which the hasher of the standard library is not.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_is_one_short_line_of_ascii() {
        let outcome = Outcome {
            title: format!("Ümläut\n{}", "x".repeat(200)),
            status: "completed".to_owned(),
            deviated: true,
            exit_code: 1,
            context: "live".to_owned(),
            start: String::new(),
            end: String::new(),
            duration: 1.5,
            journal: None,
        };
        let subject = outcome.subject();
        assert!(
            subject.starts_with("Chaos experiment deviated: ?ml?ut?xxx"),
            "{subject}"
        );
        assert_eq!(subject.len(), SUBJECT_LENGTH);
    }
}
