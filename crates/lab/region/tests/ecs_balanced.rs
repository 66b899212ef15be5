//! ECS behind load balancers: registration, health, draining, and deployments that lose no request.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not there")]

mod ecs_support;

use std::time::Duration;

use ecs_support::{Lab, address, events};
use serde_json::{Value, json};

const FAST: f64 = 60.0;

async fn health(lab: &Lab, group: &str) -> Vec<(String, String)> {
    let answer = lab
        .ok(
            "elasticloadbalancing",
            "DescribeTargetHealth",
            json!({ "TargetGroupArn": group }),
        )
        .await;
    let views = answer["TargetHealthDescriptions"].as_array().unwrap();
    let word = |view: &Value, path: &str| view.pointer(path).unwrap().as_str().unwrap().to_owned();
    views
        .iter()
        .map(|view| (word(view, "/Target/Id"), word(view, "/TargetHealth/State")))
        .collect()
}

fn balanced(group: &str) -> Value {
    json!({ "loadBalancers": [{ "targetGroupArn": group, "containerName": "web", "containerPort": 3000 }] })
}

/// Waits until a deployment is complete: its tasks are healthy, the older ones gone.
async fn completed(lab: &Lab) -> Value {
    lab.until("completed", async || {
        let service = lab.describe("web").await;
        let one = service["deployments"].as_array().unwrap().len() == 1;
        (one && service["deployments"][0]["rolloutState"] == "COMPLETED").then_some(service)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_targets_and_sick_ones_are_replaced_before_they_go() {
    let lab = Lab::new("sick", FAST).await;
    let group = lab.target_group("web").await;
    lab.definition("web", json!({})).await;
    lab.service("web", "web", 2, balanced(&group)).await;
    completed(&lab).await;
    let tasks = lab.tasks("web").await;
    let targets = health(&lab, &group).await;
    for task in &tasks {
        assert!(
            targets.contains(&(address(task), "healthy".to_owned())),
            "{targets:?}"
        );
    }
    lab.get(&tasks[0], "/sick").await;
    let stopped = lab.stopped(&tasks[0]["taskArn"]).await;
    assert_eq!(stopped["stopCode"], "ServiceSchedulerInitiated");
    assert_eq!(
        stopped["stoppedReason"],
        json!(format!("Task failed ELB health checks in (target-group {group})"))
    );
    let messages = events(&lab.describe("web").await);
    let first = |word: &str| {
        messages
            .iter()
            .rposition(|message| message.contains(word))
            .unwrap_or_else(|| panic!("{word}: {messages:#?}"))
    };
    // the newest is the first
    assert!(first("is unhealthy in (target-group") > first("has begun draining connections on 1 tasks."));
    let replacement = messages
        .iter()
        .position(|message| message.contains("has started 1 tasks"))
        .unwrap();
    assert!(
        replacement > first("has stopped 1 running tasks"),
        "the replacement comes first: {messages:#?}"
    );
    let registered = messages
        .iter()
        .position(|message| message.contains(") registered 1 targets"));
    assert!(
        registered > Some(first("has stopped 1 running tasks")),
        "the sick task goes when its replacement is a target: {messages:#?}"
    );
    lab.until("two healthy targets", async || {
        let healthy = health(&lab, &group)
            .await
            .into_iter()
            .filter(|(_, state)| state == "healthy")
            .count();
        (healthy == 2).then_some(())
    })
    .await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_does_not_count_in_the_grace_period() {
    let lab = Lab::new("grace", FAST).await;
    let group = lab.target_group("grace").await;
    lab.definition("web", json!({})).await;
    let mut more = balanced(&group);
    more["healthCheckGracePeriodSeconds"] = json!(100_000);
    lab.service("web", "web", 1, more).await;
    completed(&lab).await;
    let task = lab.tasks("web").await[0].clone();
    lab.get(&task, "/sick").await;
    lab.until("unhealthy", async || {
        let targets = health(&lab, &group).await;
        targets
            .contains(&(address(&task), "unhealthy".to_owned()))
            .then_some(())
    })
    .await;
    assert_eq!(lab.tasks("web").await[0]["taskArn"], task["taskArn"]);
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "healthCheckGracePeriodSeconds": 0 }),
    )
    .await;
    lab.stopped(&task["taskArn"]).await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_loses_no_request() {
    let lab = Lab::new("lossless", FAST).await;
    let group = lab.target_group("lossless").await;
    lab.definition("web", json!({})).await;
    lab.service("web", "web", 2, balanced(&group)).await;
    completed(&lab).await;
    let described = lab
        .ok("elasticloadbalancing", "DescribeLoadBalancers", json!({}))
        .await;
    let name = described
        .pointer("/LoadBalancers/0/DNSName")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let client = tokio::spawn(async move {
        let mut statuses = Vec::new();
        while stopped.has_changed().is_ok_and(|changed| !changed) {
            statuses.push(status(&name).await);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stopped.mark_unchanged();
        statuses
    });
    lab.definition(
        "web",
        json!({ "environment": [{ "name": "COLOUR", "value": "blue" }] }),
    )
    .await;
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "taskDefinition": "web" }),
    )
    .await;
    completed(&lab).await;
    stop.send_replace(true);
    let statuses = client.await.unwrap();
    assert!(statuses.len() > 20, "{}", statuses.len());
    assert!(statuses.iter().all(|status| status == "200"), "{statuses:?}");
    lab.end().await;
}

/// The status of a request to a load balancer.
async fn status(name: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = if name.contains(':') {
        name.to_owned()
    } else {
        format!("{name}:8080")
    };
    let mut stream = tokio::net::TcpStream::connect(&address)
        .await
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    let request = format!("GET / HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_circuit_breaker_goes_back_to_what_worked() {
    let lab = Lab::new("breaker", FAST).await;
    let good = lab.definition("web", json!({})).await;
    let breaker = json!({ "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": true, "rollback": true } } });
    lab.service("web", "web", 1, breaker).await;
    completed(&lab).await;
    lab.definition("web", json!({ "image": "unknown" })).await;
    let update = lab
        .ecs(
            "UpdateService",
            json!({ "cluster": "live", "service": "web", "taskDefinition": "web" }),
        )
        .await;
    let failing = update["service"]["deployments"][0]["id"].clone();
    let service = lab
        .until("rolled back", async || {
            let service = lab.describe("web").await;
            let complete = service["deployments"][0]["rolloutState"] == "COMPLETED";
            (complete && service["deployments"][0]["id"] != failing).then_some(service)
        })
        .await;
    assert_eq!(service["taskDefinition"], json!(good));
    let messages = events(&service);
    assert!(
        messages
            .iter()
            .any(|message| message.contains("deployment failed: tasks failed to start.")),
        "{messages:#?}"
    );
    lab.end().await;
}
