//! The tasks of a service that are in failed zones.

use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::Task;
use tokio::time::sleep;

use crate::AwsError;
use crate::az::FailAz;
use crate::az::zones::Cut;
use crate::client::output;
use crate::fan_out::fan_out;

/// How many tasks `ListTasks` returns and `DescribeTasks` takes.
const TASKS: i32 = 100;
/// How often to look while there are tasks whose place is not known yet.
const LOOKS: u32 = 12;
const REST: Duration = Duration::from_secs(5);

/// Stops the service's tasks that are in the zones. A task that is being placed is looked at again until it is known
/// where it is, for about a minute.
pub(super) async fn stop(
    ecs: &Client,
    cluster: &str,
    service: &str,
    cut: &Cut,
    az: &FailAz,
) -> Result<(), AwsError> {
    let interval = az.context.poll_interval(REST);
    for look in 1..=LOOKS {
        let tasks = running(ecs, cluster, service).await?;
        let (placed, unplaced): (Vec<&Task>, Vec<&Task>) = tasks.iter().partition(|task| is_placed(task));
        let hit: Vec<&str> = placed
            .into_iter()
            .filter(|task| is_in(task, cut))
            .filter_map(Task::task_arn)
            .collect();
        if !hit.is_empty() {
            az.log
                .say(format!("ecs-service {service}: stopping {}", hit.join(", ")));
        }
        fan_out(hit, |task| stop_one(ecs, cluster, task, cut)).await?;
        if unplaced.is_empty() {
            break;
        }
        if look == LOOKS {
            let count = unplaced.len();
            az.log.warn(format!(
                "ecs-service {service}: where {count} of its tasks are is still not known; they are left alone"
            ));
        } else {
            sleep(interval).await;
        }
    }
    Ok(())
}

async fn running(ecs: &Client, cluster: &str, service: &str) -> Result<Vec<Task>, AwsError> {
    let request = ecs
        .list_tasks()
        .cluster(cluster)
        .service_name(service)
        .max_results(TASKS);
    let listed: Vec<String> =
        output(request.into_paginator().items().send().collect::<Result<_, _>>()).await?;
    let described = fan_out(listed.chunks(TASKS as usize), |some| describe(ecs, cluster, some)).await?;
    Ok(described.into_iter().flatten().collect())
}

/// Tasks that have ended meanwhile are left out.
async fn describe(ecs: &Client, cluster: &str, tasks: &[String]) -> Result<Vec<Task>, AwsError> {
    let request = ecs
        .describe_tasks()
        .cluster(cluster)
        .set_tasks(Some(tasks.to_vec()));
    let tasks = output(request.send()).await?.tasks.unwrap_or_default();
    Ok(tasks.into_iter().filter(|task| !has_ended(task)).collect())
}

fn has_ended(task: &Task) -> bool {
    [task.desired_status(), task.last_status()].contains(&Some("STOPPED"))
}

fn subnets(task: &Task) -> impl Iterator<Item = &str> {
    let details = task
        .attachments()
        .iter()
        .flat_map(|attachment| attachment.details());
    let subnets = details.filter(|detail| detail.name() == Some("subnetId"));
    subnets.filter_map(|detail| detail.value())
}

fn is_placed(task: &Task) -> bool {
    task.availability_zone().is_some() || subnets(task).next().is_some()
}

fn is_in(task: &Task, cut: &Cut) -> bool {
    let zone = task
        .availability_zone()
        .is_some_and(|zone| cut.zones.contains(zone));
    zone || subnets(task).any(|subnet| cut.lost.iter().any(|lost| lost == subnet))
}

/// It does not matter if the task ends by itself meanwhile.
async fn stop_one(ecs: &Client, cluster: &str, task: &str, cut: &Cut) -> Result<(), AwsError> {
    let reason = format!("simulated failure of availability zone {}", cut.zones);
    // as long as ECS takes it
    let reason: String = reason.chars().take(255).collect();
    let stop = ecs.stop_task().cluster(cluster).task(task).reason(reason);
    let Err(error) = output(stop.send()).await else {
        return Ok(());
    };
    let left = describe(ecs, cluster, &[task.to_owned()]).await?;
    if left.is_empty() { Ok(()) } else { Err(error) }
}
