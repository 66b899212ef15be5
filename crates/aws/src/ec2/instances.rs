//! Looks instances up.

use aws_sdk_ec2::Client;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::{list, text};
use crate::arguments::Filter;
use crate::client::answer;
use crate::fan_out::fan_out;
use crate::merge::merge;
use crate::pages::pages;

/// How many ids go into one call. EC2 takes up to 1,000 resources at once
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html>).
pub(crate) const MANY: usize = 1000;

/// The lifecycle of instances that are on demand or reserved.
pub(super) const NORMAL: &str = "normal";

/// An instance, as far as an action must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    pub id: String,
    /// How it was bought: [`NORMAL`], `spot`, `scheduled`, `capacity-block`.
    pub lifecycle: String,
}

/// All pages of ec2:DescribeInstances in one answer.
pub(super) async fn describe(ec2: &Client, filters: &[Filter]) -> Result<Value, AwsError> {
    let page = |token| {
        let filters = filters.iter().map(Into::into).collect();
        let call = ec2.describe_instances().set_filters(Some(filters));
        answer(call.set_next_token(token).send())
    };
    Ok(merge(
        pages("NextToken", page).await?,
        "Reservations",
        "NextToken",
    ))
}

/// ec2:DescribeInstances for these ids, however many, in one answer.
pub(crate) async fn describe_by_ids(ec2: &Client, ids: &[String]) -> Result<Value, AwsError> {
    let some = |ids: &[String]| {
        let ids = ids.to_vec();
        async move {
            let page = |token| {
                let call = ec2.describe_instances().set_instance_ids(Some(ids.clone()));
                answer(call.set_next_token(token).send())
            };
            pages("NextToken", page).await
        }
    };
    let answers = fan_out(ids.chunks(MANY), some).await?;
    Ok(merge(answers.concat(), "Reservations", "NextToken"))
}

/// The descriptions of instances in an answer of ec2:DescribeInstances, without their reservations.
pub(crate) fn instances_of(answer: &Value) -> impl Iterator<Item = &Value> {
    let reservations = list(answer, "Reservations").iter();
    reservations.flat_map(|reservation| list(reservation, "Instances"))
}

impl Instance {
    /// The instances of an answer of ec2:DescribeInstances, in its order.
    pub fn all(answer: &Value) -> Vec<Self> {
        instances_of(answer)
            .filter_map(|instance| {
                Some(Self {
                    id: text(instance, &["InstanceId"])?.to_owned(),
                    // EC2 leaves it out for what is on demand or reserved
                    lifecycle: text(instance, &["InstanceLifecycle"])
                        .unwrap_or(NORMAL)
                        .to_owned(),
                })
            })
            .collect()
    }
}
