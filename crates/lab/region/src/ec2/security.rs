//! Security groups: kept and answered as AWS does, but no traffic is filtered by them.

use serde_json::{Value, json};

use super::filters::Filters;
use super::pages::page;
use super::rules::{Peer, Rule, Side, asked, permissions, rule_view};
use super::tags::{self, Tags};
use super::{State, done, needed};
use crate::input::texts;
use crate::wire::{Answer, ApiError};
use crate::{Region, name};

/// A security group.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its name, of its own in its VPC.
    pub name: String,
    /// The VPC's id.
    pub vpc: String,
    /// Its tags.
    pub tags: Tags,
    description: String,
    pub(super) rules: Vec<Rule>,
}

impl State {
    /// Checks ids of security groups; the default group of the VPC where none are given.
    ///
    /// # Errors
    /// `InvalidGroup.NotFound`, also for a group of another VPC.
    pub fn groups_or_default(&self, vpc: &str, ids: Vec<String>) -> Result<Vec<String>, ApiError> {
        let is_of = |id: &String| self.security.get(id).is_some_and(|group| group.vpc == vpc);
        if let Some(unknown) = ids.iter().find(|id| !is_of(id)) {
            return Err(no_group(unknown));
        }
        let usual = self
            .security
            .values()
            .find(|group| group.vpc == vpc && group.name == "default");
        Ok(if ids.is_empty() {
            usual.map(|group| group.id.clone()).into_iter().collect()
        } else {
            ids
        })
    }
}

fn no_group(id: &str) -> ApiError {
    ApiError::new(
        "InvalidGroup.NotFound",
        format!("The security group '{id}' does not exist"),
    )
}

fn everywhere() -> Rule {
    let (protocol, peer) = ("-1".to_owned(), Peer::Range("0.0.0.0/0".to_owned()));
    Rule {
        id: name::resource("sgr"),
        side: Side::Out,
        protocol,
        ports: None,
        peer,
        description: None,
    }
}

/// Adds the default group of a new VPC, whose members reach each other.
pub(super) fn add_default(state: &mut State, vpc: &str) {
    let id = name::resource("sg");
    let among = Rule {
        id: name::resource("sgr"),
        side: Side::In,
        peer: Peer::Group(id.clone()),
        ..everywhere()
    };
    let group = SecurityGroup {
        id: id.clone(),
        name: "default".to_owned(),
        vpc: vpc.to_owned(),
        tags: Tags::new(),
        description: "default VPC security group".to_owned(),
        rules: vec![among, everywhere()],
    };
    state.security.insert(id, group);
}

/// `CreateSecurityGroup`
pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let (name, description) = (needed(input, "GroupName")?, needed(input, "GroupDescription")?);
    let vpc = needed(input, "VpcId")?;
    if !state.vpcs.contains_key(vpc) {
        return Err(ApiError::new(
            "InvalidVpcID.NotFound",
            format!("The vpc ID '{vpc}' does not exist"),
        ));
    }
    if state
        .security
        .values()
        .any(|group| group.vpc == vpc && group.name == name)
    {
        let message = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(ApiError::new("InvalidGroup.Duplicate", message));
    }
    let group = SecurityGroup {
        id: name::resource("sg"),
        name: name.to_owned(),
        vpc: vpc.to_owned(),
        tags: tags::specified(input, "security-group"),
        description: description.to_owned(),
        rules: vec![everywhere()],
    };
    let id = group.id.clone();
    let arn = region.arn("ec2", &format!("security-group/{id}"));
    let answer =
        json!({ "return": true, "groupId": id, "tagSet": tags::set(&group.tags), "securityGroupArn": arn });
    state.security.insert(id, group);
    Ok(answer)
}

/// `DeleteSecurityGroup`
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "GroupId")?;
    let group = state.security.get(id).ok_or_else(|| no_group(id))?;
    if group.name == "default" {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(ApiError::new("CannotDelete", message));
    }
    let used = state
        .instances()
        .any(|one| !one.state.is_ending() && one.security_groups.iter().any(|own| own == id));
    let named = state.security.values().filter(|other| other.id != id);
    let named = named
        .flat_map(|other| &other.rules)
        .any(|rule| rule.peer == Peer::Group(id.to_owned()));
    if used || named {
        return Err(ApiError::new(
            "DependencyViolation",
            format!("resource {id} has a dependent object"),
        ));
    }
    state.security.shift_remove(id);
    done()
}

const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.group-id",
    "ip-permission.protocol",
    "owner-id",
    "vpc-id",
];

fn values(group: &SecurityGroup, region: &Region, name: &str) -> Vec<String> {
    let rules = |side: Side| group.rules.iter().filter(move |rule| rule.side == side);
    let range = |rule: &Rule| match &rule.peer {
        Peer::Range(range) => Some(range.clone()),
        _ => None,
    };
    match name {
        "description" => vec![group.description.clone()],
        "group-id" => vec![group.id.clone()],
        "group-name" => vec![group.name.clone()],
        "vpc-id" => vec![group.vpc.clone()],
        "owner-id" => vec![region.settings().account.clone()],
        "ip-permission.protocol" => rules(Side::In).map(|rule| rule.protocol.clone()).collect(),
        "ip-permission.cidr" => rules(Side::In).filter_map(range).collect(),
        "egress.ip-permission.cidr" => rules(Side::Out).filter_map(range).collect(),
        _ => rules(Side::In)
            .filter_map(|rule| match &rule.peer {
                Peer::Group(id) => Some(id.clone()),
                _ => None,
            })
            .collect(),
    }
}

/// `DescribeSecurityGroups`
pub fn describe(state: &State, region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, FILTERS)?;
    let (ids, names) = (texts(input, "GroupId"), texts(input, "GroupName"));
    if let Some(unknown) = ids.iter().find(|id| !state.security.contains_key(*id)) {
        return Err(no_group(unknown));
    }
    let account = &region.settings().account;
    let view = |group: &SecurityGroup| {
        json!({
            "groupId": group.id,
            "groupName": group.name,
            "groupDescription": group.description,
            "vpcId": group.vpc,
            "ownerId": account,
            "securityGroupArn": region.arn("ec2", &format!("security-group/{}", group.id)),
            "ipPermissions": permissions(group, Side::In, account),
            "ipPermissionsEgress": permissions(group, Side::Out, account),
            "tagSet": tags::set(&group.tags),
        })
    };
    let meant = |group: &&SecurityGroup| {
        (ids.is_empty() || ids.contains(&group.id))
            && (names.is_empty() || names.contains(&group.name))
            && filters.fit(&group.tags, |name| values(group, region, name))
    };
    let found = state.security.values().filter(meant).map(view).collect();
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "securityGroupInfo": found, "nextToken": next }))
}

/// `DescribeSecurityGroupRules`
pub fn describe_rules(state: &State, region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, &["group-id", "security-group-rule-id"])?;
    let ids = texts(input, "SecurityGroupRuleId");
    let mut found = Vec::new();
    for group in state.security.values() {
        let meant = |rule: &&Rule| {
            let value = |name: &str| {
                if name == "group-id" {
                    group.id.clone()
                } else {
                    rule.id.clone()
                }
            };
            (ids.is_empty() || ids.contains(&rule.id)) && filters.fit(&Tags::new(), |name| vec![value(name)])
        };
        found.extend(
            group
                .rules
                .iter()
                .filter(meant)
                .map(|rule| rule_view(rule, &group.id, &region.settings().account)),
        );
    }
    let (found, next) = page(found, input, "MaxResults", 1000)?;
    Ok(json!({ "securityGroupRuleSet": found, "nextToken": next }))
}

/// `AuthorizeSecurityGroupIngress` and `AuthorizeSecurityGroupEgress`
pub fn authorize(state: &mut State, region: &Region, input: &Value, side: Side) -> Answer {
    let id = needed(input, "GroupId")?;
    let rules = asked(input, side)?;
    let unknown = rules.iter().find_map(|rule| match &rule.peer {
        Peer::Group(peer) if !state.security.contains_key(peer) => Some(peer),
        _ => None,
    });
    if let Some(unknown) = unknown {
        return Err(no_group(unknown));
    }
    let group = state.security.get_mut(id).ok_or_else(|| no_group(id))?;
    if rules.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter ipPermissions, with a range or group",
        ));
    }
    if rules
        .iter()
        .any(|rule| group.rules.iter().any(|has| has.is_same(rule)))
    {
        let message = format!("the specified rule already exists in the security group {id}");
        return Err(ApiError::new("InvalidPermission.Duplicate", message));
    }
    let views: Vec<Value> = rules
        .iter()
        .map(|rule| rule_view(rule, id, &region.settings().account))
        .collect();
    group.rules.extend(rules);
    Ok(json!({ "return": true, "securityGroupRuleSet": views }))
}

/// `RevokeSecurityGroupIngress` and `RevokeSecurityGroupEgress`
pub fn revoke(state: &mut State, input: &Value, side: Side) -> Answer {
    let id = needed(input, "GroupId")?;
    let ids = texts(input, "SecurityGroupRuleId");
    let rules = asked(input, side)?;
    let group = state.security.get_mut(id).ok_or_else(|| no_group(id))?;
    let has = |rule: &Rule| group.rules.iter().any(|own| own.is_same(rule));
    let missing_id = ids
        .iter()
        .find(|id| !group.rules.iter().any(|own| own.id == **id && own.side == side));
    if !rules.iter().all(has) || missing_id.is_some() {
        let message = format!("The specified rule does not exist in the security group {id}.");
        return Err(ApiError::new("InvalidPermission.NotFound", message));
    }
    group
        .rules
        .retain(|own| !ids.contains(&own.id) && !rules.iter().any(|rule| rule.is_same(own)));
    done()
}
