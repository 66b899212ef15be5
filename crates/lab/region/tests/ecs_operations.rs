//! ECS: names and ARNs, failures, pages, tags, overrides, capacity providers.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not there")]

mod ecs_support;

use ecs_support::{Lab, events};
use serde_json::{Value, json};

const FAST: f64 = 60.0;

fn count(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_arns_are_the_same_and_what_is_missing_is_told() {
    let lab = Lab::new("names", FAST).await;
    lab.definition("web", json!({})).await;
    let service = lab.service("web", "web", 0, json!({})).await;
    let by_arn = json!({ "cluster": service["clusterArn"], "services": [service["serviceArn"], "none"] });
    let answer = lab.ecs("DescribeServices", by_arn).await;
    assert_eq!(answer["services"][0]["serviceName"], "web");
    let missing = "arn:aws:ecs:us-east-1:123456789012:service/live/none";
    assert_eq!(
        answer["failures"],
        json!([{ "arn": missing, "reason": "MISSING" }])
    );
    let answer = lab
        .ecs("DescribeTasks", json!({ "cluster": "live", "tasks": ["none"] }))
        .await;
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
    for (operation, input, code) in [
        (
            "ListTasks",
            json!({ "cluster": "none" }),
            "ClusterNotFoundException",
        ),
        (
            "ListTasks",
            json!({ "cluster": "live", "serviceName": "none" }),
            "ServiceNotFoundException",
        ),
        (
            "ListTasks",
            json!({ "cluster": "live", "nextToken": "x" }),
            "InvalidParameterException",
        ),
        (
            "UpdateService",
            json!({ "cluster": "live", "service": "none" }),
            "ServiceNotFoundException",
        ),
        (
            "DeleteService",
            json!({ "cluster": "live", "service": "none" }),
            "ServiceNotFoundException",
        ),
        (
            "StopTask",
            json!({ "cluster": "live", "task": "none" }),
            "InvalidParameterException",
        ),
        (
            "DescribeTaskDefinition",
            json!({ "taskDefinition": "none" }),
            "ClientException",
        ),
        (
            "DescribeTaskDefinition",
            json!({ "taskDefinition": "web:7" }),
            "ClientException",
        ),
        (
            "RunTask",
            json!({ "cluster": "live", "taskDefinition": "web", "launchType": "FARGATE" }),
            "InvalidParameterException",
        ),
        (
            "UpdateService",
            json!({ "cluster": "live", "service": "web", "desiredCount": -1 }),
            "InvalidParameterException",
        ),
        (
            "UpdateService",
            json!({ "cluster": "live", "service": "web", "placementStrategy": [{ "type": "random" }] }),
            "InvalidParameterException",
        ),
        (
            "CreateService",
            json!({ "cluster": "live", "serviceName": "b", "taskDefinition": "web", "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-0"] } } }),
            "InvalidParameterException",
        ),
        (
            "TagResource",
            json!({ "resourceArn": missing, "tags": [] }),
            "InvalidParameterException",
        ),
        (
            "DeregisterContainerInstance",
            json!({ "cluster": "live", "containerInstance": "i" }),
            "InvalidParameterException",
        ),
    ] {
        let error = lab.refused(operation, input.clone()).await;
        assert_eq!(error.code, code, "{operation} {input}: {}", error.message);
    }
    let arn = service["serviceArn"].clone();
    let tags = json!([{ "key": "team", "value": "blue" }]);
    lab.ecs("TagResource", json!({ "resourceArn": arn, "tags": tags }))
        .await;
    let described = json!({ "cluster": "live", "services": ["web"], "include": ["TAGS"] });
    assert_eq!(
        lab.ecs("DescribeServices", described).await["services"][0]["tags"],
        tags
    );
    lab.ecs(
        "UntagResource",
        json!({ "resourceArn": arn, "tagKeys": ["team"] }),
    )
    .await;
    assert_eq!(
        lab.ecs("ListTagsForResource", json!({ "resourceArn": arn }))
            .await["tags"],
        json!([])
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_in_pages_and_by_status() {
    let lab = Lab::new("pages", FAST).await;
    for _ in 0..5 {
        lab.definition("web", json!({})).await;
    }
    lab.ecs("DeregisterTaskDefinition", json!({ "taskDefinition": "web:2" }))
        .await;
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let input = json!({ "familyPrefix": "web", "maxResults": 2, "nextToken": token });
        let page = lab.ecs("ListTaskDefinitions", input).await;
        assert!(count(&page["taskDefinitionArns"]) <= 2);
        seen.extend(page["taskDefinitionArns"].as_array().unwrap().clone());
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let numbers: Vec<&str> = seen
        .iter()
        .map(|arn| arn.as_str().unwrap().rsplit(':').next().unwrap())
        .collect();
    assert_eq!(numbers, ["1", "3", "4", "5"]);
    let inactive = lab
        .ecs("ListTaskDefinitions", json!({ "status": "INACTIVE" }))
        .await;
    assert_eq!(count(&inactive["taskDefinitionArns"]), 1);
    // the newest one without a number, and numbers are not used again
    lab.ecs("DeregisterTaskDefinition", json!({ "taskDefinition": "web:5" }))
        .await;
    let newest = lab
        .ecs("DescribeTaskDefinition", json!({ "taskDefinition": "web" }))
        .await;
    assert_eq!(newest["taskDefinition"]["revision"], 4);
    assert!(
        lab.definition("web", json!({}))
            .await
            .ends_with("task-definition/web:6")
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overrides_and_secrets_reach_the_process() {
    let lab = Lab::new("overrides", FAST).await;
    let environment = json!([{ "name": "COLOUR", "value": "red" }, { "name": "SHAPE", "value": "round" }]);
    let from = "arn:aws:ssm:us-east-1:123456789012:parameter/live/password";
    lab.region.state().ecs.set_secret("/live/password", "hush");
    lab.definition(
        "web",
        json!({ "environment": environment, "secrets": [{ "name": "PASSWORD", "valueFrom": from }] }),
    )
    .await;
    let run = json!({
        "cluster": "live", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": lab.network(), "count": 2,
        "startedBy": "me", "tags": [{ "key": "a", "value": "b" }],
        "overrides": { "containerOverrides": [{ "name": "web", "environment": [{ "name": "COLOUR", "value": "blue" }] }] },
    });
    let tasks = lab.ecs("RunTask", run).await["tasks"].clone();
    assert_eq!((count(&tasks), &tasks[0]["tags"][0]["key"]), (2, &json!("a")));
    let arn = tasks[0]["taskArn"].clone();
    let task = lab
        .until("running", async || {
            Some(lab.task(&arn).await).filter(|task| task["lastStatus"] == "RUNNING")
        })
        .await;
    let environment = lab
        .until("answers", async || lab.get(&task, "/environment").await)
        .await;
    for variable in ["COLOUR=blue", "SHAPE=round", "PASSWORD=hush"] {
        assert!(environment.contains(variable), "{environment}");
    }
    let mine = lab
        .ecs(
            "ListTasks",
            json!({ "cluster": "live", "startedBy": "me", "launchType": "FARGATE" }),
        )
        .await;
    assert_eq!(count(&mine["taskArns"]), 2);
    for wrong in [
        json!({ "startedBy": "you" }),
        json!({ "launchType": "EC2" }),
        json!({ "family": "api" }),
    ] {
        let mut input = json!({ "cluster": "live" });
        input
            .as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());
        assert_eq!(count(&lab.ecs("ListTasks", input).await["taskArns"]), 0);
    }
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn capacity_providers_choose_where_tasks_run() {
    let lab = Lab::new("providers", FAST).await;
    let group = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:x:autoScalingGroupName/live";
    let provider = json!({ "name": "ec2", "autoScalingGroupProvider": { "autoScalingGroupArn": group } });
    lab.ecs("CreateCapacityProvider", provider).await;
    let put = |providers: Value| {
        json!({ "cluster": "live", "capacityProviders": providers,
        "defaultCapacityProviderStrategy": [{ "capacityProvider": "FARGATE", "weight": 1 }] })
    };
    assert_eq!(
        lab.refused("PutClusterCapacityProviders", put(json!(["none"])))
            .await
            .code,
        "InvalidParameterException"
    );
    lab.ecs("PutClusterCapacityProviders", put(json!(["FARGATE", "ec2"])))
        .await;
    lab.definition("web", json!({})).await;
    let input = json!({ "cluster": "live", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
        "networkConfiguration": lab.network() });
    lab.ecs("CreateService", input).await;
    lab.stable("web").await;
    let task = lab.tasks("web").await[0].clone();
    assert_eq!(
        (&task["launchType"], &task["capacityProviderName"]),
        (&json!("FARGATE"), &json!("FARGATE"))
    );
    // a provider without instances has no place
    let strategy = json!([{ "capacityProvider": "ec2", "weight": 1 }]);
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "capacityProviderStrategy": strategy }),
    )
    .await;
    lab.until("no place", async || {
        let service = lab.describe("web").await;
        let said = events(&service)
            .iter()
            .any(|message| message.contains("was unable to place a task because"));
        (said && service["runningCount"] == 1).then_some(())
    })
    .await;
    assert_eq!(
        lab.refused("DeleteCapacityProvider", json!({ "capacityProvider": "ec2" }))
            .await
            .code,
        "InvalidParameterException"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_starts_is_tried_less_and_less_often() {
    let lab = Lab::new("back-off", FAST).await;
    lab.definition("web", json!({ "image": "none" })).await;
    lab.service("web", "web", 1, json!({})).await;
    let service = lab
        .until("held back", async || {
            let service = lab.describe("web").await;
            let said = events(&service)
                .iter()
                .any(|message| message.contains("is unable to consistently start tasks successfully"));
            said.then_some(service)
        })
        .await;
    assert!(service["deployments"][0]["failedTasks"].as_u64().unwrap() >= 3);
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS");
    // another definition is tried at once
    lab.definition("web", json!({})).await;
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "taskDefinition": "web" }),
    )
    .await;
    lab.stable("web").await;
    lab.end().await;
}
