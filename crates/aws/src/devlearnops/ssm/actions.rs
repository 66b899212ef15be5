//! Commands on managed instances (`devlearnops.aws.ssm.actions`).

use std::collections::HashMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{InstanceInformationStringFilter, Target};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::{Aws, answer};

/// One condition on managed instances, with the names that the API of Systems Manager has.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Filter {
    /// What to look at, for example `tag:app`, `PlatformTypes` or `InstanceIds`.
    key: String,
    /// The values of which one must be there.
    values: Vec<String>,
}

impl TryFrom<Filter> for InstanceInformationStringFilter {
    type Error = AwsError;

    fn try_from(filter: Filter) -> Result<Self, AwsError> {
        let builder = Self::builder().key(filter.key).set_values(Some(filter.values));
        Ok(builder.build()?)
    }
}

/// Runs a Systems Manager document on some of the managed instances: so many, or so many percent of those that match.
#[derive(Deserialize, JsonSchema)]
pub struct SendCommand {
    /// Name or ARN of the document.
    document_name: String,
    /// Filters on the managed instances, each `{"Key": …, "Values": […]}`; all instances when absent.
    #[serde(default)]
    targets: Option<Vec<Filter>>,
    /// How many percent of the instances, rounded up to whole ones.
    #[serde(default = "all")]
    targets_percent: f64,
    /// How many of the instances; goes before `targets_percent`.
    #[serde(default)]
    targets_count: Option<i64>,
    /// Version of the document: a number, `$DEFAULT` or `$LATEST`.
    #[serde(default = "default_version")]
    document_version: String,
    /// Parameters of the document, each a list of texts.
    #[serde(default)]
    parameters: Option<HashMap<String, Vec<String>>>,
    /// How many seconds AWS may take to begin the command on an instance.
    #[serde(default = "minute")]
    timeout_seconds: i32,
    /// On how many instances (or how many percent of them, with `%`) the command may run at once; all when absent.
    #[serde(default)]
    max_concurrency: Option<String>,
    /// After how many failed instances (or how many percent of them, with `%`) AWS begins no more.
    #[serde(default = "none")]
    max_errors: String,
}

fn all() -> f64 {
    100.0
}

fn default_version() -> String {
    "$DEFAULT".to_owned()
}

fn minute() -> i32 {
    60
}

fn none() -> String {
    "0".to_owned()
}

impl NativeActivity for SendCommand {
    const MODULE: &'static str = "devlearnops.aws.ssm.actions";
    const FUNCTION: &'static str = "send_command";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ssm:SendCommand.";
    const IAM: &'static [&'static str] = &["ssm:DescribeInstanceInformation", "ssm:SendCommand"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ssm = Aws::of(&context).await?.ssm();
        let mut instances = managed(&ssm, self.targets).await?;
        let found = instances.len();
        instances.truncate(amount(found, self.targets_count, self.targets_percent)?);
        if instances.is_empty() {
            return Err(AwsError::because(format!(
                "no managed instances to run {} on ({found} match the targets): register them in Systems Manager, or \
                 widen targets, targets_count or targets_percent",
                self.document_name
            ))
            .into());
        }
        if self.document_name.is_empty() {
            return Err(AwsError::because("document_name is empty: name the document to run").into());
        }
        tracing::info!("runs {} on {}", self.document_name, instances.join(", "));
        let concurrency = self.max_concurrency.filter(|text| !text.is_empty());
        let request = ssm
            .send_command()
            .document_name(&self.document_name)
            .document_version(self.document_version)
            .timeout_seconds(self.timeout_seconds)
            .set_parameters(self.parameters)
            .max_concurrency(concurrency.unwrap_or_else(|| instances.len().to_string()))
            .max_errors(self.max_errors)
            .targets(
                Target::builder()
                    .key("InstanceIds")
                    .set_values(Some(instances))
                    .build(),
            );
        let sent = answer(request.send()).await;
        Ok(sent.map_err(|error| about_document(error, &self.document_name))?)
    }
}

/// Ids of the instances that match, of AWS's first page.
async fn managed(ssm: &Client, targets: Option<Vec<Filter>>) -> Result<Vec<String>, AwsError> {
    let filters = targets.map(|filters| {
        let filters = filters.into_iter().map(TryInto::try_into);
        filters.collect::<Result<_, AwsError>>()
    });
    let request = ssm
        .describe_instance_information()
        .set_filters(filters.transpose()?);
    let answer = answer(request.send()).await?;
    let instances = list(&answer, "InstanceInformationList").iter();
    let ids = instances.filter_map(|instance| text(instance, &["InstanceId"]));
    Ok(ids.map(str::to_owned).collect())
}

/// How many of the instances: the count if there is one, else the percentage, rounded up.
fn amount(found: usize, count: Option<i64>, percent: f64) -> Result<usize, AwsError> {
    let count = count.filter(|count| *count != 0);
    let asked = count.map_or(percent, |count| count as f64);
    if asked < 0.0 || asked.is_nan() {
        return Err(AwsError::because(
            "targets_count and targets_percent select instances: they cannot be below zero",
        ));
    }
    let wanted = match count {
        Some(count) => count as f64,
        None => (found as f64 * percent / 100.0).ceil(),
    };
    Ok(wanted as usize)
}

/// AWS's refusal rarely names the document.
fn about_document(error: AwsError, document: &str) -> AwsError {
    match error {
        AwsError::Service {
            operation,
            code,
            message,
        } => AwsError::Service {
            operation,
            code,
            message: format!("{message} (document {document})"),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_rounded_up_and_a_count_goes_first() {
        let of = |found, count, percent| amount(found, count, percent).unwrap();
        assert_eq!(of(4, None, 100.0), 4);
        assert_eq!(of(4, None, 30.0), 2);
        assert_eq!(of(50, None, 14.0), 7);
        assert_eq!(of(4, None, 0.0), 0);
        assert_eq!(of(4, Some(3), 25.0), 3);
        assert_eq!(of(4, Some(0), 25.0), 1);
        assert!(amount(4, Some(-1), 100.0).is_err());
        assert!(amount(4, None, -1.0).is_err());
    }
}
