//! Moves groups to other subnets.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::asg::groups::{Which, groups_of, name};
use crate::client::{Aws, answer};

/// Replaces the subnets of auto-scaling groups. New instances start there; where a zone is left, its instances are
/// replaced.
#[derive(Deserialize, JsonSchema)]
pub struct ChangeSubnets {
    /// Ids of the subnets that the groups are to have.
    subnets: Vec<String>,
    #[serde(flatten)]
    which: Which,
}

impl NativeActivity for ChangeSubnets {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "change_subnets";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] = &[
        "autoscaling:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:UpdateAutoScalingGroup",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let by = self.which.one()?;
        if self.subnets.is_empty() {
            let reason = "`subnets` is empty: an auto-scaling group needs at least one subnet";
            return Err(AwsError::because(reason).into());
        }
        let client = Aws::of(&context).await?.autoscaling();
        let found = by.find(&client).await?;
        for group in groups_of(&found).iter().filter_map(name) {
            let call = client.update_auto_scaling_group().auto_scaling_group_name(group);
            answer(call.vpc_zone_identifier(self.subnets.join(",")).send()).await?;
        }
        Ok(Value::Null)
    }
}
