//! What the role of the power interruption may do, by what it hits.

use serde_json::json;

use crate::AwsError;
use crate::answer::text;
use crate::client::{Aws, answer};

/// A policy of the role.
#[derive(Debug, PartialEq)]
pub(super) enum Policy {
    /// One of AWS.
    Managed(&'static str),
    /// One that is created for the role.
    Own {
        purpose: &'static str,
        document: serde_json::Value,
    },
}

/// Where the role is used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// `aws`, `aws-cn`, `aws-us-gov`, ….
    pub partition: String,
    pub account: String,
    pub region: String,
}

impl Place {
    /// The zone in the account of the credentials.
    ///
    /// # Errors
    /// When AWS does not say who we are, or `zone` is no name of a zone.
    pub(super) async fn of(aws: &Aws, zone: &str) -> Result<Self, AwsError> {
        let region = region_of(zone).ok_or_else(|| {
            AwsError::because(format!(
                "az is `{zone}`, which does not begin with a region: give a zone's name such as us-east-1a"
            ))
        })?;
        let caller = answer(aws.sts().get_caller_identity().send()).await?;
        let account = text(&caller, &["Account"]).ok_or_else(|| AwsError::no_answer("GetCallerIdentity"))?;
        let partition = text(&caller, &["Arn"]).and_then(|arn| arn.split(':').nth(1));
        Ok(Self {
            partition: partition.unwrap_or("aws").to_owned(),
            account: account.to_owned(),
            region,
        })
    }

    /// The ARN of one of AWS's own policies.
    pub(super) fn managed(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/service-role/{name}", self.partition)
    }

    fn all(&self, service: &str, resource: &str) -> String {
        let Self {
            partition,
            account,
            region,
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// To pause volumes.
    pub(super) fn volumes(&self) -> Policy {
        let volumes = self.all("ec2", "volume/*");
        let statements = json!([
            {"Effect": "Allow", "Action": ["ec2:DescribeVolumes"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["ec2:PauseVolumeIO"], "Resource": volumes},
        ]);
        own("EBSPauseVolumeIO", &statements)
    }

    /// To disrupt replication groups.
    pub(super) fn caches(&self) -> Policy {
        let groups = self.all("elasticache", "replicationgroup:*");
        let statements = json!([
            {
                "Sid": "AllowElastiCacheActions",
                "Effect": "Allow",
                "Action": ["elasticache:DescribeReplicationGroups", "elasticache:InterruptClusterAzPower"],
                "Resource": [groups],
            },
            {
                "Sid": "TargetResolutionByTags",
                "Effect": "Allow",
                "Action": ["tag:GetResources"],
                "Resource": "*",
            },
        ]);
        own("ElastiCache", &statements)
    }
}

/// To keep instances from being launched.
pub(super) fn launches() -> Policy {
    let faults = [
        "aws:ec2:api-insufficient-instance-capacity-error",
        "aws:ec2:asg-insufficient-instance-capacity-error",
    ];
    let statements = json!([
        {
            "Sid": "AllowInjectAPI",
            "Effect": "Allow",
            "Action": ["ec2:InjectApiError"],
            "Resource": ["*"],
            "Condition": {"ForAnyValue:StringEquals": {"ec2:FisActionId": faults}},
        },
        {
            "Sid": "DescribeAsg",
            "Effect": "Allow",
            "Action": ["autoscaling:DescribeAutoScalingGroups"],
            "Resource": ["*"],
        },
    ]);
    own("ICE", &statements)
}

fn own(purpose: &'static str, statements: &serde_json::Value) -> Policy {
    Policy::Own {
        purpose,
        document: document(statements),
    }
}

/// A policy's document.
pub(super) fn document(statements: &serde_json::Value) -> serde_json::Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// `us-gov-west-1` of `us-gov-west-1a`, `us-west-2` of the local zone `us-west-2-lax-1a`.
fn region_of(zone: &str) -> Option<String> {
    let mut region: Vec<&str> = Vec::new();
    for part in zone.split('-') {
        let letters = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &part[..part.len() - letters.len()];
        if !digits.is_empty() {
            region.push(digits);
            return (region.len() > 2).then(|| region.join("-"));
        }
        region.push(part);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_begins_with_its_region() {
        let region = |zone| region_of(zone).unwrap_or_default();
        assert_eq!(region("us-east-1a"), "us-east-1");
        assert_eq!(region("us-gov-west-1b"), "us-gov-west-1");
        assert_eq!(region("us-west-2-lax-1a"), "us-west-2");
        assert_eq!(region("use1-az1"), "");
        assert_eq!(region("1a"), "");
        assert_eq!(region(""), "");
    }
}
