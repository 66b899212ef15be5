//! Where experiments run as jobs: the queue, the job definition, the bucket of journals.

use chaos_starter_pack::batch::{CONTEXT, JOURNALS_BUCKET, Retry};
use serde_json::json;

use super::aws::Aws;
use super::names;
use crate::error::Error;

/// How often a job is started whose process was killed.
const ATTEMPTS: i32 = 2;
/// Seconds.
const TIMEOUT: u32 = 3600;

/// Makes the environment, its queue, the definition and the bucket.
pub async fn make(aws: &Aws) -> Result<(), Error> {
    let settings = aws.region.settings();
    let bucket = format!("{}-{}-{}", names::JOURNALS, settings.account, settings.name);
    aws.plain
        .create_bucket(&bucket)
        .await
        .map_err(|source| Error::Seed {
            what: bucket.clone(),
            source,
        })?;
    let environment = json!({
        "computeEnvironmentName": names::COMPUTE,
        "type": "MANAGED",
        "computeResources": { "type": "FARGATE", "maxvCpus": 16 },
    });
    aws.call("batch", "CreateComputeEnvironment", &environment)
        .await?;
    let queue = json!({
        "jobQueueName": names::JOB_QUEUE,
        "priority": 1,
        "computeEnvironmentOrder": [{ "order": 1, "computeEnvironment": names::COMPUTE }],
    });
    aws.call("batch", "CreateJobQueue", &queue).await?;
    aws.call("batch", "RegisterJobDefinition", &definition(&bucket))
        .await?;
    Ok(())
}

/// A run of start-chaos in the context `lab`. What ended by itself is not tried again, as its exit code tells the outcome.
fn definition(bucket: &str) -> serde_json::Value {
    json!({
        "jobDefinitionName": names::JOB_DEFINITION,
        "type": "container",
        "platformCapabilities": ["FARGATE"],
        "containerProperties": {
            "image": "chaos",
            "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "2048" }],
            "environment": [
                { "name": CONTEXT, "value": "lab" },
                { "name": JOURNALS_BUCKET, "value": bucket },
            ],
            "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": names::JOB_LOGS, "awslogs-stream-prefix": "job" } },
        },
        "retryStrategy": Retry { attempts: ATTEMPTS },
        "timeout": { "attemptDurationSeconds": TIMEOUT },
    })
}
