//! The control that uploads the journal (`chaosaws.s3.controls.upload`).

use std::rc::Rc;

use aws_sdk_s3::primitives::ByteStream;
use chaos_engine::control::{ControlError, Hook, Hooked, NativeControl, Scene};
use chaos_engine::value::{Map, Value, json};
use chrono::{SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::{debug, error};

use super::lookup::owns;
use crate::AwsError;
use crate::client::{Aws, answer};

/// Uploads the journal to a bucket once the experiment is over, and notes its address in the journal under
/// `extra.journal.url`. A bucket that is not among one's own is only logged.
#[derive(Deserialize, JsonSchema)]
pub struct UploadJournal {
    /// The bucket.
    bucket_name: String,
    /// The folder in the bucket.
    dirpath: String,
    /// Whether the journal is uploaded as YAML instead of JSON.
    #[serde(default)]
    as_yaml: bool,
    /// Whether the file's name has the time of the upload, so that the journal of an earlier run stays.
    #[serde(default)]
    suffix_with_timestamp: bool,
}

impl NativeControl for UploadJournal {
    const MODULE: &'static str = "chaosaws.s3.controls.upload";
    const HOOKS: &'static [Hook] = &[Hook::AfterExperiment];
    const IAM: &'static [&'static str] = &["s3:ListAllMyBuckets", "s3:PutObject"];
    type Run = ();

    async fn after_experiment(self, _: Rc<()>, scene: &mut Scene) -> Hooked {
        let uploaded = self.upload(scene).await;
        uploaded.map_err(|error| ControlError::Failed(format!("the journal was not uploaded: {error}")))
    }
}

impl UploadJournal {
    async fn upload(&self, scene: &mut Scene) -> Result<(), AwsError> {
        let aws = Aws::of(&scene.context()).await?;
        let (s3, bucket) = (aws.s3(), self.bucket_name.as_str());
        if !owns(&s3, bucket).await? {
            error!("the journal was not uploaded: bucket {bucket} is not among the buckets of this account");
            return Ok(());
        }
        let key = self.key();
        if let Value::Map(journal) = &mut *scene.state {
            let url = format!("https://{bucket}.s3.{}.amazonaws.com/{key}", aws.region());
            note(journal, url);
        }
        let journal = self.written(&scene.state)?;
        let request = s3.put_object().bucket(bucket).key(&key);
        answer(request.body(ByteStream::from(journal.into_bytes())).send()).await?;
        debug!("the journal is at s3://{bucket}/{key}");
        Ok(())
    }

    fn key(&self) -> String {
        let folder = self.dirpath.trim_end_matches('/');
        let suffix = if self.suffix_with_timestamp {
            let now = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, false);
            format!("-{now}")
        } else {
            String::new()
        };
        let kind = if self.as_yaml { "yaml" } else { "json" };
        format!("{folder}/journal{suffix}.{kind}")
    }

    fn written(&self, journal: &Value) -> Result<String, AwsError> {
        if self.as_yaml {
            let written = serde_yaml::to_string(journal);
            return written.map_err(|error| {
                AwsError::because(format!("the journal cannot be written as YAML: {error}"))
            });
        }
        Ok(json::pretty(journal))
    }
}

/// Notes the address beside whatever else is in `extra`.
fn note(journal: &mut Map, url: String) {
    let inside = |map: &Map, name: &str| map.get(name).and_then(Value::as_map).cloned().unwrap_or_default();
    let mut extra = inside(journal, "extra");
    let mut about = inside(&extra, "journal");
    about.insert("url".to_owned(), url.into());
    extra.insert("journal".to_owned(), about.into());
    journal.insert("extra".to_owned(), extra.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(arguments: &str) -> UploadJournal {
        serde_json::from_str(arguments).unwrap()
    }

    #[test]
    fn the_key_has_folder_time_and_kind() {
        let plain = upload(r#"{"bucket_name": "b", "dirpath": "runs/today/"}"#);
        assert_eq!(plain.key(), "runs/today/journal.json");
        let timed =
            r#"{"bucket_name": "b", "dirpath": "runs", "as_yaml": true, "suffix_with_timestamp": true}"#;
        let key = upload(timed).key();
        let time = key
            .strip_prefix("runs/journal-")
            .unwrap()
            .strip_suffix(".yaml")
            .unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
    }

    #[test]
    fn what_is_in_extra_stays() {
        let mut journal = json::parse(r#"{"extra": {"a": 1, "journal": {"b": 2}}, "status": "x"}"#).unwrap();
        let Value::Map(journal) = &mut journal else {
            unreachable!()
        };
        note(journal, "u".to_owned());
        let noted = json::compact(&Value::Map(journal.clone()));
        assert_eq!(
            noted,
            r#"{"extra":{"a":1,"journal":{"b":2,"url":"u"}},"status":"x"}"#
        );
        let mut empty = Map::new();
        note(&mut empty, "u".to_owned());
        assert_eq!(
            json::compact(&empty.into()),
            r#"{"extra":{"journal":{"url":"u"}}}"#
        );
    }

    #[test]
    fn yaml_reads_back() {
        let yaml = upload(r#"{"bucket_name": "b", "dirpath": "d", "as_yaml": true}"#);
        let text = r#"{"status":"no","n":12,"list":[null,1.5,true],"date":"2024-01-01"}"#;
        let journal = json::parse(text).unwrap();
        let written = yaml.written(&journal).unwrap();
        assert!(written.contains("list:\n- null"), "{written}");
        let read: serde_json::Value = serde_yaml::from_str(&written).unwrap();
        assert_eq!(read["status"], "no");
        assert_eq!(read["date"], "2024-01-01");
    }
}
