//! The alarms of the live deployment.

use serde_json::{Value, json};

use super::MOST_TASKS;
use super::aws::Aws;
use super::balancers::Balancers;
use super::names;
use crate::error::Error;

/// Requests a minute that may fail before users are said to notice.
const FAILED_REQUESTS: u32 = 10;

/// Makes the alarms; those of capacity tell the topic.
pub async fn make(aws: &Aws, balancers: &Balancers, topic: &str) -> Result<(), Error> {
    let public = balancer_dimension(&balancers.public.suffix);
    let internal = balancer_dimension(&balancers.internal.suffix);
    let application = "AWS/ApplicationELB";
    let wanted = [
        alarm(
            "TargetResponseTime-Avg",
            "internal-alb",
            application,
            "TargetResponseTime",
            "Average",
            1.0,
            2,
            &internal,
        ),
        alarm(
            "TargetResponseTime-Avg",
            "public-alb",
            application,
            "TargetResponseTime",
            "Average",
            1.2,
            2,
            &public,
        ),
        alarm(
            "Target_5XX_Response-Count",
            "internal-alb",
            application,
            "HTTPCode_Target_5XX_Count",
            "Sum",
            100.0,
            2,
            &internal,
        ),
        recent(alarm(
            "ELB_5XX_Response-Count",
            "public-alb",
            application,
            "HTTPCode_ELB_5XX_Count",
            "Sum",
            f64::from(FAILED_REQUESTS),
            5,
            &public,
        )),
        recent(alarm(
            "Target_5XX_Response-Count",
            "public-alb",
            application,
            "HTTPCode_Target_5XX_Count",
            "Sum",
            f64::from(FAILED_REQUESTS),
            5,
            &public,
        )),
    ];
    for alarm in wanted {
        aws.call("monitoring", "PutMetricAlarm", &alarm).await?;
    }
    for (short, cluster, _) in names::SERVICES {
        let service = json!([{ "Name": "ClusterName", "Value": cluster }, { "Name": "ServiceName", "Value": names::service(short) }]);
        let mut full = alarm(
            "Service-MaxCapacity",
            short,
            "ECS/ContainerInsights",
            "DesiredTaskCount",
            "Maximum",
            f64::from(MOST_TASKS),
            1,
            &service,
        );
        full["Unit"] = json!("Count");
        full["AlarmActions"] = json!([topic]);
        full["TreatMissingData"] = json!("missing");
        aws.call("monitoring", "PutMetricAlarm", &full).await?;
    }
    Ok(())
}

fn balancer_dimension(suffix: &str) -> Value {
    json!([{ "Name": "LoadBalancer", "Value": suffix }])
}

#[allow(clippy::too_many_arguments, reason = "the columns of a table")]
fn alarm(
    what: &str,
    of: &str,
    namespace: &str,
    metric: &str,
    statistic: &str,
    threshold: f64,
    periods: u32,
    dimensions: &Value,
) -> Value {
    json!({
        "AlarmName": format!("{what}/{}/{}/{of}", names::ENVIRONMENT, names::APPLICATION),
        "Namespace": namespace, "MetricName": metric, "Statistic": statistic, "Dimensions": dimensions,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": threshold,
        "Period": 60, "EvaluationPeriods": periods, "TreatMissingData": "notBreaching", "ActionsEnabled": true,
    })
}

/// In alarm as soon as one of its periods is over the threshold, and for as long as that is among them.
fn recent(mut alarm: Value) -> Value {
    alarm["DatapointsToAlarm"] = json!(1);
    alarm
}
