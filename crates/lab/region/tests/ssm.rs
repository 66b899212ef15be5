//! Commands have the effects that they would have, and no others.
#![allow(clippy::unwrap_used)]

mod ecs_support;

use ecs_support::Lab;
use serde_json::{Value, json};

const FAST: f64 = 60.0;

/// Launches instances with the tag `app` that join the cluster, and waits until their agents answer.
async fn instances(lab: &Lab, count: usize) -> Vec<String> {
    let tags = json!([{ "ResourceType": "instance", "Tag": [{ "Key": "app", "Value": "shop" }] }]);
    let input = json!({
        "MinCount": count.to_string(), "MaxCount": count.to_string(), "SubnetId": lab.subnets[0], "TagSpecification": tags,
        "UserData": "ECS_CLUSTER=live",
    });
    lab.ok("ec2", "RunInstances", input).await;
    lab.until("all are online", async || {
        let online = online(lab).await;
        (online.len() == count).then_some(online)
    })
    .await
}

async fn online(lab: &Lab) -> Vec<String> {
    let filters =
        json!([{ "Key": "tag:app", "Values": ["shop"] }, { "Key": "PingStatus", "Values": ["Online"] }]);
    let answer = lab
        .ok(
            "ssm",
            "DescribeInstanceInformation",
            json!({ "Filters": filters }),
        )
        .await;
    let found = answer["InstanceInformationList"].as_array().unwrap().iter();
    found
        .map(|one| one["InstanceId"].as_str().unwrap().to_owned())
        .collect()
}

/// Sends a command to all instances with the tag; returns its id.
async fn send(lab: &Lab, document: &str, more: Value) -> String {
    let mut input =
        json!({ "DocumentName": document, "Targets": [{ "Key": "tag:app", "Values": ["shop"] }] });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let answer = lab.ok("ssm", "SendCommand", input).await;
    answer
        .pointer("/Command/CommandId")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

/// The end of a command on an instance.
async fn ended(lab: &Lab, command: &str, instance: &str) -> Value {
    lab.until("the command has ended", async || {
        let input = json!({ "CommandId": command, "InstanceId": instance });
        let one = lab.ok("ssm", "GetCommandInvocation", input).await;
        (one["Status"] != "Pending" && one["Status"] != "InProgress").then_some(one)
    })
    .await
}

async fn shell(lab: &Lab, instance: &str, lines: &[&str]) -> Value {
    let command = send(
        lab,
        "AWS-RunShellScript",
        json!({ "Parameters": { "commands": lines } }),
    )
    .await;
    ended(lab, &command, instance).await
}

async fn joined(lab: &Lab) -> usize {
    let listed = lab
        .ecs("ListContainerInstances", json!({ "cluster": "live" }))
        .await;
    let arns = &listed["containerInstanceArns"];
    if arns.as_array().is_none_or(Vec::is_empty) {
        return 0;
    }
    let input = json!({ "cluster": "live", "containerInstances": arns });
    let answer = lab.ecs("DescribeContainerInstances", input).await;
    let found = answer["containerInstances"].as_array().unwrap().iter();
    found.filter(|one| one["agentConnected"] == true).count()
}

/// How many processes of this lab burn CPU.
fn burning(lab: &Lab) -> usize {
    let mark = format!("CHAOS_LAB_ID={}", lab.region.spawner.lab_id());
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let has = |file: std::path::PathBuf, text: &str| {
        std::fs::read(file).is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == text.as_bytes()))
    };
    let burns =
        |path: std::path::PathBuf| has(path.join("environ"), &mark) && has(path.join("cmdline"), "hog");
    processes.filter(|process| burns(process.path())).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_command_does_anything() {
    let lab = Lab::new("refuse", FAST).await;
    let id = instances(&lab, 1).await.remove(0);
    let file = std::env::temp_dir().join(format!("chaos-lab-ssm-{}", std::process::id()));
    let touch = format!("touch {}", file.display());
    let failed = shell(&lab, &id, &["pkill dockerd", &touch]).await;
    assert_eq!(
        (failed["Status"].as_str(), &failed["ResponseCode"]),
        (Some("Failed"), &json!(127))
    );
    let told = failed["StandardErrorContent"].as_str().unwrap();
    assert!(
        told.contains(&touch) && told.contains("stress-ng") && told.contains("dockerd"),
        "{told}"
    );
    assert!(!file.exists());
    assert!(
        lab.region.state().ec2.instance(&id).unwrap().docker,
        "nor has the rest of the script"
    );
    let said = shell(&lab, &id, &["echo 'all is well'"]).await;
    assert_eq!(
        (said["Status"].as_str(), said["StandardOutputContent"].as_str()),
        (Some("Success"), Some("all is well\n"))
    );
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_dockerd_ends_the_tasks_until_systemd_starts_it_again() {
    let lab = Lab::new("docker", FAST).await;
    let id = instances(&lab, 1).await.remove(0);
    lab.until("it has joined", async || (joined(&lab).await == 1).then_some(()))
        .await;
    let container = json!({ "name": "web", "image": "comments-web", "cpu": 128, "memory": 128, "portMappings": [{ "containerPort": 3000 }] });
    let definition = json!({ "family": "web", "networkMode": "bridge", "containerDefinitions": [container] });
    lab.ecs("RegisterTaskDefinition", definition).await;
    let service = json!({ "cluster": "live", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1, "launchType": "EC2" });
    lab.ecs("CreateService", service).await;
    lab.stable("web").await;
    let before = lab.tasks("web").await.remove(0)["taskArn"].clone();
    let script = ["for pid in $(pidof 'dockerd'); do kill -s KILL $pid || true; done"];
    assert_eq!(shell(&lab, &id, &script).await["Status"], "Success");
    lab.stopped(&before).await;
    let after = lab
        .until("another task runs", async || {
            let tasks = lab.tasks("web").await;
            tasks
                .into_iter()
                .find(|task| task["taskArn"] != before && task["lastStatus"] == "RUNNING")
        })
        .await;
    assert_ne!(after["taskArn"], before);
    assert_eq!(
        shell(&lab, &id, &["sudo systemctl stop docker"]).await["Status"],
        "Success"
    );
    assert!(!lab.region.state().ec2.instance(&id).unwrap().docker);
    shell(&lab, &id, &["systemctl start docker"]).await;
    lab.until("it has joined again", async || {
        (joined(&lab).await == 1).then_some(())
    })
    .await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cpu_is_burned_by_a_process_for_the_time_asked() {
    let lab = Lab::new("burn", FAST).await;
    let id = instances(&lab, 1).await.remove(0);
    let command = send(
        &lab,
        "AWSFIS-Run-CPU-Stress",
        json!({ "Parameters": { "DurationSeconds": ["2"] } }),
    )
    .await;
    lab.until("it burns", async || (burning(&lab) == 1).then_some(()))
        .await;
    let busy = lab
        .until("the metric shows it", async || {
            let dimensions = [("InstanceId", id.as_str())];
            let window = lab.region.metrics.last(
                "AWS/EC2",
                "CPUUtilization",
                &dimensions,
                std::time::Duration::from_secs(60),
            );
            (window.maximum > 1.0).then_some(window.maximum)
        })
        .await;
    assert!(busy <= 100.0, "{busy}");
    assert_eq!(ended(&lab, &command, &id).await["Status"], "Success");
    assert_eq!(burning(&lab), 0);
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn burning_ends_by_a_kill_a_cancellation_or_the_end_of_the_instance() {
    let lab = Lab::new("quench", FAST).await;
    let ids = instances(&lab, 3).await;
    let long = json!({ "Parameters": { "DurationSeconds": ["600"] } });
    let command = send(&lab, "AWSFIS-Run-CPU-Stress", long.clone()).await;
    lab.until("all burn", async || (burning(&lab) == 3).then_some(()))
        .await;
    let kill = json!({
        "DocumentName": "AWS-RunShellScript", "InstanceIds": [ids[0]],
        "Parameters": { "commands": ["for pid in $(pidof 'stress-ng'); do kill -s KILL $pid || true; done"] },
    });
    lab.ok("ssm", "SendCommand", kill).await;
    assert_eq!(ended(&lab, &command, &ids[0]).await["ResponseCode"], 137);
    lab.ok("ec2", "TerminateInstances", json!({ "InstanceId": [ids[1]] }))
        .await;
    assert_eq!(
        ended(&lab, &command, &ids[1]).await["StatusDetails"],
        "Execution Timed Out"
    );
    lab.ok("ssm", "CancelCommand", json!({ "CommandId": command }))
        .await;
    assert_eq!(ended(&lab, &command, &ids[2]).await["Status"], "Cancelled");
    lab.until("nothing burns", async || (burning(&lab) == 0).then_some(()))
        .await;
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_go_to_as_many_instances_at_once_as_asked() {
    let lab = Lab::new("pace", FAST).await;
    let ids = instances(&lab, 2).await;
    let one_by_one = json!({ "MaxConcurrency": "1", "Parameters": { "commands": ["sleep 0.3"] } });
    let command = send(&lab, "AWS-RunShellScript", one_by_one).await;
    let mut times = Vec::new();
    for id in &ids {
        let one = ended(&lab, &command, id).await;
        let time = |member: &str| one[member].as_str().unwrap().to_owned();
        times.push((time("ExecutionStartDateTime"), time("ExecutionEndDateTime")));
    }
    times.sort();
    assert!(times[0].1 <= times[1].0, "{times:?}");
    let failing = json!({ "MaxConcurrency": "1", "MaxErrors": "0", "Parameters": { "commands": ["nothing of this kind"] } });
    let command = send(&lab, "AWS-RunShellScript", failing).await;
    let mut details = Vec::new();
    for id in &ids {
        let one = ended(&lab, &command, id).await;
        details.push(one["StatusDetails"].as_str().unwrap().to_owned());
    }
    details.sort();
    assert_eq!(details, ["Failed", "Terminated"]);
    lab.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_documents_go_by_the_same_table() {
    let lab = Lab::new("documents", FAST).await;
    let id = instances(&lab, 1).await.remove(0);
    let content = "schemaVersion: '2.2'\nparameters:\n  Word:\n    type: String\n    default: hello\nmainSteps:\n\
                   - action: aws:runShellScript\n  name: say\n  inputs:\n    runCommand:\n    - echo {{ Word }}\n";
    let document =
        json!({ "Name": "say-it", "Content": content, "DocumentFormat": "YAML", "DocumentType": "Command" });
    lab.ok("ssm", "CreateDocument", document.clone()).await;
    assert_eq!(
        lab.call("ssm", "CreateDocument", document)
            .await
            .unwrap_err()
            .code,
        "DocumentAlreadyExists"
    );
    let command = send(&lab, "say-it", json!({ "Parameters": { "Word": ["bye"] } })).await;
    assert_eq!(ended(&lab, &command, &id).await["StandardOutputContent"], "bye\n");
    lab.ok("ssm", "DeleteDocument", json!({ "Name": "say-it" })).await;
    for (input, code) in [
        (
            json!({ "DocumentName": "say-it", "InstanceIds": [id] }),
            "InvalidDocument",
        ),
        (
            json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": [id] }),
            "InvalidParameters",
        ),
        (
            json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-1"], "Parameters": { "commands": ["true"] } }),
            "InvalidInstanceId",
        ),
    ] {
        assert_eq!(
            lab.call("ssm", "SendCommand", input.clone())
                .await
                .unwrap_err()
                .code,
            code,
            "{input}"
        );
    }
    let parameters = lab
        .call("ssm", "GetParameter", json!({ "Name": "/x" }))
        .await
        .unwrap_err();
    assert!(parameters.is_not_here());
    lab.end().await;
}
