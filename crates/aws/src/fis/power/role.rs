//! The role that FIS assumes for a power interruption: created with its policies, and taken away again.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use chaos_engine::value::Value;
use serde_json::json;
use tracing::debug;

use super::mark::Mark;
use super::policies::{Place, Policy, document};
use crate::AwsError;
use crate::answer::text;
use crate::client::answer;
use crate::fis::experiments::Tags;
use crate::pages::items;

/// The longest session of the role, in seconds.
const SESSION: i32 = 3 * 3600;

/// A role to create.
pub(super) struct Role<'a> {
    pub iam: &'a Client,
    pub mark: &'a Mark,
    pub tags: Vec<Tag>,
}

/// Tags as IAM takes them.
pub(super) fn tags_for_iam(tags: &Tags) -> Result<Vec<Tag>, AwsError> {
    let tag = |(key, value)| Ok(Tag::builder().key(key).value(value).build()?);
    tags.iter().map(tag).collect()
}

impl Role<'_> {
    /// Creates the role with its policies and returns its ARN.
    pub(super) async fn create(self, place: &Place, policies: Vec<Policy>) -> Result<String, AwsError> {
        let trust = document(&json!([{
            "Effect": "Allow",
            "Principal": {"Service": "fis.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }]));
        let request = self
            .iam
            .create_role()
            .path("/service-role/")
            .role_name(self.mark.role())
            .assume_role_policy_document(trust.to_string())
            .description("Chaos Toolkit generated role for AWS FIS experiments")
            .max_session_duration(SESSION)
            .set_tags(Some(self.tags.clone()));
        let role = answer(request.send()).await?;
        let role = text(&role, &["Role", "Arn"]).ok_or_else(|| AwsError::no_answer("CreateRole"))?;
        for policy in policies {
            let policy = match policy {
                Policy::Managed(name) => place.managed(name),
                Policy::Own { purpose, document } => self.create_policy(purpose, &document).await?,
            };
            self.attach(&policy).await?;
        }
        Ok(role.to_owned())
    }

    async fn create_policy(&self, purpose: &str, document: &serde_json::Value) -> Result<String, AwsError> {
        let request = self
            .iam
            .create_policy()
            .policy_name(self.mark.policy(purpose))
            .policy_document(document.to_string())
            .set_tags(Some(self.tags.clone()));
        let policy = answer(request.send()).await?;
        let arn = text(&policy, &["Policy", "Arn"]);
        arn.map(str::to_owned)
            .ok_or_else(|| AwsError::no_answer("CreatePolicy"))
    }

    async fn attach(&self, policy: &str) -> Result<(), AwsError> {
        let request = self
            .iam
            .attach_role_policy()
            .role_name(self.mark.role())
            .policy_arn(policy);
        answer(request.send()).await.map(drop)
    }
}

fn member<'a>(policy: &'a Value, name: &str) -> &'a str {
    text(policy, &[name]).unwrap_or_default()
}

/// The policies of the role of that mark, with names and ARNs; `None` without such a role.
pub(super) async fn policies(iam: &Client, mark: &Mark) -> Result<Option<Vec<Value>>, AwsError> {
    let page = |marker| {
        let request = iam.list_attached_role_policies().role_name(mark.role());
        answer(request.set_marker(marker).send())
    };
    match items("AttachedPolicies", "Marker", page).await {
        Err(error) if is_unknown(&error) => Ok(None),
        listed => listed.map(Some),
    }
}

/// Deletes the role of that mark with those of its policies that were created for it. What is gone is no error.
pub(super) async fn remove(iam: &Client, mark: &Mark, policies: &[Value]) -> Result<(), AwsError> {
    let role = mark.role();
    for policy in policies {
        let arn = member(policy, "PolicyArn");
        let request = iam.detach_role_policy().role_name(&role).policy_arn(arn);
        unless_unknown(answer(request.send()).await)?;
    }
    unless_unknown(answer(iam.delete_role().role_name(&role).send()).await)?;
    for policy in policies {
        if mark.is_of_policy(member(policy, "PolicyName")) {
            let arn = member(policy, "PolicyArn");
            unless_unknown(answer(iam.delete_policy().policy_arn(arn).send()).await)?;
        }
    }
    Ok(())
}

fn unless_unknown(result: Result<Value, AwsError>) -> Result<(), AwsError> {
    match result {
        Err(error) if is_unknown(&error) => {
            debug!("nothing to clean up: {error}");
            Ok(())
        }
        other => other.map(drop),
    }
}

fn is_unknown(error: &AwsError) -> bool {
    error.code() == Some("NoSuchEntity")
}
