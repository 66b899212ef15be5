//! ECS on EC2: placement on container instances, draining, and the end of an instance.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not there")]

mod ecs_support;

use ecs_support::{Lab, events};
use serde_json::{Value, json};

const FAST: f64 = 60.0;

/// Two instances of 2 cores and 2 GiB in two zones, whose agents join the cluster.
async fn instances(lab: &Lab) -> Vec<Value> {
    for subnet in &lab.subnets[..2] {
        let input = json!({
            "ImageId": "ami-00000000000000001", "InstanceType": "t3.small", "MinCount": "1", "MaxCount": "1", "SubnetId": subnet,
            "UserData": "#!/bin/sh\necho ECS_CLUSTER=live >> /etc/ecs/ecs.config\n",
        });
        lab.ok("ec2", "RunInstances", input).await;
    }
    let arns = lab
        .until("both have joined", async || {
            let listed = lab
                .ecs("ListContainerInstances", json!({ "cluster": "live" }))
                .await;
            (listed["containerInstanceArns"].as_array().unwrap().len() == 2)
                .then_some(listed["containerInstanceArns"].clone())
        })
        .await;
    let input = json!({ "cluster": "live", "containerInstances": arns });
    lab.ecs("DescribeContainerInstances", input).await["containerInstances"]
        .as_array()
        .unwrap()
        .clone()
}

/// A service of tasks that need half a core and 512 MiB each.
async fn service(lab: &Lab, count: u32) {
    let container = json!({ "name": "api", "image": "comments-api", "cpu": 256, "memory": 512, "portMappings": [{ "containerPort": 8080 }] });
    lab.ecs(
        "RegisterTaskDefinition",
        json!({ "family": "api", "networkMode": "bridge", "containerDefinitions": [container] }),
    )
    .await;
    let input = json!({ "cluster": "live", "serviceName": "api", "taskDefinition": "api", "desiredCount": count, "launchType": "EC2" });
    lab.ecs("CreateService", input).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_spread_over_instances_until_they_are_full() {
    let lab = Lab::new("full", FAST).await;
    let instances = instances(&lab).await;
    service(&lab, 4).await;
    lab.stable("api").await;
    for instance in &instances {
        let input = json!({ "cluster": "live", "containerInstance": instance["containerInstanceArn"] });
        assert_eq!(
            lab.ecs("ListTasks", input).await["taskArns"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
    }
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "api", "desiredCount": 20 }),
    )
    .await;
    let message = lab.until("no room", async || {
        let messages = events(&lab.describe("api").await);
        messages
            .into_iter()
            .find(|message| message.contains("was unable to place a task"))
    });
    assert!(message.await.contains("RESOURCE:MEMORY"));
    let run = json!({ "cluster": "live", "taskDefinition": "api", "launchType": "EC2" });
    assert_eq!(
        lab.ecs("RunTask", run).await["failures"][0]["reason"],
        "RESOURCE:MEMORY"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn draining_moves_tasks_and_a_terminated_instance_loses_them_at_once() {
    let lab = Lab::new("drain", FAST).await;
    let instances = instances(&lab).await;
    service(&lab, 2).await;
    lab.stable("api").await;
    let (first, second) = (&instances[0], &instances[1]);
    let input = json!({ "cluster": "live", "containerInstances": [first["containerInstanceArn"]], "status": "DRAINING" });
    let answer = lab.ecs("UpdateContainerInstancesState", input).await;
    assert_eq!(answer["containerInstances"][0]["status"], "DRAINING");
    lab.until("all moved", async || {
        let tasks = lab.tasks("api").await;
        let moved = |task: &Value| {
            task["containerInstanceArn"] == second["containerInstanceArn"] && task["lastStatus"] == "RUNNING"
        };
        (tasks.len() == 2 && tasks.iter().all(moved)).then_some(())
    })
    .await;
    let input = json!({ "cluster": "live", "containerInstances": [first["containerInstanceArn"]], "status": "ACTIVE" });
    lab.ecs("UpdateContainerInstancesState", input).await;

    let tasks = lab.tasks("api").await;
    let gone = second["ec2InstanceId"].clone();
    lab.ok("ec2", "TerminateInstances", json!({ "InstanceId": [gone] }))
        .await;
    let stopped = lab.stopped(&tasks[0]["taskArn"]).await;
    assert_eq!(
        stopped["stoppedReason"],
        json!(format!(
            "Host EC2 (instance {}) terminated.",
            gone.as_str().unwrap()
        ))
    );
    assert_eq!(stopped["containers"][0]["exitCode"], 137);
    lab.until("replaced on the other", async || {
        let tasks = lab.tasks("api").await;
        let moved = |task: &Value| {
            task["containerInstanceArn"] == first["containerInstanceArn"] && task["lastStatus"] == "RUNNING"
        };
        (tasks.len() == 2 && tasks.iter().all(moved)).then_some(())
    })
    .await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_kills_the_container_runtime_kills_its_tasks() {
    let lab = Lab::new("docker", FAST).await;
    let instances = instances(&lab).await;
    service(&lab, 2).await;
    lab.stable("api").await;
    let instance = instances[0]["ec2InstanceId"].as_str().unwrap();
    let processes = chaos_lab_region::ecs::tasks_on(&lab.region.state(), instance);
    assert_eq!(processes.len(), 1);
    chaos_lab_region::ecs::kill_tasks_on(
        &mut lab.region.state(),
        instance,
        "DockerTimeoutError: the container runtime is gone",
    );
    let stopped = lab.stopped(&json!(processes[0].task_arn)).await;
    assert!(
        stopped["stoppedReason"]
            .as_str()
            .unwrap()
            .starts_with("DockerTimeoutError")
    );
    let forced = json!({ "cluster": "live", "containerInstance": instances[1]["containerInstanceArn"] });
    assert_eq!(
        lab.refused("DeregisterContainerInstance", forced.clone())
            .await
            .code,
        "ClientException"
    );
    lab.end().await;
}
