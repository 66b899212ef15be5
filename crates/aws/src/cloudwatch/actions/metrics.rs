//! Publishing metrics.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::client::{Aws, answer};
use crate::cloudwatch::metric::Datum;

/// Publishes data points of metrics, for example to mark the experiment on a dashboard or to set off an alarm.
#[derive(Deserialize, JsonSchema)]
pub struct PutMetricData {
    /// Namespace of the metrics; those that begin with `AWS/` are AWS's own.
    namespace: String,
    /// The data points, as the API takes them: `MetricName` and `Value`, `Values` or `StatisticValues`.
    metric_data: Vec<Datum>,
}

impl NativeActivity for PutMetricData {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "put_metric_data";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Null.";
    const IAM: &'static [&'static str] = &["cloudwatch:PutMetricData"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let data = self.metric_data.into_iter().map(Datum::sdk).collect();
        let cloudwatch = Aws::of(&context).await?.cloudwatch();
        let request = cloudwatch.put_metric_data().namespace(self.namespace);
        answer(request.set_metric_data(Some(data)).send()).await?;
        Ok(Value::Null)
    }
}
