//! Groups keep their capacity, whatever happens to their instances.
#![allow(clippy::unwrap_used)]

mod ecs_support;

use ecs_support::Lab;
use serde_json::{Value, json};

const FAST: f64 = 60.0;

/// A group of this capacity over some of the lab's subnets.
async fn group(lab: &Lab, desired: u32, subnets: &[String]) {
    let data = json!({ "InstanceType": "t3.small", "ImageId": "ami-1", "UserData": "ECS_CLUSTER=live" });
    let template = json!({ "LaunchTemplateName": "live", "LaunchTemplateData": data });
    lab.ok("ec2", "CreateLaunchTemplate", template).await;
    let tags = json!([{ "Key": "app", "Value": "shop", "PropagateAtLaunch": "true" }]);
    let input = json!({
        "AutoScalingGroupName": "live", "MinSize": "0", "MaxSize": "6", "DesiredCapacity": desired.to_string(),
        "LaunchTemplate": { "LaunchTemplateName": "live" }, "VPCZoneIdentifier": subnets.join(","), "Tags": tags,
    });
    lab.ok("autoscaling", "CreateAutoScalingGroup", input).await;
}

async fn described(lab: &Lab) -> Value {
    let input = json!({ "AutoScalingGroupNames": ["live"] });
    lab.ok("autoscaling", "DescribeAutoScalingGroups", input).await["AutoScalingGroups"][0].clone()
}

fn members(group: &Value) -> Vec<Value> {
    group["Instances"].as_array().unwrap().clone()
}

fn id(member: &Value) -> String {
    member["InstanceId"].as_str().unwrap().to_owned()
}

/// The zones of members in service, sorted, as letters.
fn zones(group: &Value) -> String {
    let members = members(group);
    let in_service = members.iter().filter(|one| one["LifecycleState"] == "InService");
    let mut zones: Vec<char> = in_service
        .map(|one| one["AvailabilityZone"].as_str().unwrap().chars().last().unwrap())
        .collect();
    zones.sort_unstable();
    zones.into_iter().collect()
}

/// Waits until the group has just these zones in service, and nothing else.
async fn settled(lab: &Lab, wanted: &str) -> Value {
    lab.until(&format!("the group is in {wanted}"), async || {
        let group = described(lab).await;
        (zones(&group) == wanted && members(&group).len() == wanted.len()).then_some(group)
    })
    .await
}

async fn asked(lab: &Lab, operation: &str, more: Value) -> Value {
    let mut input = json!({ "AutoScalingGroupName": "live" });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    lab.ok("autoscaling", operation, input).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_dies_is_replaced_in_its_zone() {
    let lab = Lab::new("replace", FAST).await;
    group(&lab, 3, &lab.subnets).await;
    let before = settled(&lab, "abc").await;
    for operation in ["TerminateInstances", "StopInstances"] {
        let now = members(&described(&lab).await);
        let victim = id(&now[1]);
        lab.ok("ec2", operation, json!({ "InstanceId": [victim] })).await;
        lab.until("it is replaced", async || {
            let group = described(&lab).await;
            let is_gone = members(&group).iter().all(|one| id(one) != victim);
            (is_gone && zones(&group) == "abc").then_some(())
        })
        .await;
    }
    let answer = asked(&lab, "DescribeScalingActivities", json!({})).await;
    let activities = answer["Activities"].as_array().unwrap();
    // three launches, and a termination and a launch for each of the two
    assert_eq!(activities.len(), 7, "{answer}");
    let tagged = lab
        .ok(
            "ec2",
            "DescribeInstances",
            json!({ "InstanceId": [id(&members(&before)[0])] }),
        )
        .await;
    let tags = tagged.pointer("/reservationSet/0/instancesSet/0/tagSet").unwrap();
    assert!(
        tags.as_array()
            .unwrap()
            .contains(&json!({ "key": "app", "value": "shop" })),
        "{tags}"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspended_processes_do_nothing() {
    let lab = Lab::new("suspend", FAST).await;
    group(&lab, 2, &lab.subnets[..2]).await;
    let victim = id(&members(&settled(&lab, "ab").await)[0]);
    asked(
        &lab,
        "SuspendProcesses",
        json!({ "ScalingProcesses": ["Launch"] }),
    )
    .await;
    lab.ok("ec2", "TerminateInstances", json!({ "InstanceId": [victim] }))
        .await;
    settled(&lab, "b").await;
    assert_eq!(
        described(&lab).await.pointer("/SuspendedProcesses/0/ProcessName"),
        Some(&json!("Launch"))
    );
    asked(&lab, "ResumeProcesses", json!({})).await;
    settled(&lab, "ab").await;
    asked(
        &lab,
        "SuspendProcesses",
        json!({ "ScalingProcesses": ["ReplaceUnhealthy"] }),
    )
    .await;
    let victim = id(&members(&described(&lab).await)[0]);
    lab.ok("ec2", "StopInstances", json!({ "InstanceId": [victim] }))
        .await;
    let sick = lab
        .until("it is unhealthy", async || {
            let group = described(&lab).await;
            members(&group)
                .into_iter()
                .find(|one| one["HealthStatus"] == "Unhealthy")
        })
        .await;
    assert_eq!(
        (id(&sick), sick["LifecycleState"].as_str()),
        (victim, Some("InService"))
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_follow_the_subnets_of_their_group() {
    let lab = Lab::new("move", FAST).await;
    group(&lab, 3, &lab.subnets).await;
    settled(&lab, "abc").await;
    let in_two = json!({ "VPCZoneIdentifier": lab.subnets[1..].join(",") });
    asked(&lab, "UpdateAutoScalingGroup", in_two).await;
    lab.until("zone a is left, with three in service all the time", async || {
        let group = described(&lab).await;
        assert!(zones(&group).len() >= 3, "{group}");
        (!zones(&group).contains('a') && members(&group).len() == 3).then_some(())
    })
    .await;
    let in_three = json!({ "VPCZoneIdentifier": lab.subnets.join(",") });
    asked(&lab, "UpdateAutoScalingGroup", in_three).await;
    settled(&lab, "abc").await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shrinking_spares_protected_instances() {
    let lab = Lab::new("shrink", FAST).await;
    group(&lab, 3, &lab.subnets).await;
    let spared = id(&members(&settled(&lab, "abc").await)[0]);
    let protection = json!({ "InstanceIds": [spared], "ProtectedFromScaleIn": "true" });
    asked(&lab, "SetInstanceProtection", protection).await;
    asked(&lab, "SetDesiredCapacity", json!({ "DesiredCapacity": "1" })).await;
    let group = settled(&lab, "a").await;
    assert_eq!(id(&members(&group)[0]), spared);
    let input = json!({ "InstanceId": spared, "ShouldDecrementDesiredCapacity": "true" });
    lab.ok("autoscaling", "TerminateInstanceInAutoScalingGroup", input)
        .await;
    settled(&lab, "").await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn detached_instances_live_on_and_are_replaced_unless_the_capacity_goes_down() {
    let lab = Lab::new("detach", FAST).await;
    group(&lab, 2, &lab.subnets[..2]).await;
    let all = members(&settled(&lab, "ab").await);
    let detach = |id: String, less: bool| json!({ "InstanceIds": [id], "ShouldDecrementDesiredCapacity": less.to_string() });
    asked(&lab, "DetachInstances", detach(id(&all[0]), true)).await;
    settled(&lab, "b").await;
    asked(&lab, "DetachInstances", detach(id(&all[1]), false)).await;
    lab.until("another one serves", async || {
        let now = members(&described(&lab).await);
        (now.len() == 1 && id(&now[0]) != id(&all[1]) && now[0]["LifecycleState"] == "InService")
            .then_some(())
    })
    .await;
    let both = json!({ "InstanceId": [id(&all[0]), id(&all[1])] });
    let answer = lab.ok("ec2", "DescribeInstanceStatus", both).await;
    assert_eq!(
        answer["instanceStatusSet"].as_array().unwrap().len(),
        2,
        "both still run: {answer}"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused() {
    let lab = Lab::new("refuse", FAST).await;
    group(&lab, 1, &lab.subnets).await;
    for (operation, input) in [
        (
            "SetDesiredCapacity",
            json!({ "AutoScalingGroupName": "live", "DesiredCapacity": "9" }),
        ),
        (
            "SetDesiredCapacity",
            json!({ "AutoScalingGroupName": "other", "DesiredCapacity": "1" }),
        ),
        (
            "UpdateAutoScalingGroup",
            json!({ "AutoScalingGroupName": "live", "MinSize": "9" }),
        ),
        (
            "UpdateAutoScalingGroup",
            json!({ "AutoScalingGroupName": "live", "VPCZoneIdentifier": "subnet-1" }),
        ),
        (
            "SuspendProcesses",
            json!({ "AutoScalingGroupName": "live", "ScalingProcesses": ["Sleep"] }),
        ),
        (
            "DetachInstances",
            json!({ "AutoScalingGroupName": "live", "InstanceIds": ["i-1"] }),
        ),
        (
            "DescribeTags",
            json!({ "Filters": [{ "Name": "colour", "Values": ["red"] }] }),
        ),
        (
            "CreateAutoScalingGroup",
            json!({ "AutoScalingGroupName": "new", "MinSize": "0", "MaxSize": "1" }),
        ),
    ] {
        let error = lab
            .call("autoscaling", operation, input.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code, "ValidationError", "{operation} {input}: {error}");
    }
    let error = lab
        .call(
            "autoscaling",
            "DeleteAutoScalingGroup",
            json!({ "AutoScalingGroupName": "live" }),
        )
        .await;
    // its first instance may not have been launched yet; then there is nothing to refuse
    assert!(error.is_ok() || error.unwrap_err().code == "ResourceInUse");
    lab.end().await;
}
