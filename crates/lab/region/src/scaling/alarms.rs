//! The alarms that a policy shows in CloudWatch. The lab decides by its own look at the same metrics; the alarms tell people.

use std::sync::Arc;

use serde_json::{Value, json};

use super::policy::{Metric, Policy};
use super::tracking::{IN_POINTS, LOW, OUT_POINTS};
use crate::Region;

/// What is asked of CloudWatch for a policy.
pub struct Alarms(Vec<Value>);

impl Alarms {
    pub fn of(id: &str, policy: &Policy, speed: f64) -> Alarms {
        let (namespace, name, statistic, dimensions) = asked(id, &policy.metric);
        let alarm = |name_of: &str, operator: &str, threshold: f64, points: usize| {
            json!({
                "AlarmName": name_of, "Namespace": namespace, "MetricName": name, "Statistic": statistic, "Dimensions": dimensions,
                "Period": 60, "EvaluationPeriods": points, "Threshold": threshold, "ComparisonOperator": operator,
                "ActionsEnabled": true, "AlarmActions": [policy.arn],
                "AlarmDescription": format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", policy.arn),
            })
        };
        // CloudWatch's minute is a part of one here, in which so many fewer requests come
        let target = match policy.metric {
            Metric::Requests { .. } => policy.target / speed,
            _ => policy.target,
        };
        let [high, low] = &policy.alarms;
        let mut alarms = vec![alarm(high, "GreaterThanThreshold", target, OUT_POINTS)];
        if policy.scales_in {
            alarms.push(alarm(low, "LessThanThreshold", target * LOW, IN_POINTS));
        }
        Alarms(alarms)
    }
}

fn asked(id: &str, metric: &Metric) -> (&'static str, &'static str, &'static str, Value) {
    let mut parts = id.split('/').skip(1);
    let service = json!([
        { "Name": "ClusterName", "Value": parts.next() },
        { "Name": "ServiceName", "Value": parts.next() },
    ]);
    match metric {
        Metric::Cpu => ("AWS/ECS", "CPUUtilization", "Average", service),
        Metric::Memory => ("AWS/ECS", "MemoryUtilization", "Average", service),
        Metric::Requests { group } => {
            let dimensions = json!([{ "Name": "TargetGroup", "Value": group }]);
            ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", dimensions)
        }
    }
}

/// Makes the alarms. Scaling works without them.
pub async fn put(region: &Arc<Region>, alarms: Alarms) {
    for alarm in alarms.0 {
        // boxed, as calls of services may call one another
        if let Err(error) = Box::pin(region.call("monitoring", "PutMetricAlarm", &alarm)).await {
            tracing::warn!("the alarm of a scaling policy is not shown: {error}");
        }
    }
}

/// Removes alarms by their names.
pub async fn delete(region: &Arc<Region>, names: &[String]) {
    if !names.is_empty() {
        let input = json!({ "AlarmNames": names });
        if let Err(error) = Box::pin(region.call("monitoring", "DeleteAlarms", &input)).await {
            tracing::warn!("the alarms of a scaling policy stay: {error}");
        }
    }
}
