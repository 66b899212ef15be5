//! Groups and their instances as AWS lists them.

use serde_json::{Value, json};

use super::group::{Group, Member};
use crate::State;
use crate::ec2::pages::page;
use crate::ec2::templates;
use crate::input::{list, text, texts};
use crate::wire::{Answer, ApiError, time};

/// `DescribeAutoScalingGroups`; names that no group has are passed over.
pub fn groups(state: &State, input: &Value) -> Answer {
    let names = texts(input, "AutoScalingGroupNames");
    let filters = list(input, "Filters");
    let known = |name: &str| name == "tag-key" || name == "tag-value" || name.starts_with("tag:");
    if let Some(name) = filters
        .iter()
        .filter_map(|filter| text(filter, "Name"))
        .find(|name| !known(name))
    {
        return Err(ApiError::validation(format!(
            "Filter {name} is not one of tag-key, tag-value and tag:KEY"
        )));
    }
    let fits = |group: &&Group| {
        (names.is_empty() || names.contains(&group.name))
            && filters.iter().all(|filter| has_tag(group, filter))
    };
    let found = state
        .autoscaling
        .groups()
        .filter(fits)
        .map(|group| view(state, group))
        .collect();
    let (found, next) = page(found, input, "MaxRecords", 50)?;
    Ok(json!({ "AutoScalingGroups": found, "NextToken": next }))
}

fn has_tag(group: &Group, filter: &Value) -> bool {
    let name = text(filter, "Name").unwrap_or_default();
    let values = texts(filter, "Values");
    group.tags.iter().any(|tag| match name.strip_prefix("tag:") {
        Some(key) => tag.key == key && values.contains(&tag.value),
        None if name == "tag-key" => values.contains(&tag.key),
        None => values.contains(&tag.value),
    })
}

fn view(state: &State, group: &Group) -> Value {
    let subnets: Vec<&str> = group.subnets.iter().map(String::as_str).collect();
    let members: Vec<Value> = group
        .members
        .values()
        .map(|member| member_view(state, group, member))
        .collect();
    let suspended = group.suspended.iter();
    let suspended: Vec<Value> = suspended
        .map(|(name, reason)| json!({ "ProcessName": name, "SuspensionReason": reason }))
        .collect();
    json!({
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "LaunchConfigurationName": group.configuration,
        "LaunchTemplate": template_view(state, group),
        "MinSize": group.min,
        "MaxSize": group.max,
        "DesiredCapacity": group.desired,
        "DefaultCooldown": group.cooldown,
        "AvailabilityZones": group.zones,
        "LoadBalancerNames": [],
        "TargetGroupARNs": group.target_groups,
        "HealthCheckType": group.health_check,
        "HealthCheckGracePeriod": group.grace,
        "Instances": members,
        "CreatedTime": time(group.created),
        "SuspendedProcesses": suspended,
        "VPCZoneIdentifier": subnets.join(","),
        "EnabledMetrics": [],
        "Status": group.deleting.then_some("Delete in progress"),
        "Tags": group.tags.iter().map(super::tags::Tag::view).collect::<Vec<_>>(),
        "TerminationPolicies": group.policies,
        "NewInstancesProtectedFromScaleIn": group.protects_new,
    })
}

fn template_view(state: &State, group: &Group) -> Option<Value> {
    let by = group.template.as_ref()?;
    let template = templates::named(&state.ec2.templates, by).ok();
    Some(json!({
        "LaunchTemplateId": template.map(|template| &template.id),
        "LaunchTemplateName": template.map(|template| &template.name),
        "Version": text(by, "Version"),
    }))
}

fn member_view(state: &State, group: &Group, member: &Member) -> Value {
    json!({
        "InstanceId": member.id,
        "InstanceType": member.kind,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.lifecycle.name(),
        "HealthStatus": health(member),
        "LaunchConfigurationName": group.configuration,
        "LaunchTemplate": template_view(state, group),
        "ProtectedFromScaleIn": member.protected,
    })
}

fn health(member: &Member) -> &'static str {
    if member.healthy { "Healthy" } else { "Unhealthy" }
}

/// `DescribeAutoScalingInstances`
pub fn instances(state: &State, input: &Value) -> Answer {
    let ids = texts(input, "InstanceIds");
    let mut found = Vec::new();
    for group in state.autoscaling.groups() {
        for member in group
            .members
            .values()
            .filter(|member| ids.is_empty() || ids.contains(&member.id))
        {
            let mut view = member_view(state, group, member);
            view["AutoScalingGroupName"] = json!(group.name);
            // this operation, unlike that of groups, shouts
            view["HealthStatus"] = json!(health(member).to_uppercase());
            found.push(view);
        }
    }
    let (found, next) = page(found, input, "MaxRecords", 50)?;
    Ok(json!({ "AutoScalingInstances": found, "NextToken": next }))
}
