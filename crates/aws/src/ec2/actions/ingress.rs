//! Opens and closes ports in security groups.

use aws_sdk_ec2::types::{IpPermission, IpRange, UserIdGroupPair};
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::MODULE;
use crate::AwsError;
use crate::client::{Aws, answer};

/// One rule for incoming traffic.
#[derive(Deserialize, JsonSchema)]
struct Rule {
    /// Id of the security group to change.
    requested_security_group_id: String,
    /// Protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    ip_protocol: String,
    /// First port of the range, or the ICMP type.
    from_port: i32,
    /// Last port of the range, or the ICMP code.
    to_port: i32,
    /// Id of the security group whose traffic the rule is about.
    #[serde(default)]
    ingress_security_group_id: Option<String>,
    /// IPv4 range, in CIDR notation, whose traffic the rule is about.
    #[serde(default)]
    cidr_ip: Option<String>,
}

impl Rule {
    fn permission(&self) -> IpPermission {
        let range = |cidr| IpRange::builder().cidr_ip(cidr).build();
        let group = |id| UserIdGroupPair::builder().group_id(id).build();
        IpPermission::builder()
            .ip_protocol(&self.ip_protocol)
            .from_port(self.from_port)
            .to_port(self.to_port)
            .set_ip_ranges(self.cidr_ip.as_ref().map(|cidr| vec![range(cidr)]))
            .set_user_id_group_pairs(self.ingress_security_group_id.as_ref().map(|id| vec![group(id)]))
            .build()
    }
}

/// Adds a rule for incoming traffic to a security group: what it names is let in.
#[derive(Deserialize, JsonSchema)]
pub struct AuthorizeSecurityGroupIngress {
    #[serde(flatten)]
    rule: Rule,
}

impl NativeActivity for AuthorizeSecurityGroupIngress {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "authorize_security_group_ingress";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ec2:AuthorizeSecurityGroupIngress.";
    const IAM: &'static [&'static str] = &["ec2:AuthorizeSecurityGroupIngress"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let call = ec2
            .authorize_security_group_ingress()
            .group_id(&self.rule.requested_security_group_id)
            .ip_permissions(self.rule.permission());
        let answer = answer(call.send()).await;
        Ok(answer.map_err(|error| failed("add", &self.rule, &error))?)
    }
}

/// Removes a rule for incoming traffic from a security group: what it names is no longer let in.
#[derive(Deserialize, JsonSchema)]
pub struct RevokeSecurityGroupIngress {
    #[serde(flatten)]
    rule: Rule,
}

impl NativeActivity for RevokeSecurityGroupIngress {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "revoke_security_group_ingress";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ec2:RevokeSecurityGroupIngress.";
    const IAM: &'static [&'static str] = &["ec2:RevokeSecurityGroupIngress"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ec2 = Aws::of(&context).await?.ec2();
        let call = ec2
            .revoke_security_group_ingress()
            .group_id(&self.rule.requested_security_group_id)
            .ip_permissions(self.rule.permission());
        let answer = answer(call.send()).await;
        Ok(answer.map_err(|error| failed("remove", &self.rule, &error))?)
    }
}

fn failed(what: &str, rule: &Rule, error: &AwsError) -> AwsError {
    AwsError::because(format!(
        "Failed to {what} ingress rule of {}: {error}",
        rule.requested_security_group_id
    ))
}
