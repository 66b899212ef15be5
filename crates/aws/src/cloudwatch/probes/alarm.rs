//! The state of an alarm.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::answer::list;
use crate::client::{Aws, answer};

/// Reads the state of a metric alarm; composite alarms are not seen.
#[derive(Deserialize, JsonSchema)]
pub struct GetAlarmStateValue {
    /// Name of the alarm.
    alarm_name: String,
}

impl NativeActivity for GetAlarmStateValue {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_alarm_state_value";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "`OK`, `ALARM` or `INSUFFICIENT_DATA`.";
    const IAM: &'static [&'static str] = &["cloudwatch:DescribeAlarms"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let cloudwatch = Aws::of(&context).await?.cloudwatch();
        let request = cloudwatch.describe_alarms().alarm_names(&self.alarm_name);
        let answer = answer(request.send()).await?;
        let alarm = list(&answer, "MetricAlarms").first();
        let state = alarm.and_then(|alarm| alarm.get("StateValue"));
        state.cloned().ok_or_else(|| {
            ActivityError::failed(format!(
                "there is no CloudWatch metric alarm {} in this region",
                self.alarm_name
            ))
        })
    }
}
