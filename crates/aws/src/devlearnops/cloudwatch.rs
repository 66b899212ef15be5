//! Alarms (`devlearnops.aws.cloudwatch.probes`).

use aws_sdk_cloudwatch::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::list;
use crate::client::{Aws, answer};

/// Tells whether every one of some CloudWatch alarms is in an expected state.
#[derive(Deserialize, JsonSchema)]
pub struct CheckAlarmStateValue {
    /// Names of the alarms.
    alarm_names: Vec<String>,
    /// The expected state, or a list of those that are: `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    expected: serde_json::Value,
}

impl NativeActivity for CheckAlarmStateValue {
    const MODULE: &'static str = "devlearnops.aws.cloudwatch.probes";
    const FUNCTION: &'static str = "check_alarm_state_value";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "True when every alarm is in an expected state, also when no alarm is named.";
    const IAM: &'static [&'static str] = &["cloudwatch:DescribeAlarms"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let cloudwatch = Aws::of(&context).await?.cloudwatch();
        let expected = match Value::from(self.expected) {
            Value::List(states) => states,
            state => vec![state],
        };
        for name in &self.alarm_names {
            let found = state(&cloudwatch, name).await?;
            if !expected.iter().any(|state| python::equal(state, &found)) {
                let wanted = python::text(&Value::List(expected));
                let found = python::text(&found);
                tracing::info!("CloudWatch alarm {name} is in state {found}, expected is one of {wanted}");
                return Ok(false.into());
            }
        }
        Ok(true.into())
    }
}

/// The state of a metric alarm.
async fn state(cloudwatch: &Client, alarm: &str) -> Result<Value, AwsError> {
    let answer = answer(cloudwatch.describe_alarms().alarm_names(alarm).send()).await?;
    match list(&answer, "MetricAlarms").first() {
        Some(alarm) => Ok(alarm.get("StateValue").cloned().unwrap_or_default()),
        None => Err(AwsError::because(format!(
            "there is no CloudWatch metric alarm {alarm}"
        ))),
    }
}
