//! Application Auto Scaling of ECS services: scalable targets, target tracking policies, and the loop that follows them.

mod activity;
mod alarms;
mod evaluate;
mod policy;
mod target;
mod tracking;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::Region;
use crate::input::{integer, text};
use crate::wire::{Answer, ApiError};

/// What the service knows.
#[derive(Default)]
pub struct State {
    /// By resource id.
    targets: IndexMap<String, target::Target>,
    activities: Vec<activity::Activity>,
}

/// No more activities than that are kept.
const ACTIVITIES: usize = 500;

impl State {
    fn note(&mut self, activity: activity::Activity) {
        let over = (self.activities.len() + 1).saturating_sub(ACTIVITIES);
        self.activities.drain(..over);
        self.activities.push(activity);
    }
}

/// The dimension of ECS services.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// `ValidationException`
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// A text that must be there.
fn needed<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(input, name).ok_or_else(|| invalid(format!("{name} is required and must not be empty.")))
}

/// Cluster and service of a resource id such as `service/live/web`.
fn resource(id: &str) -> Result<(&str, &str), ApiError> {
    let mut parts = id.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("service"), Some(cluster), Some(service), None) => Ok((cluster, service)),
        _ => Err(invalid(
            "The lab scales ECS services only: ResourceId must be service/CLUSTER/SERVICE.",
        )),
    }
}

/// The resource of a request, after its namespace and dimension were checked.
fn asked(input: &Value) -> Result<&str, ApiError> {
    if needed(input, "ServiceNamespace")? != "ecs" || needed(input, "ScalableDimension")? != DIMENSION {
        return Err(invalid(format!(
            "The lab scales ECS services only, by {DIMENSION}."
        )));
    }
    let id = needed(input, "ResourceId")?;
    resource(id).map(|_| id)
}

/// One page of `items`, with `NextToken` where there are more.
fn page(input: &Value, member: &str, items: Vec<Value>) -> Answer {
    let wrong = || ApiError::new("InvalidNextTokenException", "The next token is not one of ours.");
    let start = match text(input, "NextToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("after-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(wrong)?,
    };
    let size = integer(input, "MaxResults").map_err(|error| invalid(error.message))?;
    let size = size.map_or(50, |size| size.clamp(1, 50)) as usize;
    let next: usize = size.saturating_add(start);
    let token = (next < items.len()).then(|| format!("after-{next}"));
    let shown: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    Ok(serde_json::json!({ member: shown, "NextToken": token }))
}

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    let of = Arc::clone(region);
    region.keep(async move {
        loop {
            of.tick().await;
            if evaluate::look(&of) {
                of.changed();
            }
        }
    });
}

/// Ends what the service runs.
pub async fn stop(_region: &Arc<Region>) {}

/// Calls an operation.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    match operation {
        "RegisterScalableTarget" => target::register(region, input),
        "DescribeScalableTargets" => target::describe(region, input),
        "DeregisterScalableTarget" => {
            let gone = target::deregister(region, input)?;
            alarms::delete(region, &gone).await;
            Ok(serde_json::json!({}))
        }
        "PutScalingPolicy" => {
            let (answer, wanted) = policy::put(region, input)?;
            alarms::put(region, wanted).await;
            Ok(answer)
        }
        "DescribeScalingPolicies" => policy::describe(region, input),
        "DeleteScalingPolicy" => {
            let gone = policy::delete(region, input)?;
            alarms::delete(region, &gone).await;
            Ok(serde_json::json!({}))
        }
        "DescribeScalingActivities" => activity::describe(region, input),
        "DescribeScheduledActions" => Ok(serde_json::json!({ "ScheduledActions": [] })),
        _ => Err(ApiError::not_here("application-autoscaling", operation)),
    }
}
