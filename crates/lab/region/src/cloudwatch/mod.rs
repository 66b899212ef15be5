//! Amazon CloudWatch: metrics of the lab's own, and alarms on them.
//!
//! Values are kept by real seconds, an hour of them, and are readable at once. Periods that clients ask for are real time; those of alarms are
//! AWS's divided by the lab's pace. Not offered: composite alarms, dashboards, anomaly detection, metric streams, trimmed means.

mod alarm;
mod alarms;
mod ask;
mod data;
mod decide;
mod history;
mod math;
mod metrics;
mod notify;
mod put;
mod query;
mod read;
mod series;
mod spread;
mod statistic;
mod watch;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::Region;
use crate::wire::{Answer, ApiError};
pub use metrics::{Dimensions, Metrics, Series, Window};
pub use series::Summary;

/// What the service knows.
#[derive(Default)]
pub struct State {
    alarms: BTreeMap<String, alarm::Alarm>,
    history: history::History,
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(watch::evaluate_all(Arc::downgrade(region)));
}

/// Ends what the service runs: nothing but its loop, which ends with the region's.
pub async fn stop(_region: &Arc<Region>) {}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    match operation {
        "GetMetricData" => return data::get(&region.metrics, input),
        "GetMetricStatistics" => return read::statistics(&region.metrics, input),
        "ListMetrics" => return read::list(&region.metrics, input),
        "PutMetricData" => return put::put(&region.metrics, input),
        _ => {}
    }
    let operation: fn(&Arc<Region>, &mut State, &Value) -> Answer = match operation {
        "DeleteAlarms" => alarms::delete,
        "DescribeAlarmHistory" => alarms::history,
        "DescribeAlarms" => alarms::describe,
        "DescribeAlarmsForMetric" => alarms::describe_for_metric,
        "DisableAlarmActions" => alarms::disable_actions,
        "EnableAlarmActions" => alarms::enable_actions,
        "ListTagsForResource" => alarms::list_tags,
        "PutMetricAlarm" => alarms::put,
        "SetAlarmState" => alarms::set_state,
        "TagResource" => alarms::tag,
        "UntagResource" => alarms::untag,
        other => return Err(ApiError::not_here("monitoring", other)),
    };
    operation(region, &mut region.state().cloudwatch, input)
}
