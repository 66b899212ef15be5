//! Stopping tasks.

use aws_sdk_ecs::Client;
use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::{self, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{MODULE, chaos_testing};
use crate::AwsError;
use crate::answer::at;
use crate::client::{Aws, answer};
use crate::ecs::lookup::{self, Tasks, given, name_in};
use crate::fan_out::fan_out;

/// Stops randomly chosen running tasks of a cluster or of one of its services: so many, or so many percent of them.
#[derive(Deserialize, JsonSchema)]
pub struct StopRandomTasks {
    /// Name or ARN of the cluster.
    cluster: String,
    /// How many tasks to stop. Give this or `task_percent`.
    #[serde(default)]
    task_count: Option<i64>,
    /// How many percent of the running tasks to stop, rounded down to whole tasks. Give this or `task_count`.
    #[serde(default)]
    task_percent: Option<f64>,
    /// Name or ARN of the service that the tasks must belong to.
    #[serde(default)]
    service: Option<String>,
    /// Why, as AWS shows it for the stopped tasks.
    #[serde(default = "chaos_testing")]
    reason: String,
}

impl NativeActivity for StopRandomTasks {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "stop_random_tasks";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "A list of the stopped tasks: {Task_Id: ARN, Desired_Status}.";
    const IAM: &'static [&'static str] = &[
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:ListTasks",
        "ecs:StopTask",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let amount = Amount::of(self.task_count, self.task_percent)?;
        let ecs = Aws::of(&context).await?.ecs();
        let service = given(self.service.as_ref());
        lookup::cluster(&ecs, &self.cluster).await?;
        if let Some(service) = service {
            lookup::service(&ecs, &self.cluster, service).await?;
        }
        let running = Tasks {
            cluster: Some(&self.cluster),
            service,
            running: true,
        };
        let running = running.arns(&ecs).await?;
        let count = amount.within(running.len()).map_err(|wanted| {
            AwsError::because(format!(
                "not enough running tasks in cluster {}: {wanted} to be stopped, {} there",
                self.cluster,
                running.len()
            ))
        })?;
        let chosen = context.random().sample(running, count);
        Ok(stop_all(&ecs, &self.cluster, &self.reason, chosen).await?)
    }
}

/// How many of the running tasks.
#[derive(Debug, PartialEq)]
enum Amount {
    Count(i64),
    Percent(f64),
}

impl Amount {
    /// Exactly one of the two; zero counts as not given.
    fn of(count: Option<i64>, percent: Option<f64>) -> Result<Self, AwsError> {
        let count = count.filter(|count| *count != 0);
        let percent = percent.filter(|percent| *percent != 0.0);
        match (count, percent) {
            (Some(count), None) if count > 0 => Ok(Self::Count(count)),
            (None, Some(percent)) if percent > 0.0 => Ok(Self::Percent(percent)),
            (Some(_), Some(_)) => Err(AwsError::because(
                "task_count and task_percent exclude each other: give one of them",
            )),
            _ => Err(AwsError::because(
                "say how many tasks to stop: task_count or task_percent, above zero",
            )),
        }
    }

    /// How many that is of `total`, else how many were wanted.
    fn within(&self, total: usize) -> Result<usize, i128> {
        let wanted = match self {
            Self::Count(count) => i128::from(*count),
            Self::Percent(percent) => (total as f64 * percent / 100.0) as i128,
        };
        usize::try_from(wanted)
            .ok()
            .filter(|wanted| *wanted <= total)
            .ok_or(wanted)
    }
}

/// Stops tasks, many at a time. The first goes alone: what AWS refuses at all is refused once.
async fn stop_all(
    ecs: &Client,
    cluster: &str,
    reason: &str,
    mut tasks: Vec<String>,
) -> Result<Value, AwsError> {
    let rest = tasks.split_off(tasks.len().min(1));
    let stop_one = |task: String| async move {
        let answer = stop(ecs, Some(cluster), Some(&task), reason).await?;
        let part = |name| at(&answer, &["task", name]).cloned();
        Ok(Value::from(value::map([
            ("Task_Id", part("taskArn").into()),
            ("Desired_Status", part("desiredStatus").into()),
        ])))
    };
    let mut stopped = fan_out(tasks, stop_one).await?;
    stopped.extend(fan_out(rest, stop_one).await?);
    Ok(Value::List(stopped))
}

async fn stop(
    ecs: &Client,
    cluster: Option<&str>,
    task: Option<&str>,
    reason: &str,
) -> Result<Value, AwsError> {
    let request = ecs
        .stop_task()
        .set_cluster(cluster.map(str::to_owned))
        .set_task(task.map(str::to_owned))
        .reason(reason);
    answer(request.send()).await
}

/// Stops one task: the named one, or a randomly chosen one of a service.
#[derive(Deserialize, JsonSchema)]
pub struct StopTask {
    /// Name or ARN of the cluster; the default cluster when absent.
    #[serde(default)]
    cluster: Option<String>,
    /// Id or ARN of the task.
    #[serde(default)]
    task_id: Option<String>,
    /// Name or ARN of the service to choose a task of, when no task is named.
    #[serde(default)]
    service: Option<String>,
    /// Why, as AWS shows it for the stopped task.
    #[serde(default = "chaos_testing")]
    reason: String,
}

impl NativeActivity for StopTask {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "stop_task";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The answer of ecs:StopTask.";
    const IAM: &'static [&'static str] = &["ecs:ListTasks", "ecs:StopTask"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let cluster = given(self.cluster.as_ref());
        let (task, service) = (given(self.task_id.as_ref()), given(self.service.as_ref()));
        if task.is_none() && service.is_none() {
            return Err(AwsError::because(
                "say which task to stop: task_id, or service for one of its tasks",
            )
            .into());
        }
        let ecs = Aws::of(&context).await?.ecs();
        let task = match (task, service) {
            (None, Some(service)) => one_of(&ecs, cluster, service, &context).await?,
            (task, _) => task.map(str::to_owned),
        };
        Ok(stop(&ecs, cluster, task.as_deref(), &self.reason).await?)
    }
}

/// The id of a task of the service.
async fn one_of(
    ecs: &Client,
    cluster: Option<&str>,
    service: &str,
    context: &Context,
) -> Result<Option<String>, AwsError> {
    let listed = Tasks {
        cluster,
        service: Some(service),
        running: false,
    };
    let arns = listed.arns(ecs).await?;
    match context.random().choice(&arns) {
        Some(arn) => Ok(Some(name_in(arn).to_owned())),
        None => Err(AwsError::because(format!(
            "no ECS tasks of service {service} in {}",
            cluster.map_or("the default cluster".to_owned(), |name| format!("cluster {name}"))
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_of_count_and_percent_is_needed() {
        assert_eq!(Amount::of(Some(2), Some(0.0)).unwrap(), Amount::Count(2));
        assert_eq!(Amount::of(Some(0), Some(5.0)).unwrap(), Amount::Percent(5.0));
        for (count, percent) in [
            (None, None),
            (Some(0), Some(0.0)),
            (Some(1), Some(1.0)),
            (Some(-1), None),
        ] {
            assert!(Amount::of(count, percent).is_err(), "{count:?} {percent:?}");
        }
    }

    #[test]
    fn a_percentage_is_rounded_down() {
        let of = |percent, total| Amount::Percent(percent).within(total);
        assert_eq!(of(50.0, 3), Ok(1));
        assert_eq!(of(33.0, 3), Ok(0));
        assert_eq!(of(100.0, 1000), Ok(1000));
        assert_eq!(of(29.0, 100), Ok(29));
        assert_eq!(of(50.0, 0), Ok(0));
    }

    #[test]
    fn more_than_there_are_is_refused() {
        assert_eq!(Amount::Count(5).within(4), Err(5));
        assert_eq!(Amount::Percent(200.0).within(4), Err(8));
        assert_eq!(Amount::Count(4).within(4), Ok(4));
    }
}
