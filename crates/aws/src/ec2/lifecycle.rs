//! Stops, terminates, starts and reboots instances, one call for each way in which they were bought.

use aws_sdk_ec2::Client;
use chaos_engine::value::Value;

use super::instances::{Instance, MANY, NORMAL, describe_by_ids, instances_of};
use crate::AwsError;
use crate::answer::{list, text};
use crate::arguments::join;
use crate::client::answer;

const SPOT: &str = "spot";

/// Ids of instances that were bought in the same way, at most [`MANY`].
struct Batch {
    lifecycle: String,
    ids: Vec<String>,
}

/// Stops on-demand instances and ends spot ones, which cannot be stopped for good: their requests are cancelled and
/// they are terminated. Returns the answers.
///
/// # Errors
/// AWS's, or instances of another kind, once the others are handled.
pub(super) async fn stop(ec2: &Client, instances: &[Instance], force: bool) -> Result<Vec<Value>, AwsError> {
    let batches = batches(instances);
    let mut answers = Vec::new();
    for batch in batches.iter().filter(|batch| batch.lifecycle == NORMAL) {
        let call = ec2.stop_instances().set_instance_ids(Some(batch.ids.clone()));
        answers.push(answer(call.force(force).send()).await?);
    }
    for batch in batches.iter().filter(|batch| batch.lifecycle == SPOT) {
        answers.push(end_spot(ec2, &batch.ids).await?);
    }
    match batches
        .iter()
        .find(|batch| ![NORMAL, SPOT].contains(&&*batch.lifecycle))
    {
        Some(batch) => Err(AwsError::because(format!(
            "stopping {} instances is not implemented (EC2 cannot stop them): {}; leave them out with filters",
            batch.lifecycle,
            join(&batch.ids)
        ))),
        None => Ok(answers),
    }
}

/// Terminates instances, after cancelling the requests of spot ones. Returns the answers.
///
/// # Errors
/// AWS's.
pub(super) async fn terminate(ec2: &Client, instances: &[Instance]) -> Result<Vec<Value>, AwsError> {
    let mut answers = Vec::new();
    for batch in batches(instances) {
        answers.push(match &*batch.lifecycle {
            SPOT => end_spot(ec2, &batch.ids).await?,
            _ => terminate_batch(ec2, &batch.ids).await?,
        });
    }
    Ok(answers)
}

/// Starts instances. Returns the `StartingInstances` of the answers.
///
/// # Errors
/// AWS's.
pub(super) async fn start(ec2: &Client, instances: &[Instance]) -> Result<Vec<Value>, AwsError> {
    let mut starting = Vec::new();
    for batch in batches(instances) {
        let call = ec2.start_instances().set_instance_ids(Some(batch.ids));
        let answer = answer(call.send()).await?;
        starting.extend_from_slice(list(&answer, "StartingInstances"));
    }
    Ok(starting)
}

/// Reboots instances.
///
/// # Errors
/// AWS's.
pub(super) async fn reboot(ec2: &Client, instances: &[Instance]) -> Result<(), AwsError> {
    for batch in batches(instances) {
        let call = ec2.reboot_instances().set_instance_ids(Some(batch.ids));
        answer(call.send()).await?;
    }
    Ok(())
}

/// Without the cancelled request a persistent one would bring the instance back.
async fn end_spot(ec2: &Client, ids: &[String]) -> Result<Value, AwsError> {
    let described = describe_by_ids(ec2, ids).await?;
    let requests: Vec<String> = instances_of(&described)
        .filter_map(|instance| text(instance, &["SpotInstanceRequestId"]).map(str::to_owned))
        .collect();
    if !requests.is_empty() {
        let call = ec2.cancel_spot_instance_requests();
        answer(call.set_spot_instance_request_ids(Some(requests)).send()).await?;
    }
    terminate_batch(ec2, ids).await
}

async fn terminate_batch(ec2: &Client, ids: &[String]) -> Result<Value, AwsError> {
    let call = ec2.terminate_instances().set_instance_ids(Some(ids.to_vec()));
    answer(call.send()).await
}

/// Groups by lifecycle, in the order in which the lifecycles occur.
fn batches(instances: &[Instance]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for Instance { id, lifecycle } in instances {
        let open = batches
            .iter_mut()
            .find(|batch| batch.lifecycle == *lifecycle && batch.ids.len() < MANY);
        match open {
            Some(batch) => batch.ids.push(id.clone()),
            None => batches.push(Batch {
                lifecycle: lifecycle.clone(),
                ids: vec![id.clone()],
            }),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instances(lifecycle: &str, numbers: std::ops::Range<usize>) -> Vec<Instance> {
        let instance = |number| Instance {
            id: format!("i-{number}"),
            lifecycle: lifecycle.to_owned(),
        };
        numbers.map(instance).collect()
    }

    #[test]
    fn instances_are_grouped_by_lifecycle_and_split() {
        let mixed = [
            instances(SPOT, 0..1),
            instances(NORMAL, 1..1502),
            instances(SPOT, 1502..1503),
        ];
        let batches: Vec<(String, usize)> = batches(&mixed.concat())
            .into_iter()
            .map(|batch| (batch.lifecycle, batch.ids.len()))
            .collect();
        let batch = |lifecycle: &str, count| (lifecycle.to_owned(), count);
        assert_eq!(batches, [batch(SPOT, 2), batch(NORMAL, 1000), batch(NORMAL, 501)]);
    }
}
