//! What can be done to load balancers and their targets (`chaosaws.elbv2.actions`).

use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::access_log::EnableAccessLog;
use super::balancers::{APPLICATION, Balancer, NETWORK, applications, named, refuse_missing};
use super::targets;
use crate::AwsError;
use crate::answer::{int, list, text};
use crate::client::{Aws, answer};
use crate::during::during;

pub(super) const MODULE: &str = "chaosaws.elbv2.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<DeregisterTarget>()
        .with::<SetSecurityGroups>()
        .with::<SetSubnets>()
        .with::<DeleteLoadBalancer>()
        .with::<EnableAccessLog>()
}

/// Takes one random target out of a target group: it gets no new requests, and its open ones are drained.
#[derive(Deserialize, JsonSchema)]
pub struct DeregisterTarget {
    /// Name of the target group.
    tg_name: String,
}

impl NativeActivity for DeregisterTarget {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "deregister_target";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of elasticloadbalancing:DeregisterTargets.";
    const IAM: &'static [&'static str] = &[
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DeregisterTargets",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let name = &self.tg_name;
        let client = Aws::of(&context).await?.elbv2();
        let groups = targets::groups(&client, std::slice::from_ref(name)).await?;
        let Some(group) = groups.first() else {
            return Err(AwsError::because(format!("there is no target group {name}")).into());
        };
        let Some(target) = context.random().choice(&group.targets) else {
            return Err(AwsError::because(format!("target group {name} has no target")).into());
        };
        let target = described(target);
        let what = format!(
            "detaching target {} from target group {name}",
            target.id().unwrap_or_default()
        );
        let request = client
            .deregister_targets()
            .target_group_arn(&group.arn)
            .targets(target);
        Ok(answer(request.send()).await.map_err(during(what))?)
    }
}

/// Id and port of a target; functions have no port.
fn described(target: &Value) -> TargetDescription {
    let port = int(target, &["Target", "Port"]).and_then(|port| i32::try_from(port).ok());
    TargetDescription::builder()
        .set_id(text(target, &["Target", "Id"]).map(str::to_owned))
        .set_port(port)
        .build()
}

/// Replaces the security groups of application load balancers: what the new ones do not let through is cut off.
#[derive(Deserialize, JsonSchema)]
pub struct SetSecurityGroups {
    /// Names of the load balancers.
    load_balancer_names: Vec<String>,
    /// Ids of the security groups that they shall have.
    security_group_ids: Vec<String>,
}

impl NativeActivity for SetSecurityGroups {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "set_security_groups";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "A list of the answers of elasticloadbalancing:SetSecurityGroups, each with its LoadBalancerArn.";
    const IAM: &'static [&'static str] = &[
        "ec2:DescribeSecurityGroups",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:SetSecurityGroups",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ids = self.security_group_ids;
        refuse_none("security_group_ids", &ids)?;
        let aws = Aws::of(&context).await?;
        let ec2 = aws.ec2();
        let known = answer(
            ec2.describe_security_groups()
                .set_group_ids(Some(ids.clone()))
                .send(),
        )
        .await?;
        let groups = all_of(
            "security group id(s)",
            &ids,
            list(&known, "SecurityGroups"),
            "GroupId",
        )?;

        let client = aws.elbv2();
        let mut changed = Vec::new();
        for balancer in applications(&client, &self.load_balancer_names, "security groups").await? {
            let request = client
                .set_security_groups()
                .load_balancer_arn(&balancer.arn)
                .set_security_groups(Some(groups.clone()));
            changed.push(with_arn(
                answer(request.send()).await,
                balancer,
                "security groups",
            )?);
        }
        Ok(changed.into())
    }
}

/// Replaces the subnets of application load balancers, and with them the zones that they work in.
#[derive(Deserialize, JsonSchema)]
pub struct SetSubnets {
    /// Names of the load balancers.
    load_balancer_names: Vec<String>,
    /// Ids of the subnets that they shall be in, in at least two zones.
    subnet_ids: Vec<String>,
}

impl NativeActivity for SetSubnets {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "set_subnets";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str =
        "A list of the answers of elasticloadbalancing:SetSubnets, each with its LoadBalancerArn.";
    const IAM: &'static [&'static str] = &[
        "ec2:DescribeSubnets",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:SetSubnets",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ids = self.subnet_ids;
        refuse_none("subnet_ids", &ids)?;
        let aws = Aws::of(&context).await?;
        let ec2 = aws.ec2();
        let known = answer(ec2.describe_subnets().set_subnet_ids(Some(ids.clone())).send()).await?;
        let subnets = all_of("subnet id(s)", &ids, list(&known, "Subnets"), "SubnetId")?;

        let client = aws.elbv2();
        let mut changed = Vec::new();
        for balancer in applications(&client, &self.load_balancer_names, "subnets").await? {
            let request = client
                .set_subnets()
                .load_balancer_arn(&balancer.arn)
                .set_subnets(Some(subnets.clone()));
            changed.push(with_arn(answer(request.send()).await, balancer, "subnets")?);
        }
        Ok(changed.into())
    }
}

/// An empty list would mean everything that the account has.
fn refuse_none(argument: &str, ids: &[String]) -> Result<(), AwsError> {
    match ids {
        [] => Err(AwsError::because(format!(
            "`{argument}` is empty: give at least one"
        ))),
        _ => Ok(()),
    }
}

/// The ids as EC2 knows them.
fn all_of(what: &str, ids: &[String], known: &[Value], member: &str) -> Result<Vec<String>, AwsError> {
    let known: Vec<String> = known
        .iter()
        .filter_map(|one| text(one, &[member]))
        .map(str::to_owned)
        .collect();
    refuse_missing(what, ids.iter().filter(|id| !known.contains(id)))?;
    Ok(known)
}

/// The answer with the ARN of the balancer that it is about.
fn with_arn(answer: Result<Value, AwsError>, balancer: Balancer, what: &str) -> Result<Value, AwsError> {
    let arn = balancer.arn;
    let mut answer = answer.map_err(during(format!("{what} of {arn}")))?;
    if let Some(members) = answer.as_map_mut() {
        members.insert("LoadBalancerArn".to_owned(), arn.into());
    }
    Ok(answer)
}

/// Deletes application and network load balancers for good. Balancers of other types are left alone.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteLoadBalancer {
    /// Names of the load balancers.
    load_balancer_names: Vec<String>,
}

impl NativeActivity for DeleteLoadBalancer {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_load_balancer";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Nothing.";
    const IAM: &'static [&'static str] = &[
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DeleteLoadBalancer",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let client = Aws::of(&context).await?.elbv2();
        let mut balancers = named(&client, &self.load_balancer_names).await?;
        balancers.retain(|balancer| [APPLICATION, NETWORK].contains(&balancer.kind.as_str()));
        // those of the first one's type, then the others, as chaosaws does
        if let Some(first) = balancers.first().map(|balancer| balancer.kind.clone()) {
            balancers.sort_by_key(|balancer| balancer.kind != first);
        }
        for Balancer { arn, .. } in balancers {
            let deleted = answer(client.delete_load_balancer().load_balancer_arn(&arn).send()).await;
            deleted.map_err(during(format!("deletion of {arn}")))?;
        }
        Ok(Value::Null)
    }
}
