//! What Batch is asked for: the members of SubmitJob.

use std::collections::BTreeMap;

use aws_sdk_batch::Client;
use aws_sdk_batch::operation::submit_job::builders::SubmitJobFluentBuilder;
use aws_sdk_batch::types::{
    ArrayProperties, ContainerOverrides, EvaluateOnExit, JobDependency, JobTimeout, KeyValuePair,
    ResourceRequirement, ResourceType, RetryAction, RetryStrategy,
};
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::size::Size;
use crate::conf::{VarOverride, looks_secret, shown_value};
use crate::exit;

/// Batch takes no longer name of a job.
const NAME_LENGTH: usize = 128;

/// A variable that is set by us alone.
pub(super) const CONFIG_FILE: &str = "CHAOS_CONFIG_FILE";
/// The section of the configuration file.
pub const CONTEXT: &str = "CHAOS_CONTEXT";
/// Where journals go.
pub const JOURNALS_BUCKET: &str = "CHAOS_JOURNALS_BUCKET";
/// Variables of the experiment, one a line.
pub(super) const VARIABLES: &str = "CHAOS_VAR";

/// One job to be: serialised with the names of Batch's API, values of secret-looking variables masked.
/// <https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html>
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRequest {
    pub job_name: String,
    pub job_queue: String,
    pub job_definition: String,
    /// For queues with a fair-share policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_identifier: Option<String>,
    /// 0 to 9999, for queues with a fair-share policy.
    #[serde(
        skip_serializing_if = "Option::is_none",
        rename = "schedulingPriorityOverride"
    )]
    pub priority: Option<i32>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "array",
        rename = "arrayProperties"
    )]
    pub array_size: Option<i32>,
    /// The id of the job that has to succeed before.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "dependency",
        rename = "dependsOn"
    )]
    pub after: Option<String>,
    pub container_overrides: Overrides,
    #[serde(skip_serializing_if = "Option::is_none", rename = "retryStrategy")]
    pub retry: Option<Retry>,
    /// Seconds after which an attempt is ended.
    #[serde(serialize_with = "timeout")]
    pub timeout: i32,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Tags go to the ECS task, too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub propagate_tags: bool,
}

/// What of the job definition's container is replaced.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overrides {
    pub environment: Environment,
    #[serde(serialize_with = "requirements", rename = "resourceRequirements")]
    pub size: Size,
}

/// Attempts of a job. Only an attempt that was taken away is followed by another: what ended by itself has told its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// 1 to 10, the first included.
    pub attempts: i32,
}

/// The exit codes with which `start-chaos` ends by itself.
const OUTCOMES: [u8; 4] = [
    exit::NOT_AS_HOPED,
    exit::USAGE,
    exit::UPLOAD_FAILED,
    exit::NOT_STEADY,
];

impl Retry {
    /// The conditions in their order: an outcome ends the job, anything else is tried again.
    fn rules() -> impl Iterator<Item = (&'static str, String, RetryAction)> {
        OUTCOMES
            .into_iter()
            .map(|code| ("onExitCode", code.to_string(), RetryAction::Exit))
            .chain([("onReason", "*".to_owned(), RetryAction::Retry)])
    }
}

impl Serialize for Retry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = |(on, pattern, action): (&str, String, RetryAction)| serde_json::json!({ on: pattern, "action": action.as_str() });
        let rules: Vec<_> = Self::rules().map(rule).collect();
        serde_json::json!({ "attempts": self.attempts, "evaluateOnExit": rules }).serialize(serializer)
    }
}

/// Variables of a job, in their order; a later value of a name replaces an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment(Vec<(String, String)>);

/// A variable that a job cannot be given. The text shows no value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentFault {
    #[error("'{0}' is no name of a variable; write KEY=value, or KEY for the value that it has here")]
    Name(String),
    #[error("{0} has no value here; write {0}=value")]
    Unset(String),
    #[error("{0} is set by Batch itself")]
    Reserved(String),
    #[error("{0} is set for each job; name the configuration files after the options")]
    ConfigFile(&'static str),
}

impl Environment {
    /// Takes `KEY=value`, or `KEY` for the value that `here` knows.
    ///
    /// # Errors
    /// When the text has no usable name, or the name has no value.
    pub fn add(&mut self, text: &str, here: impl Fn(&str) -> Option<String>) -> Result<(), EnvironmentFault> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, here(text)),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(allowed) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(EnvironmentFault::Name(name.to_owned()));
        }
        if name.starts_with("AWS_BATCH") {
            return Err(EnvironmentFault::Reserved(name.to_owned()));
        }
        if name == CONFIG_FILE {
            return Err(EnvironmentFault::ConfigFile(CONFIG_FILE));
        }
        match value {
            Some(value) => self.set(name, value),
            None => return Err(EnvironmentFault::Unset(name.to_owned())),
        }
        Ok(())
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names that tell of a secret: whoever may look at the job sees their values.
    pub fn secrets(&self) -> Vec<&str> {
        self.iter()
            .map(|(name, _)| name)
            .filter(|name| looks_secret(name))
            .collect()
    }
}

impl Serialize for Environment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown =
            |(name, value): (&str, &str)| serde_json::json!({ "name": name, "value": shown(name, value) });
        serializer.collect_seq(self.iter().map(shown))
    }
}

/// A value for people's eyes; one variable holds variables of the experiment, one a line.
fn shown(name: &str, value: &str) -> String {
    if name != VARIABLES {
        return shown_value(name, value);
    }
    let line = |line: &str| {
        let variable = line.parse::<VarOverride>();
        variable.map_or_else(|_| shown_value(name, line), |variable| variable.masked())
    };
    value.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn array<S: Serializer>(size: &Option<i32>, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::json!({ "size": size }).serialize(serializer)
}

fn dependency<S: Serializer>(after: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::json!([{ "jobId": after }]).serialize(serializer)
}

fn requirements<S: Serializer>(size: &Size, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::json!([
        { "type": "VCPU", "value": size.vcpu.to_string() },
        { "type": "MEMORY", "value": size.memory.to_string() },
    ])
    .serialize(serializer)
}

fn timeout<S: Serializer>(seconds: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::json!({ "attemptDurationSeconds": seconds }).serialize(serializer)
}

impl JobRequest {
    /// The call that asks for this job.
    pub(super) fn call(&self, client: &Client) -> SubmitJobFluentBuilder {
        let dependency = |id: &String| vec![JobDependency::builder().job_id(id).build()];
        let array = |size| ArrayProperties::builder().size(size).build();
        let tags = self.tags.clone().into_iter().collect();
        client
            .submit_job()
            .job_name(&self.job_name)
            .job_queue(&self.job_queue)
            .job_definition(&self.job_definition)
            .set_share_identifier(self.share_identifier.clone())
            .set_scheduling_priority_override(self.priority)
            .set_array_properties(self.array_size.map(array))
            .set_depends_on(self.after.as_ref().map(dependency))
            .container_overrides(self.container_overrides.as_sdk())
            .set_retry_strategy(self.retry.map(Retry::as_sdk))
            .timeout(
                JobTimeout::builder()
                    .attempt_duration_seconds(self.timeout)
                    .build(),
            )
            .set_tags(Some(tags).filter(|_| !self.tags.is_empty()))
            .set_propagate_tags(self.propagate_tags.then_some(true))
    }
}

impl Overrides {
    fn as_sdk(&self) -> ContainerOverrides {
        let pair = |(name, value)| KeyValuePair::builder().name(name).value(value).build();
        let requirement = |kind, value| ResourceRequirement::builder().r#type(kind).value(value).build();
        ContainerOverrides::builder()
            .set_environment(Some(self.environment.iter().map(pair).collect()))
            .resource_requirements(requirement(ResourceType::Vcpu, self.size.vcpu.to_string()))
            .resource_requirements(requirement(ResourceType::Memory, self.size.memory.to_string()))
            .build()
    }
}

impl Retry {
    fn as_sdk(self) -> RetryStrategy {
        let rule = |(on, pattern, action): (&str, String, RetryAction)| {
            let rule = EvaluateOnExit::builder().action(action);
            match on {
                "onExitCode" => rule.on_exit_code(pattern).build(),
                _ => rule.on_reason(pattern).build(),
            }
        };
        RetryStrategy::builder()
            .attempts(self.attempts)
            .set_evaluate_on_exit(Some(Self::rules().map(rule).collect()))
            .build()
    }
}

/// `YYYY-MM-DD_HHMMSS-<folder>` in UTC, of what Batch allows: letters, digits, hyphens and underscores.
pub(super) fn job_name(at: DateTime<Utc>, folder: &str) -> String {
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    let name = format!("{}-{folder}", at.format("%Y-%m-%d_%H%M%S"));
    name.chars().map(allowed).take(NAME_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        "2026-11-21T23:34:05Z".parse().unwrap()
    }

    #[test]
    fn a_job_is_named_after_its_time_and_folder() {
        assert_eq!(
            job_name(at(), "rds-instance-reboot"),
            "2026-11-21_233405-rds-instance-reboot"
        );
        assert_eq!(job_name(at(), "ünder the.sea"), "2026-11-21_233405--nder-the-sea");
        assert_eq!(job_name(at(), &"x".repeat(300)).len(), NAME_LENGTH);
    }

    #[test]
    fn variables_are_taken_from_the_line_or_from_here() {
        let mut environment = Environment::default();
        let here = |name: &str| (name == "HERE").then(|| "there".to_owned());
        for text in ["A=1", "HERE", "B=x=y", "A=2", "EMPTY="] {
            environment.add(text, here).unwrap();
        }
        let all: Vec<_> = environment.iter().collect();
        assert_eq!(all, [("HERE", "there"), ("B", "x=y"), ("A", "2"), ("EMPTY", "")]);
        let fault = |text: &str| Environment::default().add(text, here).unwrap_err();
        assert_eq!(fault("NOT_HERE"), EnvironmentFault::Unset("NOT_HERE".to_owned()));
        assert_eq!(fault("=1"), EnvironmentFault::Name(String::new()));
        assert_eq!(fault("1A=1"), EnvironmentFault::Name("1A".to_owned()));
        assert_eq!(fault("A B=1"), EnvironmentFault::Name("A B".to_owned()));
        assert!(matches!(
            fault("AWS_BATCH_JOB_ID=1"),
            EnvironmentFault::Reserved(_)
        ));
        assert!(matches!(
            fault("CHAOS_CONFIG_FILE=x"),
            EnvironmentFault::ConfigFile(_)
        ));
    }

    #[test]
    fn a_secret_is_sent_and_not_shown() {
        let mut environment = Environment::default();
        environment.set("DB_PASSWORD", "hunter2");
        environment.set(VARIABLES, "users:int=3\napi_token=hunter2");
        let overrides = Overrides {
            environment,
            size: Size {
                vcpu: 0.25,
                memory: 512,
            },
        };
        let shown = serde_json::to_string(&overrides).unwrap();
        assert!(
            !shown.contains("hunter2") && shown.contains("users:int=3"),
            "{shown}"
        );
        let sent = overrides.as_sdk();
        assert_eq!(sent.environment()[0].value(), Some("hunter2"));
        assert_eq!(sent.resource_requirements()[0].value(), Some("0.25"));
    }

    #[test]
    fn an_outcome_is_not_tried_again() {
        let retry = Retry { attempts: 3 };
        let shown = serde_json::to_value(retry).unwrap();
        assert_eq!(shown["attempts"], 3);
        let rules = shown["evaluateOnExit"].as_array().unwrap();
        assert_eq!(rules.len(), 5, "Batch takes five rules at most");
        assert_eq!(
            rules[0],
            serde_json::json!({ "onExitCode": "1", "action": "EXIT" })
        );
        assert_eq!(
            rules[4],
            serde_json::json!({ "onReason": "*", "action": "RETRY" })
        );
        assert_eq!(retry.as_sdk().evaluate_on_exit().len(), rules.len());
    }
}
