//! Batch: a job is a process with its environment, its attempts and its logs.
#![allow(clippy::unwrap_used, clippy::panic)]

mod database_support;

use chaos_lab_database::Engine;
use database_support::{Lab, until};
use serde_json::{Value, json};

/// The job's process tells its arguments and its environment, waits and ends as its environment says.
const SCRIPT: &str = r#"
echo "$@"
env
if [ -n "$WAIT" ]; then sleep "$WAIT" & wait $!; fi
exit "${CODE:-0}"
"#;

async fn lab(network: u8) -> Lab {
    let lab = Lab::new(network, 200.0, Engine::Embedded, SCRIPT);
    let resources = json!({ "type": "FARGATE", "maxvCpus": 2, "subnets": ["subnet-1"] });
    let environment =
        json!({ "computeEnvironmentName": "chaos", "type": "MANAGED", "computeResources": resources });
    lab.call("batch", "POST /v1/createcomputeenvironment", environment)
        .await;
    let order = json!([{ "order": 1, "computeEnvironment": "chaos" }]);
    let queue = json!({ "jobQueueName": "queue", "priority": 1, "computeEnvironmentOrder": order });
    lab.call("batch", "POST /v1/createjobqueue", queue).await;
    let container = json!({
        "image": "chaos-starter-pack", "command": ["start-chaos", "Ref::config", "--verbose"],
        "environment": [{ "name": "CHAOS_CONTEXT", "value": "live" }, { "name": "KEPT", "value": "1" }],
        "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "2048" }],
    });
    let definition = json!({
        "jobDefinitionName": "experiment", "type": "container", "containerProperties": container,
        "parameters": { "config": "library/first" },
    });
    lab.call("batch", "POST /v1/registerjobdefinition", definition)
        .await;
    lab
}

/// Submits a job with these variables and members, and answers its id.
async fn submit(lab: &Lab, variables: Value, more: Value) -> String {
    let variables: Value = variables
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut job = json!({
        "jobName": "run", "jobQueue": "queue", "jobDefinition": "experiment",
        "containerOverrides": { "environment": variables },
    });
    job.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    lab.call("batch", "POST /v1/submitjob", job).await["jobId"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn describe(lab: &Lab, id: &str) -> Value {
    lab.call("batch", "POST /v1/describejobs", json!({ "jobs": [id] }))
        .await["jobs"][0]
        .clone()
}

async fn ended(lab: &Lab, id: &str) -> Value {
    until(
        || describe(lab, id),
        |job| ["SUCCEEDED", "FAILED"].contains(&job["status"].as_str().unwrap()),
    )
    .await
}

/// The lines of the log stream that a container or an attempt names.
async fn output(lab: &Lab, container: &Value) -> Vec<String> {
    let stream = json!({
        "logGroupName": "/aws/batch/job", "logStreamName": container["logStreamName"], "startFromHead": true,
    });
    let events = lab.call("logs", "GetLogEvents", stream).await;
    let events = events["events"].as_array().unwrap().iter();
    events
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_start_chaos_with_the_environment_of_definition_and_submission() {
    let lab = lab(230).await;
    let variables = json!({ "CHAOS_CONTEXT": "lab", "AWS_ENDPOINT_URL_ECS": "http://elsewhere" });
    let more = json!({ "parameters": { "config": "library/second" }, "tags": { "team": "chaos" }, "shareIdentifier": "a" });
    let id = submit(&lab, variables, more).await;
    let job = ended(&lab, &id).await;
    assert_eq!(job["status"], "SUCCEEDED", "{job}");
    assert_eq!(
        (&job["container"]["exitCode"], &job["tags"]["team"]),
        (&json!(0), &json!("chaos"))
    );
    assert!(
        job["container"]["logStreamName"]
            .as_str()
            .unwrap()
            .starts_with("experiment/default/")
    );
    let [created, started, stopped] =
        ["createdAt", "startedAt", "stoppedAt"].map(|time| job[time].as_i64().unwrap());
    assert!(created <= started && started <= stopped);
    let output = output(&lab, &job["container"]).await;
    assert_eq!(output[0], "start-chaos library/second --verbose");
    for line in [
        "CHAOS_CONTEXT=lab".to_owned(),
        "KEPT=1".to_owned(),
        "AWS_ENDPOINT_URL=http://127.0.0.1:4566".to_owned(),
        "AWS_REGION=us-east-1".to_owned(),
        "AWS_BATCH_JOB_ATTEMPT=1".to_owned(),
        format!("AWS_BATCH_JOB_ID={id}"),
    ] {
        assert!(output.contains(&line), "{line}: {output:?}");
    }
    assert!(
        !output
            .iter()
            .any(|line| line.contains("elsewhere") || line.starts_with("CARGO")),
        "{output:?}"
    );
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_is_tried_again_and_its_dependents_fail_with_it() {
    let lab = lab(231).await;
    let id = submit(
        &lab,
        json!({ "CODE": "4" }),
        json!({ "retryStrategy": { "attempts": 2 } }),
    )
    .await;
    let dependent = submit(&lab, json!({}), json!({ "dependsOn": [{ "jobId": id }] })).await;
    let job = ended(&lab, &id).await;
    assert_eq!(
        (&job["status"], &job["container"]["exitCode"]),
        (&json!("FAILED"), &json!(4))
    );
    let attempts = job["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    for (attempt, number) in attempts.iter().zip(1..) {
        assert_eq!(attempt["container"]["exitCode"], 4);
        let line = format!("AWS_BATCH_JOB_ATTEMPT={number}");
        assert!(output(&lab, &attempt["container"]).await.contains(&line));
    }
    let dependent = ended(&lab, &dependent).await;
    assert_eq!(
        (&dependent["status"], &dependent["attempts"]),
        (&json!("FAILED"), &json!([]))
    );
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_terminated_and_a_waiting_one_cancelled() {
    let lab = lab(232).await;
    let id = submit(
        &lab,
        json!({ "WAIT": "600" }),
        json!({ "retryStrategy": { "attempts": 3 } }),
    )
    .await;
    until(|| describe(&lab, &id), |job| job["status"] == "RUNNING").await;
    lab.call(
        "batch",
        "POST /v1/canceljob",
        json!({ "jobId": id, "reason": "too late" }),
    )
    .await;
    assert_eq!(describe(&lab, &id).await["status"], "RUNNING");
    let running = lab
        .call("batch", "POST /v1/listjobs", json!({ "jobQueue": "queue" }))
        .await;
    assert_eq!(running["jobSummaryList"][0]["jobId"], json!(id));
    lab.call(
        "batch",
        "POST /v1/terminatejob",
        json!({ "jobId": id, "reason": "enough" }),
    )
    .await;
    let job = ended(&lab, &id).await;
    assert_eq!(
        (&job["status"], &job["statusReason"]),
        (&json!("FAILED"), &json!("enough"))
    );
    assert_eq!(
        (
            &job["container"]["exitCode"],
            job["attempts"].as_array().unwrap().len()
        ),
        (&json!(143), 1)
    );

    // two vCPUs: the third one waits
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(submit(&lab, json!({ "WAIT": "600" }), json!({})).await);
    }
    for id in &ids[..2] {
        until(|| describe(&lab, id), |job| job["status"] == "RUNNING").await;
    }
    assert_eq!(describe(&lab, &ids[2]).await["status"], "RUNNABLE");
    lab.call(
        "batch",
        "POST /v1/canceljob",
        json!({ "jobId": ids[2], "reason": "changed my mind" }),
    )
    .await;
    let cancelled = describe(&lab, &ids[2]).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["statusReason"]),
        (&json!("FAILED"), &json!("changed my mind"))
    );
    // the others end with the lab
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn array_jobs_run_their_children_in_the_order_of_their_dependencies() {
    let lab = lab(233).await;
    let sequential = json!({ "arrayProperties": { "size": 3 }, "dependsOn": [{ "type": "SEQUENTIAL" }] });
    let first = submit(&lab, json!({}), sequential).await;
    let paired =
        json!({ "arrayProperties": { "size": 3 }, "dependsOn": [{ "type": "N_TO_N", "jobId": first }] });
    let second = submit(&lab, json!({}), paired).await;
    assert_eq!(ended(&lab, &second).await["status"], "SUCCEEDED");
    let whole = ended(&lab, &first).await;
    assert_eq!(
        whole["arrayProperties"]["statusSummary"]["SUCCEEDED"], 3,
        "{whole}"
    );
    for index in 0..3 {
        let child = describe(&lab, &format!("{first}:{index}")).await;
        assert!(
            output(&lab, &child["container"])
                .await
                .contains(&format!("AWS_BATCH_JOB_ARRAY_INDEX={index}"))
        );
        let paired = describe(&lab, &format!("{second}:{index}")).await;
        assert!(paired["startedAt"].as_i64() >= child["stoppedAt"].as_i64());
        if index > 0 {
            let before = describe(&lab, &format!("{first}:{}", index - 1)).await;
            assert!(child["startedAt"].as_i64() >= before["stoppedAt"].as_i64());
        }
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_batch_refuses_is_a_client_exception() {
    let lab = lab(234).await;
    let job = |member: &str, value: Value| {
        let mut job = json!({ "jobName": "run", "jobQueue": "queue", "jobDefinition": "experiment" });
        job[member] = value;
        job
    };
    for refused in [
        job("jobName", json!("a b")),
        job("jobQueue", json!("ghost")),
        job("jobDefinition", json!("experiment:2")),
        job("timeout", json!({ "attemptDurationSeconds": 59 })),
        job("retryStrategy", json!({ "attempts": 11 })),
        job("dependsOn", json!([{ "jobId": "ghost" }])),
        job("dependsOn", json!([{ "type": "SEQUENTIAL" }])),
        job("arrayProperties", json!({ "size": 1 })),
        job(
            "containerOverrides",
            json!({ "environment": [{ "name": "AWS_BATCH_JOB_ID", "value": "1" }] }),
        ),
    ] {
        assert_eq!(
            lab.refusal("batch", "SubmitJob", refused.clone()).await,
            "ClientException",
            "{refused}"
        );
    }
    let enabled = json!({ "jobQueue": "queue" });
    assert_eq!(
        lab.refusal("batch", "DeleteJobQueue", enabled.clone()).await,
        "ClientException"
    );
    lab.call(
        "batch",
        "UpdateJobQueue",
        json!({ "jobQueue": "queue", "state": "DISABLED" }),
    )
    .await;
    assert_eq!(
        lab.refusal("batch", "SubmitJob", job("jobName", json!("run")))
            .await,
        "ClientException"
    );
    lab.call("batch", "DeleteJobQueue", enabled).await;
    lab.stop().await;
}
