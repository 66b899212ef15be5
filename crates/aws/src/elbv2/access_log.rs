//! Access logs of load balancers: switching them, and asking whether they are on.

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::{Aws, answer};
use crate::during::during;
use crate::given::{filled, given};

const ENABLED: &str = "access_logs.s3.enabled";
const BUCKET: &str = "access_logs.s3.bucket";

fn attribute(key: &str, value: &str) -> LoadBalancerAttribute {
    LoadBalancerAttribute::builder().key(key).value(value).build()
}

/// Do the attributes in the answer say that the log is on?
fn is_on(answer: &Value) -> Value {
    let mut attributes = list(answer, "Attributes").iter();
    let enabled = attributes.find(|one| text(one, &["Key"]) == Some(ENABLED));
    let enabled = enabled.and_then(|one| text(one, &["Value"]));
    enabled
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
        .into()
}

/// Switches the access log of a load balancer on or off.
#[derive(Deserialize, JsonSchema)]
pub struct EnableAccessLog {
    /// ARN of the load balancer.
    load_balancer_arn: String,
    /// On or off.
    #[serde(default)]
    enable: bool,
    /// S3 bucket of the log; needed to switch it on. Its policy must let Elastic Load Balancing write.
    #[serde(default)]
    bucket_name: Option<String>,
}

impl NativeActivity for EnableAccessLog {
    const MODULE: &'static str = super::actions::MODULE;
    const FUNCTION: &'static str = "enable_access_log";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "true where the log is on now, as AWS answers.";
    const IAM: &'static [&'static str] = &["elasticloadbalancing:ModifyLoadBalancerAttributes"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let arn = &self.load_balancer_arn;
        given("load_balancer_arn", "Load Balancer ARN", arn)?;
        let attributes = match (self.enable, filled(self.bucket_name)) {
            (false, _) => vec![attribute(ENABLED, "false")],
            (true, Some(bucket)) => vec![attribute(ENABLED, "true"), attribute(BUCKET, &bucket)],
            (true, None) => {
                let why = "`bucket_name` is required to enable the access log";
                return Err(AwsError::because(why).into());
            }
        };
        let client = Aws::of(&context).await?.elbv2();
        let request = client
            .modify_load_balancer_attributes()
            .load_balancer_arn(arn)
            .set_attributes(Some(attributes));
        let changed = answer(request.send()).await;
        Ok(is_on(&changed.map_err(during(format!("access log of {arn}")))?))
    }
}

/// Is the access log of a load balancer on?
#[derive(Deserialize, JsonSchema)]
pub struct IsAccessLogEnabled {
    /// ARN of the load balancer.
    load_balancer_arn: String,
}

impl NativeActivity for IsAccessLogEnabled {
    const MODULE: &'static str = super::probes::MODULE;
    const FUNCTION: &'static str = "is_access_log_enabled";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "true or false.";
    const IAM: &'static [&'static str] = &["elasticloadbalancing:DescribeLoadBalancerAttributes"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let arn = &self.load_balancer_arn;
        given("load_balancer_arn", "Load Balancer ARN", arn)?;
        let client = Aws::of(&context).await?.elbv2();
        let request = client.describe_load_balancer_attributes().load_balancer_arn(arn);
        let described = answer(request.send()).await;
        Ok(is_on(&described.map_err(during(format!("access log of {arn}")))?))
    }
}
