//! Service auto scaling: bounds, policies, and a service that follows its CPU.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not there")]

mod ecs_support;

use ecs_support::Lab;
use serde_json::{Value, json};

fn asked(more: Value) -> Value {
    let mut input = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/live/web", "ScalableDimension": "ecs:service:DesiredCount",
    });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    input
}

async fn ok(lab: &Lab, operation: &str, more: Value) -> Value {
    lab.ok("application-autoscaling", operation, asked(more)).await
}

async fn refused(lab: &Lab, operation: &str, more: Value) -> String {
    lab.call("application-autoscaling", operation, asked(more))
        .await
        .unwrap_err()
        .code
}

fn policy(target: f64) -> Value {
    json!({
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": target, "ScaleOutCooldown": 60, "ScaleInCooldown": 60,
            "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
        },
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bounds_move_the_service_and_policies_come_and_go() {
    let lab = Lab::new("bounds", 60.0).await;
    lab.definition("web", json!({})).await;
    assert_eq!(
        refused(
            &lab,
            "RegisterScalableTarget",
            json!({ "MinCapacity": 1, "MaxCapacity": 2 })
        )
        .await,
        "ValidationException"
    );
    lab.service("web", "web", 1, json!({})).await;
    assert_eq!(
        refused(&lab, "PutScalingPolicy", policy(50.0)).await,
        "ObjectNotFoundException"
    );
    assert_eq!(
        refused(
            &lab,
            "RegisterScalableTarget",
            json!({ "MinCapacity": 3, "MaxCapacity": 2 })
        )
        .await,
        "ValidationException"
    );
    ok(
        &lab,
        "RegisterScalableTarget",
        json!({ "MinCapacity": 2, "MaxCapacity": 4 }),
    )
    .await;
    assert_eq!(lab.stable("web").await["runningCount"], 2);
    let activities = ok(&lab, "DescribeScalingActivities", json!({})).await;
    assert_eq!(
        activities["ScalingActivities"][0]["Cause"],
        "minimum capacity was set to 2"
    );
    assert_eq!(activities["ScalingActivities"][0]["StatusCode"], "Successful");
    // what a person sets stays until a policy has a say
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "desiredCount": 1 }),
    )
    .await;
    assert_eq!(lab.stable("web").await["desiredCount"], 1);

    let made = ok(&lab, "PutScalingPolicy", policy(50.0)).await;
    assert_eq!(made["Alarms"].as_array().unwrap().len(), 2);
    let again = ok(&lab, "PutScalingPolicy", policy(60.0)).await;
    assert_eq!(made["PolicyARN"], again["PolicyARN"]);
    let policies = ok(&lab, "DescribeScalingPolicies", json!({})).await;
    assert_eq!(
        policies["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"],
        60.0
    );
    ok(&lab, "DeleteScalingPolicy", json!({ "PolicyName": "cpu" })).await;
    assert_eq!(
        refused(&lab, "DeleteScalingPolicy", json!({ "PolicyName": "cpu" })).await,
        "ObjectNotFoundException"
    );
    ok(&lab, "DeregisterScalableTarget", json!({})).await;
    let targets = lab
        .ok(
            "application-autoscaling",
            "DescribeScalableTargets",
            json!({ "ServiceNamespace": "ecs" }),
        )
        .await;
    assert_eq!(targets["ScalableTargets"], json!([]));
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_follows_its_cpu_out_and_in_again() {
    let lab = Lab::new("cpu", 60.0).await;
    let hog = json!({ "name": "hog", "image": "ecs-container-hog", "essential": false,
        "environment": [{ "name": "HOG_CONFIG", "value": "--cpu 1" }] });
    let web = json!({ "name": "web", "image": "comments-web", "portMappings": [{ "containerPort": 3000 }] });
    let register = async |containers: Value| {
        let input = json!({ "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "containerDefinitions": containers });
        lab.ecs("RegisterTaskDefinition", input).await;
    };
    register(json!([web, hog])).await;
    lab.service("web", "web", 1, json!({})).await;
    lab.stable("web").await;
    ok(
        &lab,
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 3 }),
    )
    .await;
    ok(&lab, "PutScalingPolicy", policy(20.0)).await;
    lab.until("scaled out to the maximum", async || {
        (lab.describe("web").await["desiredCount"] == 3).then_some(())
    })
    .await;
    let activities = ok(&lab, "DescribeScalingActivities", json!({})).await;
    let cause = activities["ScalingActivities"][0]["Cause"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        cause.contains("AlarmHigh") && cause.ends_with("in state ALARM triggered policy cpu"),
        "{cause}"
    );
    // without the hog nothing is to do
    register(json!([web])).await;
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "taskDefinition": "web" }),
    )
    .await;
    lab.until("scaled in to the minimum", async || {
        (lab.describe("web").await["desiredCount"] == 1).then_some(())
    })
    .await;
    lab.end().await;
}
