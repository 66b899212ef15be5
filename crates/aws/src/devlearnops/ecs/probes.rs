//! Waiting for services (`devlearnops.aws.ecs.probes`).

use std::cell::RefCell;
use std::time::Duration;

use aws_sdk_ecs::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::list;
use crate::client::{Aws, answer};
use crate::devlearnops::wait::{MINUTE, seconds, within};
use crate::ecs::stable::{Patience, wait_until_stable};

const MODULE: &str = "devlearnops.aws.ecs.probes";

/// How long a wait for an attribute rests between two looks.
const REST: Duration = Duration::from_secs(20);

fn minute() -> f64 {
    MINUTE
}

/// Waits until an attribute of an ECS service has a value. Looks every 20 seconds, or every `chaos_poll_interval`
/// seconds.
#[derive(Deserialize, JsonSchema)]
pub struct WaitForServiceAttribute {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// The attribute as ecs:DescribeServices names it, for example `runningCount`.
    attribute: String,
    /// The value that it should have.
    expected: serde_json::Value,
    /// How many seconds to wait at most.
    #[serde(default = "minute")]
    timeout: f64,
}

impl NativeActivity for WaitForServiceAttribute {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "wait_for_service_attribute";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True; it fails when time is up.";
    const IAM: &'static [&'static str] = &["ecs:DescribeServices"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let (attribute, expected) = (&self.attribute, Value::from(self.expected));
        let last = RefCell::new(None);
        let look = async || {
            let service = only_service(&ecs, &self.cluster, &self.service).await?;
            let value = service.get(attribute).cloned().unwrap_or_default();
            let reached = python::equal(&value, &expected);
            last.replace(Some(value));
            Ok(reached.then_some(true))
        };
        let left = || {
            let wanted = python::repr(&expected);
            let seen = last.take().map_or("was not looked at".to_owned(), |value| {
                format!("is {}", python::repr(&value))
            });
            let (service, cluster) = (&self.service, &self.cluster);
            format!("{attribute} of ECS service {service} in cluster {cluster} {seen}, expected {wanted}")
        };
        let reached = within(self.timeout, context.poll_interval(REST), look, left);
        Ok(reached.await?.into())
    }
}

/// The service, of which there must be exactly one.
async fn only_service(ecs: &Client, cluster: &str, service: &str) -> Result<Value, AwsError> {
    let request = ecs.describe_services().cluster(cluster).services(service);
    let answer = answer(request.send()).await?;
    match list(&answer, "services") {
        [only] => Ok(only.clone()),
        found => Err(AwsError::because(format!(
            "{} ECS services {service} in cluster {cluster}, not exactly one",
            found.len()
        ))),
    }
}

/// Waits until an ECS service is stable: one deployment, and as many tasks running as desired.
#[derive(Deserialize, JsonSchema)]
pub struct WaitForServiceStable {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
    /// How many seconds lie between two looks, unless the configuration has `chaos_poll_interval`.
    #[serde(default = "minute")]
    delay: f64,
    /// How many looks there are at most; the first is at once.
    #[serde(default = "thirty")]
    max_attempts: i64,
}

fn thirty() -> i64 {
    30
}

impl NativeActivity for WaitForServiceStable {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "wait_for_service_stable";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True; it fails when the attempts are used up or the service goes away.";
    const IAM: &'static [&'static str] = &["ecs:DescribeServices"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let patience = Patience {
            interval: context.poll_interval(seconds(self.delay).unwrap_or_default()),
            looks: u64::try_from(self.max_attempts).unwrap_or_default(),
        };
        wait_until_stable(&ecs, &self.cluster, &self.service, patience).await?;
        Ok(true.into())
    }
}
