//! Where to: names of buckets and topics as people write them.

use std::fmt;
use std::str::FromStr;

/// Why a text names no bucket or no topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetFault {
    #[error("'{0}' is no bucket; write `bucket`, `bucket/prefix` or `s3://bucket/prefix`")]
    NotABucket(String),
    #[error("'{0}' is no topic; write `arn:aws:sns:REGION:ACCOUNT:NAME`")]
    NotATopic(String),
}

/// A bucket and the prefix of the keys inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketPath {
    pub bucket: String,
    /// Without slashes at its ends; empty for the bucket's root.
    pub prefix: String,
}

impl BucketPath {
    /// `[prefix/]rest`.
    pub fn key(&self, rest: &str) -> String {
        match self.prefix.is_empty() {
            true => rest.to_owned(),
            false => format!("{}/{rest}", self.prefix),
        }
    }
}

/// From `bucket`, `bucket/prefix` or `s3://bucket/prefix`.
impl FromStr for BucketPath {
    type Err = TargetFault;

    fn from_str(text: &str) -> Result<Self, TargetFault> {
        let path = text.trim();
        let path = path.strip_prefix("s3://").unwrap_or(path);
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        // 255: some buckets are older than the rule of 63 characters in lower case.
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(allowed) {
            return Err(TargetFault::NotABucket(text.to_owned()));
        }
        let (bucket, prefix) = (bucket.to_owned(), prefix.trim_matches('/').to_owned());
        Ok(Self { bucket, prefix })
    }
}

impl fmt::Display for BucketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        match self.prefix.is_empty() {
            true => Ok(()),
            false => write!(f, "/{}", self.prefix),
        }
    }
}

/// The name of an SNS topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(String);

impl TopicArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region that the topic lives in.
    pub fn region(&self) -> &str {
        self.0.split(':').nth(3).unwrap_or_default()
    }

    /// Whether messages to the topic need a group.
    pub fn is_fifo(&self) -> bool {
        self.0.ends_with(".fifo")
    }
}

impl FromStr for TopicArn {
    type Err = TargetFault;

    fn from_str(text: &str) -> Result<Self, TargetFault> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        match parts[..] {
            ["arn", partition, "sns", region, account, name]
                if ![partition, region, account, name].contains(&"") =>
            {
                Ok(Self(text.trim().to_owned()))
            }
            _ => Err(TargetFault::NotATopic(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_written_in_three_ways() {
        let read = |text: &str| {
            text.parse::<BucketPath>()
                .map(|path| (path.key("k"), path.to_string()))
        };
        let ok = |key: &str, shown: &str| Ok((key.to_owned(), shown.to_owned()));
        assert_eq!(read("journals"), ok("k", "s3://journals"));
        assert_eq!(read("journals/team/a/"), ok("team/a/k", "s3://journals/team/a"));
        assert_eq!(read("s3://journals/team"), ok("team/k", "s3://journals/team"));
        assert_eq!(read("s3://journals/"), ok("k", "s3://journals"));
        for bad in [
            "",
            "s3://",
            "/prefix",
            "a b",
            "https://journals/x",
            "arn:aws:s3:::journals",
        ] {
            assert_eq!(read(bad), Err(TargetFault::NotABucket(bad.to_owned())));
        }
    }

    #[test]
    fn a_topic_is_an_arn() {
        let topic: TopicArn = "arn:aws:sns:eu-west-1:123456789012:results.fifo".parse().unwrap();
        assert_eq!((topic.region(), topic.is_fifo()), ("eu-west-1", true));
        for bad in [
            "results",
            "arn:aws:sqs:eu-west-1:1:q",
            "arn:aws:sns::1:t",
            "arn:aws:sns:eu-west-1:1:",
        ] {
            assert!(bad.parse::<TopicArn>().is_err(), "{bad}");
        }
    }
}
