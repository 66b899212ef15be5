//! Which auto-scaling groups an activity is about, and looks them up.

use std::collections::HashSet;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::Filter;
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::{list, text};
use crate::arguments::{Tag, join};
use crate::client::answer;
use crate::fan_out::fan_out;
use crate::merge::merge;
use crate::pages::{items, pages};

const GROUPS: &str = "AutoScalingGroups";
const TOKEN: &str = "NextToken";

/// How many names go into one call
/// (<https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>).
const NAMES: usize = 50;

/// How many groups a page of all groups may have, the most that AWS gives.
const PAGE: i32 = 100;

/// Auto-scaling groups by their names or by tags.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Which {
    /// Names of the auto-scaling groups.
    #[serde(default)]
    pub asg_names: Option<Vec<String>>,
    /// Tags that the groups must all have, each `{"Key": …, "Value": …}`; instead of names.
    #[serde(default)]
    pub tags: Option<Vec<Tag>>,
}

/// Names or tags, not empty.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    Names(&'a [String]),
    Tags(&'a [Tag]),
}

impl Which {
    /// Names, empty when not given.
    pub fn names(&self) -> &[String] {
        self.asg_names.as_deref().unwrap_or_default()
    }

    /// Tags, empty when not given.
    pub fn tags(&self) -> &[Tag] {
        self.tags.as_deref().unwrap_or_default()
    }

    /// The one that is given.
    ///
    /// # Errors
    /// Both or none is given.
    pub fn one(&self) -> Result<By<'_>, AwsError> {
        match (self.names(), self.tags()) {
            ([], []) => Err(nothing_given()),
            (names, []) => Ok(By::Names(names)),
            ([], tags) => Ok(By::Tags(tags)),
            _ => Err(AwsError::because(
                "give only one of asg_names and tags to say which auto-scaling groups are meant",
            )),
        }
    }
}

/// The error when nothing says which groups are meant.
pub(super) fn nothing_given() -> AwsError {
    AwsError::because("nothing says which auto-scaling groups are meant: give asg_names or tags")
}

impl By<'_> {
    /// The groups, as actions find them: those of tags through autoscaling:DescribeTags. One answer of
    /// autoscaling:DescribeAutoScalingGroups.
    ///
    /// # Errors
    /// A name that no group has, or tags that no group has.
    pub async fn find(self, client: &Client) -> Result<Value, AwsError> {
        match self {
            By::Names(names) => find_names(client, names).await,
            By::Tags(tags) => {
                let names = names_by_tags(client, tags).await?;
                if names.is_empty() {
                    return Err(no_match(tags));
                }
                find_names(client, &names).await
            }
        }
    }

    /// The groups, as probes find them: those of tags in the listing of all groups. One answer of
    /// autoscaling:DescribeAutoScalingGroups.
    ///
    /// # Errors
    /// As [`By::find`].
    pub async fn look(self, client: &Client) -> Result<Value, AwsError> {
        match self {
            By::Names(names) => find_names(client, names).await,
            By::Tags(tags) => look_for_tags(client, tags).await,
        }
    }
}

/// The groups of these names that exist.
pub(super) async fn describe(client: &Client, names: &[String]) -> Result<Value, AwsError> {
    let some = |names: &[String]| {
        let names = names.to_vec();
        async move {
            let page = |token| {
                let call = client.describe_auto_scaling_groups();
                let call = call.set_auto_scaling_group_names(Some(names.clone()));
                answer(call.set_next_token(token).send())
            };
            pages(TOKEN, page).await
        }
    };
    let answers = fan_out(names.chunks(NAMES), some).await?;
    Ok(merge(answers.concat(), GROUPS, TOKEN))
}

/// The groups of these names, which must all exist.
async fn find_names(client: &Client, names: &[String]) -> Result<Value, AwsError> {
    let answer = describe(client, names).await?;
    let found: HashSet<&str> = groups_of(&answer).iter().filter_map(name).collect();
    let missing: Vec<&String> = names.iter().filter(|name| !found.contains(&***name)).collect();
    if missing.is_empty() {
        return Ok(answer);
    }
    Err(AwsError::because(format!(
        "no auto-scaling group (ASG) found with name(s) {}: check names and region",
        join(&missing)
    )))
}

/// The names of the groups that have all the tags, by autoscaling:DescribeTags, in AWS's order.
pub(super) async fn names_by_tags(client: &Client, tags: &[Tag]) -> Result<Vec<String>, AwsError> {
    // the filters of one call must fit one and the same tag
    let owners = fan_out(tags, |tag| owners(client, tag)).await?;
    let mut owners = owners.into_iter();
    let mut names = owners.next().unwrap_or_default();
    for others in owners {
        let others: HashSet<String> = others.into_iter().collect();
        names.retain(|name| others.contains(name));
    }
    Ok(names)
}

async fn owners(client: &Client, tag: &Tag) -> Result<Vec<String>, AwsError> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let page = |token| {
        let call = client.describe_tags().filters(filter("key", &tag.key));
        let call = call.filters(filter("value", &tag.value));
        answer(call.set_next_token(token).send())
    };
    let tags = items("Tags", TOKEN, page).await?;
    Ok(tags
        .iter()
        .filter(|tag| text(tag, &["ResourceType"]) == Some("auto-scaling-group"))
        .filter_map(|tag| text(tag, &["ResourceId"]).map(str::to_owned))
        .collect())
}

async fn look_for_tags(client: &Client, tags: &[Tag]) -> Result<Value, AwsError> {
    let page = |token| {
        let call = client.describe_auto_scaling_groups().max_records(PAGE);
        answer(call.set_next_token(token).send())
    };
    let all = items(GROUPS, TOKEN, page).await?;
    let has_all = |group: &&Value| {
        let has = list(group, "Tags");
        tags.iter().all(|tag| tag.is_in(has))
    };
    let names = all.iter().filter(has_all).filter_map(name).map(str::to_owned);
    match &*names.collect::<Vec<_>>() {
        [] => Err(no_match(tags)),
        names => describe(client, names).await,
    }
}

fn no_match(tags: &[Tag]) -> AwsError {
    AwsError::because(format!(
        "no auto-scaling groups (ASGs) have all the tags {}: check keys, values and region",
        join(tags)
    ))
}

/// The descriptions of groups in an answer.
pub(super) fn groups_of(answer: &Value) -> &[Value] {
    list(answer, GROUPS)
}

/// The name of a described group.
pub(super) fn name(group: &Value) -> Option<&str> {
    text(group, &["AutoScalingGroupName"])
}

/// The descriptions of a group's instances.
pub(super) fn instances(group: &Value) -> &[Value] {
    list(group, "Instances")
}

/// True when a member of a description is this text.
pub(super) fn is(description: &Value, member: &str, wanted: &str) -> bool {
    text(description, &[member]) == Some(wanted)
}
