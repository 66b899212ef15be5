//! What can be seen only with timeouts that Batch's API does not take.

use std::sync::Arc;
use std::time::Duration;

use chaos_lab_database::Engine;
use chaos_lab_processes::Spawner;
use serde_json::{Value, json};

use crate::network::Network;
use crate::pace::Pace;
use crate::wire::ApiError;
use crate::{Later, Region, Settings, Topics};

struct Nobody;

impl Topics for Nobody {
    fn publish<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Later<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

/// A region whose program is a shell script in a folder of its own.
fn region(folder: &std::path::Path, script: &str) -> Arc<Region> {
    use std::os::unix::fs::PermissionsExt as _;
    let program = folder.join("program");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let settings = Settings {
        name: "us-east-1".to_owned(),
        account: "123456789012".to_owned(),
        pace: Pace::new(1000.0),
        network: Network::new(250),
        folder: folder.to_owned(),
        program,
        database: Engine::Embedded,
        endpoint: "http://127.0.0.1:1".to_owned(),
    };
    let region = Region::new(settings, Spawner::new("batch-timeouts"));
    region.start(Arc::new(Nobody));
    region
}

async fn call(region: &Arc<Region>, operation: &str, input: Value) -> Value {
    region
        .call("batch", operation, &input)
        .await
        .unwrap_or_else(|error| panic!("{operation}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_too_long_is_ended_and_not_tried_again() {
    let folder = std::env::temp_dir().join(format!("chaos-lab-batch-{}", crate::name::hex(8)));
    std::fs::create_dir_all(&folder).unwrap();
    let region = region(&folder, "echo begun; exec sleep 600");
    call(
        &region,
        "CreateComputeEnvironment",
        json!({ "computeEnvironmentName": "ce", "type": "UNMANAGED" }),
    )
    .await;
    let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
    call(
        &region,
        "CreateJobQueue",
        json!({ "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order }),
    )
    .await;
    let container = json!({ "image": "chaos", "vcpus": 1, "memory": 512 });
    let definition =
        json!({ "jobDefinitionName": "d", "type": "container", "containerProperties": container });
    call(&region, "RegisterJobDefinition", definition).await;
    let job = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d", "retryStrategy": { "attempts": 3 },
                      "timeout": { "attemptDurationSeconds": 60 } });
    let id = call(&region, "SubmitJob", job).await["jobId"]
        .as_str()
        .unwrap()
        .to_owned();
    {
        let mut state = region.state();
        let job = state.batch.jobs.get_mut(&id).unwrap();
        Arc::get_mut(&mut job.spec).unwrap().timeout = Some(Duration::from_millis(300));
    }
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    let job = loop {
        let job = call(&region, "DescribeJobs", json!({ "jobs": [id] })).await["jobs"][0].clone();
        if job["status"] == "FAILED" {
            break job;
        }
        assert!(std::time::Instant::now() < deadline, "{job}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(job["statusReason"], "Job attempt duration exceeded timeout");
    assert_eq!(job["container"]["exitCode"], 143);
    assert_eq!(job["attempts"].as_array().unwrap().len(), 1);
    let stream =
        json!({ "logGroupName": "/aws/batch/job", "logStreamName": job["container"]["logStreamName"] });
    let events = region.call("logs", "GetLogEvents", &stream).await.unwrap();
    assert_eq!(events["events"][0]["message"], "begun");
    region.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}
