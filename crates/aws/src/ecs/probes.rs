//! What ECS can be asked (`chaosaws.ecs.probes`).

use aws_sdk_ecs::Client;
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::{Value, python};
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::{self, Tasks};
use crate::AwsError;
use crate::answer::list;
use crate::client::{Aws, answer};
use crate::fan_out::fan_out;

const MODULE: &str = "chaosaws.ecs.probes";

/// How many tasks one `DescribeTasks` takes.
const TASKS_A_CALL: usize = 100;

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<ServiceIsDeploying>()
        .with::<AreAllDesiredTasksRunning>()
        .with::<DescribeCluster>()
        .with::<DescribeService>()
        .with::<DescribeTasks>()
}

/// Tells whether a deployment of a service is in progress.
#[derive(Deserialize, JsonSchema)]
pub struct ServiceIsDeploying {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
}

impl NativeActivity for ServiceIsDeploying {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "service_is_deploying";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when the service has more than one deployment.";
    const IAM: &'static [&'static str] = &["ecs:DescribeServices"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let answer = lookup::service(&ecs, &self.cluster, &self.service).await?;
        let service = list(&answer, "services").first();
        let deploying = service.is_some_and(|service| list(service, "deployments").len() > 1);
        Ok(deploying.into())
    }
}

/// Tells whether as many tasks of a service run as should.
#[derive(Deserialize, JsonSchema)]
pub struct AreAllDesiredTasksRunning {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
}

impl NativeActivity for AreAllDesiredTasksRunning {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "are_all_desired_tasks_running";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when the running count equals the desired count.";
    const IAM: &'static [&'static str] = &["ecs:DescribeServices"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let answer = lookup::service(&ecs, &self.cluster, &self.service).await?;
        let count = |name: &str| list(&answer, "services").first()?.get(name);
        match (count("desiredCount"), count("runningCount")) {
            (Some(desired), Some(running)) => Ok(python::equal(desired, running).into()),
            _ => Err(AwsError::no_answer("DescribeServices").into()),
        }
    }
}

/// Describes a cluster: its status and what runs in it.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeCluster {
    /// Name or ARN of the cluster.
    cluster: String,
}

impl NativeActivity for DescribeCluster {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_cluster";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ecs:DescribeClusters.";
    const IAM: &'static [&'static str] = &["ecs:DescribeClusters"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        Ok(lookup::cluster(&ecs, &self.cluster).await?)
    }
}

/// Describes a service: its counts, deployments and latest events.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeService {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name or ARN of the service.
    service: String,
}

impl NativeActivity for DescribeService {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_service";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ecs:DescribeServices.";
    const IAM: &'static [&'static str] = &["ecs:DescribeServices"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        Ok(lookup::service(&ecs, &self.cluster, &self.service).await?)
    }
}

/// Describes the tasks of a cluster that are to be running.
#[derive(Deserialize, JsonSchema)]
pub struct DescribeTasks {
    /// Name or ARN of the cluster.
    cluster: String,
}

impl NativeActivity for DescribeTasks {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "describe_tasks";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "The answer of ecs:DescribeTasks; beyond 100 tasks, those of several calls in one.";
    const IAM: &'static [&'static str] = &["ecs:ListTasks", "ecs:DescribeTasks"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let ecs = Aws::of(&context).await?.ecs();
        let listed = Tasks {
            cluster: Some(&self.cluster),
            ..Tasks::default()
        };
        let arns = listed.arns(&ecs).await?;
        if arns.is_empty() {
            return Err(AwsError::because(format!("no ECS tasks in cluster {}", self.cluster)).into());
        }
        Ok(describe(&ecs, &self.cluster, &arns).await?)
    }
}

async fn describe(ecs: &Client, cluster: &str, tasks: &[String]) -> Result<Value, AwsError> {
    let answers = fan_out(tasks.chunks(TASKS_A_CALL), |tasks| {
        let request = ecs
            .describe_tasks()
            .cluster(cluster)
            .set_tasks(Some(tasks.to_vec()));
        answer(request.send())
    });
    let whole = answers.await?.into_iter().reduce(joined);
    whole.ok_or_else(|| AwsError::no_answer("DescribeTasks"))
}

/// The first answer, with the tasks and failures of the second.
fn joined(mut whole: Value, part: Value) -> Value {
    for name in ["tasks", "failures"] {
        let known = whole.as_map_mut().and_then(|whole| whole.get_mut(name));
        if let Some(Value::List(known)) = known {
            known.extend_from_slice(list(&part, name));
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json;

    use super::*;

    #[test]
    fn answers_are_joined_in_order() {
        let first = json::parse(r#"{"tasks": ["a", "b"], "failures": [], "ResponseMetadata": 1}"#).unwrap();
        let second = json::parse(r#"{"tasks": ["c"], "failures": ["d"], "ResponseMetadata": 2}"#).unwrap();
        let whole = json::parse(r#"{"tasks": ["a", "b", "c"], "failures": ["d"], "ResponseMetadata": 1}"#);
        assert_eq!(joined(first, second), whole.unwrap());
    }
}
