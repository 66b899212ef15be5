//! Clusters, services and tasks by name.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::DesiredStatus;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::list;
use crate::client::answer;
use crate::pages::items;

/// The answer of `DescribeClusters`.
///
/// # Errors
/// Also when there is no such cluster.
pub(super) async fn cluster(ecs: &Client, cluster: &str) -> Result<Value, AwsError> {
    let answer = answer(ecs.describe_clusters().clusters(cluster).send()).await?;
    if list(&answer, "clusters").is_empty() {
        return Err(AwsError::because(format!("there is no ECS cluster {cluster}")));
    }
    Ok(answer)
}

/// The answer of `DescribeServices`, which has the service.
///
/// # Errors
/// Also when the cluster has no such service.
pub(super) async fn service(ecs: &Client, cluster: &str, service: &str) -> Result<Value, AwsError> {
    let request = ecs.describe_services().cluster(cluster).services(service);
    let answer = answer(request.send()).await?;
    if list(&answer, "services").is_empty() {
        return Err(AwsError::because(format!(
            "there is no ECS service {service} in cluster {cluster}"
        )));
    }
    Ok(answer)
}

/// Fails unless the cluster and its service exist.
pub(super) async fn exist(ecs: &Client, of_cluster: &str, named: &str) -> Result<(), AwsError> {
    cluster(ecs, of_cluster).await?;
    service(ecs, of_cluster, named).await?;
    Ok(())
}

/// ARNs of the services of a cluster, of the default one when none is named.
pub(super) async fn service_arns(ecs: &Client, cluster: Option<&str>) -> Result<Vec<String>, AwsError> {
    let listed = items("serviceArns", "nextToken", |token| {
        let request = ecs.list_services().set_cluster(cluster.map(str::to_owned));
        answer(request.set_next_token(token).send())
    });
    Ok(texts(listed.await?))
}

/// Which tasks to list.
#[derive(Default)]
pub(super) struct Tasks<'a> {
    /// The default cluster when absent.
    pub cluster: Option<&'a str>,
    /// Only those of this service.
    pub service: Option<&'a str>,
    /// Only those that ECS is to keep running. (AWS's default is the same.)
    pub running: bool,
}

impl Tasks<'_> {
    /// ARNs of the tasks, in AWS's order.
    pub(super) async fn arns(&self, ecs: &Client) -> Result<Vec<String>, AwsError> {
        let listed = items("taskArns", "nextToken", |token| {
            let request = ecs
                .list_tasks()
                .set_cluster(self.cluster.map(str::to_owned))
                .set_service_name(self.service.map(str::to_owned))
                .set_desired_status(self.running.then_some(DesiredStatus::Running))
                .max_results(100)
                .set_next_token(token);
            answer(request.send())
        });
        Ok(texts(listed.await?))
    }
}

fn texts(values: Vec<Value>) -> Vec<String> {
    let texts = values.into_iter().map(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    });
    texts.flatten().collect()
}

/// The last part of an ARN: a task's id, a service's name.
pub(super) fn name_in(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// An optional argument, where empty text means the same as none.
pub(super) fn given(argument: Option<&String>) -> Option<&str> {
    argument.map(String::as_str).filter(|text| !text.is_empty())
}
