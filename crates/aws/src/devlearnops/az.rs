//! Failing availability zones (`devlearnops.aws.az.actions`).

use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::az::{FailAz, Target};

const MODULE: &str = "devlearnops.aws.az.actions";

/// The namespace when an activity names none. The states of task definitions are in it as well.
pub(super) const NAMESPACE: &str = "chaostoolkit";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<FailAzs>().with::<RecoverAzs>()
}

fn namespace(given: Option<&String>) -> &str {
    let given = given.map(String::as_str).filter(|given| !given.is_empty());
    given.unwrap_or(NAMESPACE)
}

/// What an activity returns: its log where that is wanted.
fn captured(az: &FailAz, wanted: bool) -> Value {
    if wanted { az.log.text() } else { String::new() }.into()
}

/// Simulates the failure of availability zones: ECS services, auto scaling groups and load balancers lose their subnets
/// there, tasks in them are stopped and instances terminated. Nothing is changed unless all of them are steady and keep
/// enough subnets; what they had is saved in a DynamoDB table first, from which `recover_azs` restores it.
#[derive(Deserialize, JsonSchema)]
pub struct FailAzs {
    /// Names of the zones, such as `us-east-1b`.
    azs: Vec<String>,
    /// What is to fail in them.
    targets: Vec<Target>,
    /// What the states are saved under, for `recover_azs`; `chaostoolkit` when absent.
    #[serde(default)]
    namespace: Option<String>,
    /// The DynamoDB table of the states, created when missing; by default the one that AWS_FAIL_AZ_STATE_TABLE or
    /// AWS_FAILAZ_STATE_TABLE names, else `aws-fail-az-state-table`.
    #[serde(default)]
    state_table: Option<String>,
    /// Whether to return what was logged.
    #[serde(default)]
    capture_output: bool,
}

impl NativeActivity for FailAzs {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "fail_azs";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "With `capture_output` the lines that were logged, else an empty text.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:UpdateAutoScalingGroup",
        "dynamodb:CreateTable",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeSubnets",
        "ec2:TerminateInstances",
        "ecs:DescribeServices",
        "ecs:DescribeTasks",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:ListTasks",
        "ecs:StopTask",
        "ecs:UpdateService",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:SetSubnets",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let az = FailAz::of(&context, self.state_table.as_deref()).await?;
        let namespace = namespace(self.namespace.as_ref());
        az.fail(namespace, &self.azs, &self.targets).await?;
        Ok(captured(&az, self.capture_output))
    }
}

/// Gives everything that `fail_azs` has failed its subnets back. Also what a run that died had failed, or the program
/// aws-fail-az. One resource that cannot be restored does not keep the others from it; the activity fails at the end
/// then, and can be repeated.
#[derive(Deserialize, JsonSchema)]
pub struct RecoverAzs {
    /// What the states were saved under; `chaostoolkit` when absent.
    #[serde(default)]
    namespace: Option<String>,
    /// The DynamoDB table of the states; by default as for `fail_azs`.
    #[serde(default)]
    state_table: Option<String>,
    /// Whether to return what was logged.
    #[serde(default)]
    capture_output: bool,
}

impl NativeActivity for RecoverAzs {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "recover_azs";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "With `capture_output` the lines that were logged, else an empty text.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:UpdateAutoScalingGroup",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ecs:DescribeServices",
        "ecs:UpdateService",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:SetSubnets",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let az = FailAz::of(&context, self.state_table.as_deref()).await?;
        az.recover(namespace(self.namespace.as_ref())).await?;
        Ok(captured(&az, self.capture_output))
    }
}
