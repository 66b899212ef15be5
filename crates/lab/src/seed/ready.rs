//! Waits until the deployment serves.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::aws::Aws;
use super::names;
use crate::error::Error;
use crate::visitors::Visitor;

/// How long the deployment may take to serve.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until each service runs its tasks behind healthy targets, and a request passes through all of them.
pub async fn wait(aws: &Aws, tasks: u32, web_url: &str, logs: &Path) -> Result<(), Error> {
    let mut missing = String::new();
    let waiting = async {
        loop {
            match lacking(aws, tasks, web_url).await? {
                None => return Ok::<_, Error>(()),
                Some(lack) => missing = lack,
            }
            aws.region.tick().await;
        }
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(ready) => ready,
        Err(_) => Err(Error::NotReady {
            missing,
            logs: logs.to_owned(),
        }),
    }
}

/// What is not there yet.
async fn lacking(aws: &Aws, tasks: u32, web_url: &str) -> Result<Option<String>, Error> {
    for (short, cluster, _) in names::SERVICES {
        let service = names::service(short);
        let found = aws
            .call(
                "ecs",
                "DescribeServices",
                &json!({ "cluster": cluster, "services": [service] }),
            )
            .await?;
        let running = found
            .pointer("/services/0/runningCount")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        if running < u64::from(tasks) {
            return Ok(Some(format!("{service} runs {running} of {tasks} tasks")));
        }
        if let Some(lack) = unhealthy(aws, short, tasks).await? {
            return Ok(Some(lack));
        }
    }
    let answered = Visitor::new(web_url).visit("/posts").await;
    Ok((answered != Some(200)).then(|| format!("{web_url}/posts answers {answered:?}")))
}

async fn unhealthy(aws: &Aws, short: &str, tasks: u32) -> Result<Option<String>, Error> {
    let name = format!("{}-{short}", names::PREFIX);
    let groups = aws
        .call(
            "elasticloadbalancing",
            "DescribeTargetGroups",
            &json!({ "Names": [name] }),
        )
        .await?;
    let arn = super::aws::text(&groups, "/TargetGroups/0/TargetGroupArn")?;
    let health = aws
        .call(
            "elasticloadbalancing",
            "DescribeTargetHealth",
            &json!({ "TargetGroupArn": arn }),
        )
        .await?;
    let targets = health["TargetHealthDescriptions"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let healthy = targets
        .iter()
        .filter(|target| target.pointer("/TargetHealth/State") == Some(&json!("healthy")))
        .count();
    Ok((healthy < tasks as usize).then(|| format!("{name} has {healthy} of {tasks} healthy targets")))
}
