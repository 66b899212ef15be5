//! Waits until the deployment serves.

use std::path::Path;
use std::time::Duration;

use super::aws::Aws;
use super::names;
use crate::error::Error;
use crate::view;
use crate::visitors::Visitor;

/// How long the deployment may take to serve.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks for what is lacking until nothing is.
///
/// # Errors
/// What asking gives; [`Error::NotReady`] with what was lacking last.
pub async fn until(
    aws: &Aws,
    patience: Duration,
    logs: &Path,
    lacking: impl AsyncFn() -> Result<Option<String>, Error>,
) -> Result<(), Error> {
    let mut missing = String::new();
    let waiting = async {
        while let Some(lack) = lacking().await? {
            missing = lack;
            aws.region.tick().await;
        }
        Ok(())
    };
    tokio::time::timeout(patience, waiting).await.unwrap_or_else(|_| {
        Err(Error::NotReady {
            missing: format!("after {} s {missing}", patience.as_secs()),
            logs: logs.to_owned(),
        })
    })
}

/// Waits until each service runs its tasks behind healthy targets, and a request passes through all of them.
pub async fn wait(aws: &Aws, tasks: u32, web_url: &str, logs: &Path) -> Result<(), Error> {
    until(aws, PATIENCE, logs, async || {
        Ok(lacking(aws, tasks, web_url).await)
    })
    .await
}

/// What is not there yet.
async fn lacking(aws: &Aws, tasks: u32, web_url: &str) -> Option<String> {
    for (short, cluster, _) in names::SERVICES {
        let service = view::service(aws, short, cluster).await;
        let (name, running, healthy) = (&service.name, service.running, service.healthy());
        if running < u64::from(tasks) {
            return Some(format!("{name} runs {running} of {tasks} tasks"));
        }
        if healthy < tasks as usize {
            return Some(format!("{name} has {healthy} of {tasks} healthy targets"));
        }
    }
    let answered = Visitor::new(web_url).visit("/posts").await;
    (answered != Some(200)).then(|| format!("{web_url}/posts answers {answered:?}"))
}
