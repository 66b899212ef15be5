//! Target groups and the health of what is in them.

use aws_sdk_elasticloadbalancingv2::Client;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::answer;
use crate::pages::items;

/// A target group with its targets.
pub(super) struct Group {
    pub name: String,
    pub arn: String,
    /// `TargetHealthDescriptions` of elasticloadbalancing:DescribeTargetHealth.
    pub targets: Vec<Value>,
}

/// The target groups of those names with their targets, in AWS's order.
///
/// # Errors
/// When AWS does not know one of them.
pub(super) async fn groups(client: &Client, names: &[String]) -> Result<Vec<Group>, AwsError> {
    let listing = client.describe_target_groups().set_names(Some(names.to_vec()));
    let described = items("TargetGroups", "NextMarker", |marker| {
        answer(listing.clone().set_marker(marker).send())
    })
    .await?;
    let mut groups = Vec::new();
    for group in &described {
        let part = |member: &str| text(group, &[member]).unwrap_or_default().to_owned();
        let arn = part("TargetGroupArn");
        let health = answer(client.describe_target_health().target_group_arn(&arn).send()).await?;
        groups.push(Group {
            name: part("TargetGroupName"),
            arn,
            targets: list(&health, "TargetHealthDescriptions").to_vec(),
        });
    }
    Ok(groups)
}

/// `healthy`, `unhealthy`, `draining`, …
pub(super) fn state(target: &Value) -> &str {
    text(target, &["TargetHealth", "State"]).unwrap_or_default()
}

/// Refuses an empty list of names.
pub(super) fn named(names: &[String]) -> Result<(), AwsError> {
    match names {
        [] => Err(AwsError::because(
            "`tg_names` must be a non-empty list of names of target groups",
        )),
        _ => Ok(()),
    }
}
