//! ECS: tasks are real processes, services keep their count, deployments roll.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not there")]

mod ecs_support;

use ecs_support::{Lab, address, detail, events};
use serde_json::{Value, json};

const FAST: f64 = 60.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_starts_tasks_in_all_zones_and_replaces_what_is_stopped() {
    let lab = Lab::new("keep", FAST).await;
    let definition = lab
        .definition(
            "web",
            json!({ "environment": [{ "name": "COLOUR", "value": "red" }] }),
        )
        .await;
    lab.service("web", "web", 3, json!({})).await;
    let service = lab.stable("web").await;
    let tasks = lab.tasks("web").await;
    let mut zones: Vec<&str> = tasks
        .iter()
        .map(|task| task["availabilityZone"].as_str().unwrap())
        .collect();
    zones.sort_unstable();
    assert_eq!(zones, ["us-east-1a", "us-east-1b", "us-east-1c"]);
    assert_eq!(tasks[0]["taskDefinitionArn"], json!(definition));
    assert_eq!(service["deployments"][0]["status"], "PRIMARY");
    let environment = lab.get(&tasks[0], "/environment").await.unwrap();
    assert!(environment.contains("COLOUR=red"), "{environment}");
    assert!(
        environment.contains(&format!("SERVER_ADDRESS={}", address(&tasks[0]))),
        "{environment}"
    );
    assert!(!environment.contains("CARGO"), "{environment}");

    let gone = tasks[0]["taskArn"].clone();
    let input = json!({ "cluster": "live", "task": gone, "reason": "Chaos Testing" });
    let answer = lab.ecs("StopTask", input).await;
    assert_eq!(answer["task"]["desiredStatus"], "STOPPED");
    let stopped = lab.stopped(&gone).await;
    assert_eq!(
        (&stopped["stopCode"], &stopped["stoppedReason"]),
        (&json!("UserInitiated"), &json!("Chaos Testing"))
    );
    assert_eq!(stopped["containers"][0]["exitCode"], 0);
    assert_eq!(lab.get(&stopped, "/").await, None);
    lab.stable("web").await;
    let arns: Vec<Value> = lab
        .tasks("web")
        .await
        .iter()
        .map(|task| task["taskArn"].clone())
        .collect();
    assert!(arns.len() == 3 && !arns.contains(&gone));
    let messages = lab.until("steady", async || {
        let messages = events(&lab.describe("web").await);
        messages[0]
            .ends_with("has reached a steady state.")
            .then_some(messages)
    });
    assert!(
        messages
            .await
            .iter()
            .any(|message| message.contains("has started 1 tasks: (task "))
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_passes_through_its_states_in_order() {
    let lab = Lab::new("states", 20.0).await;
    lab.definition("web", json!({})).await;
    let run = json!({ "cluster": "live", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": lab.network() });
    let task = lab.ecs("RunTask", run).await["tasks"][0].clone();
    assert_eq!(task["group"], "family:web");
    let mut seen = vec![task["lastStatus"].clone()];
    let arn = task["taskArn"].clone();
    lab.until("stopped", async || {
        let task = lab.task(&arn).await;
        if seen.last() != Some(&task["lastStatus"]) {
            seen.push(task["lastStatus"].clone());
        }
        if task["lastStatus"] == "RUNNING" && task["desiredStatus"] == "RUNNING" {
            lab.ecs("StopTask", json!({ "cluster": "live", "task": arn }))
                .await;
        }
        (task["lastStatus"] == "STOPPED").then_some(())
    })
    .await;
    let order = [
        "PROVISIONING",
        "PENDING",
        "ACTIVATING",
        "RUNNING",
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "STOPPED",
    ];
    let places: Vec<usize> = seen
        .iter()
        .map(|word| order.iter().position(|one| word == one).unwrap())
        .collect();
    assert!(places.is_sorted(), "{seen:?}");
    for word in [
        "PROVISIONING",
        "PENDING",
        "ACTIVATING",
        "RUNNING",
        "DEPROVISIONING",
        "STOPPED",
    ] {
        assert!(seen.contains(&json!(word)), "{word} is not among {seen:?}");
    }
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_start_says_why_and_an_essential_container_ends_its_task() {
    let lab = Lab::new("fail", FAST).await;
    lab.definition("unknown", json!({ "image": "nginx:latest" }))
        .await;
    lab.definition(
        "fails",
        json!({ "environment": [{ "name": "FAIL", "value": "1" }] }),
    )
    .await;
    lab.definition(
        "secret",
        json!({ "secrets": [{ "name": "S", "valueFrom": "arn:aws:ssm:us-east-1:1:parameter/no" }] }),
    )
    .await;
    let run = async |family: &str| {
        let input = json!({ "cluster": "live", "taskDefinition": family, "launchType": "FARGATE", "networkConfiguration": lab.network() });
        let task = lab.ecs("RunTask", input).await["tasks"][0].clone();
        lab.stopped(&task["taskArn"]).await
    };
    let unknown = run("unknown").await;
    assert_eq!(unknown["stopCode"], "TaskFailedToStart");
    assert!(
        unknown["stoppedReason"]
            .as_str()
            .unwrap()
            .starts_with("CannotPullContainerError"),
        "{unknown}"
    );
    let fails = run("fails").await;
    assert_eq!(fails["stopCode"], "EssentialContainerExited");
    assert_eq!(fails["containers"][0]["exitCode"], 1);
    let secret = run("secret").await;
    assert!(
        secret["stoppedReason"]
            .as_str()
            .unwrap()
            .starts_with("ResourceInitializationError"),
        "{secret}"
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stubborn_process_is_killed_after_its_stop_timeout() {
    let lab = Lab::new("stubborn", FAST).await;
    lab.definition(
        "web",
        json!({ "stopTimeout": 20, "environment": [{ "name": "STUBBORN", "value": "1" }] }),
    )
    .await;
    lab.service("web", "web", 1, json!({})).await;
    lab.stable("web").await;
    let task = lab.tasks("web").await[0].clone();
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "desiredCount": 0 }),
    )
    .await;
    let stopped = lab.stopped(&task["taskArn"]).await;
    assert_eq!(stopped["containers"][0]["exitCode"], 137);
    assert_eq!(stopped["stopCode"], "ServiceSchedulerInitiated");
    assert!(
        stopped["stoppedReason"]
            .as_str()
            .unwrap()
            .starts_with("Scaling activity initiated by (deployment ecs-svc/")
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_definition_or_other_subnets_roll_without_a_gap() {
    let lab = Lab::new("roll", FAST).await;
    lab.definition("web", json!({})).await;
    lab.service("web", "web", 2, json!({})).await;
    lab.stable("web").await;
    let second = lab
        .definition(
            "web",
            json!({ "environment": [{ "name": "COLOUR", "value": "blue" }] }),
        )
        .await;
    let update = json!({ "cluster": "live", "service": "web", "taskDefinition": "web" });
    let during = lab.ecs("UpdateService", update.clone()).await["service"].clone();
    assert_eq!(during["deployments"].as_array().unwrap().len(), 2);
    assert_eq!(during["deployments"][0]["rolloutState"], "IN_PROGRESS");
    let done = lab
        .until("rolled out", async || {
            let service = lab.describe("web").await;
            assert!(
                service["runningCount"].as_u64().unwrap() >= 2,
                "{}",
                service["runningCount"]
            );
            assert!(lab.tasks("web").await.len() <= 4);
            (service["deployments"].as_array().unwrap().len() == 1).then_some(service)
        })
        .await;
    assert_eq!(done["taskDefinition"], json!(second));
    assert!(
        lab.tasks("web")
            .await
            .iter()
            .all(|task| task["taskDefinitionArn"] == json!(second))
    );
    // the same definition again is no deployment
    let same = lab.ecs("UpdateService", update).await["service"].clone();
    assert_eq!(same["deployments"].as_array().unwrap().len(), 1);

    let subnets = json!({ "awsvpcConfiguration": { "subnets": [lab.subnets[1]] } });
    lab.ecs(
        "UpdateService",
        json!({ "cluster": "live", "service": "web", "networkConfiguration": subnets }),
    )
    .await;
    assert_eq!(
        lab.describe("web").await["deployments"].as_array().unwrap().len(),
        2
    );
    lab.stable("web").await;
    assert!(
        lab.tasks("web")
            .await
            .iter()
            .all(|task| detail(task, "subnetId") == lab.subnets[1])
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_goes_through_draining_and_clusters_wait_for_their_services() {
    let lab = Lab::new("delete", FAST).await;
    let definition = lab.definition("web", json!({})).await;
    lab.service("web", "web", 1, json!({})).await;
    lab.stable("web").await;
    let web = json!({ "cluster": "live", "service": "web" });
    assert_eq!(
        lab.refused("DeleteService", web.clone()).await.code,
        "InvalidParameterException"
    );
    assert_eq!(
        lab.refused("DeleteCluster", json!({ "cluster": "live" }))
            .await
            .code,
        "ClusterContainsServicesException"
    );
    let answer = lab
        .ecs(
            "DeleteService",
            json!({ "cluster": "live", "service": "web", "force": true }),
        )
        .await;
    assert_eq!(answer["service"]["status"], "DRAINING");
    lab.until("inactive", async || {
        (lab.describe("web").await["status"] == "INACTIVE").then_some(())
    })
    .await;
    assert_eq!(
        lab.ecs("ListServices", json!({ "cluster": "live" })).await["serviceArns"],
        json!([])
    );

    let named = json!({ "taskDefinitions": [definition] });
    assert_eq!(
        lab.ecs("DeleteTaskDefinitions", named.clone()).await["failures"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    lab.ecs(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": definition }),
    )
    .await;
    let again = json!({ "cluster": "live", "serviceName": "other", "taskDefinition": definition, "launchType": "FARGATE" });
    assert_eq!(lab.refused("CreateService", again).await.code, "ClientException");
    let deleted = lab.ecs("DeleteTaskDefinitions", named).await;
    assert_eq!(deleted["taskDefinitions"][0]["status"], "DELETE_IN_PROGRESS");

    lab.ecs("DeleteCluster", json!({ "cluster": "live" })).await;
    let described = lab
        .ecs("DescribeClusters", json!({ "clusters": ["live", "none"] }))
        .await;
    assert_eq!(described["clusters"][0]["status"], "INACTIVE");
    assert_eq!(described["failures"][0]["reason"], "MISSING");
    let error = lab.refused("ListTasks", json!({ "cluster": "live" })).await;
    assert_eq!(error.code, "ClusterNotFoundException");
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_end_of_essential_containers_ends_a_task() {
    let lab = Lab::new("essential", FAST).await;
    let container = |name: &str, essential: bool, image: &str, fail: bool| {
        let environment = if fail {
            json!([{ "name": "FAIL", "value": "1" }])
        } else {
            json!([])
        };
        let ports = if essential {
            json!([{ "containerPort": 3000 }])
        } else {
            json!([])
        };
        json!({ "name": name, "image": image, "essential": essential, "environment": environment, "portMappings": ports })
    };
    let containers = json!([
        container("web", true, "comments-web", false),
        container("hog", false, "ecs-container-hog", true)
    ]);
    lab.ecs(
        "RegisterTaskDefinition",
        json!({ "family": "two", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "containerDefinitions": containers }),
    )
    .await;
    lab.service("two", "two", 1, json!({})).await;
    lab.stable("two").await;
    let task = lab
        .until("the hog has ended", async || {
            let task = lab.tasks("two").await[0].clone();
            (task["containers"][1]["lastStatus"] == "STOPPED").then_some(task)
        })
        .await;
    assert_eq!(
        (&task["lastStatus"], &task["containers"][1]["exitCode"]),
        (&json!("RUNNING"), &json!(1))
    );
    lab.end().await;
}
