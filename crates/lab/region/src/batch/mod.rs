//! AWS Batch: jobs that are start-chaos as a process.
//!
//! What is real: a job is a process of the lab's own program with the environment that the job asks for; it ends by itself, by its
//! timeout or by TerminateJob (SIGTERM, and SIGKILL 30 s later); its output goes to CloudWatch Logs. Timeouts are real time, the
//! time between statuses is the lab's.
//!
//! What is emulated: whatever its image is named, a job runs `start-chaos` with the job's command as its arguments, in the folder
//! where the lab was started, against the lab only; compute environments are numbers of vCPUs; there are no fair-share policies,
//! no multi-node jobs, no EKS, no secrets.

mod attempt;
mod definitions;
mod ending;
mod environments;
mod finish;
mod job;
mod listing;
mod queues;
mod resources;
mod retry;
mod route;
mod schedule;
mod spec;
mod submit;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::Region;
use crate::wire::{Answer, ApiError};
use job::Job;
use resources::Resource;

/// What the service knows.
#[derive(Default)]
pub struct State {
    environments: BTreeMap<String, Resource>,
    queues: BTreeMap<String, Resource>,
    /// Revisions of a name, the first one first.
    definitions: BTreeMap<String, Vec<Resource>>,
    jobs: IndexMap<String, Job>,
    /// The ids of jobs that have not ended, in the order of their submission.
    unfinished: Vec<String>,
}

/// How long jobs may take to end with the lab.
const FAREWELL: Duration = Duration::from_secs(5);

/// Starts the service's loops.
pub fn start(region: &Arc<Region>) {
    region.keep(schedule::schedule(region.clone()));
}

/// Ends what the service runs.
pub async fn stop(region: &Arc<Region>) {
    let running: Vec<_> = region
        .state()
        .batch
        .jobs
        .values()
        .filter_map(Job::child)
        .collect();
    let mut ends: JoinSet<_> = running
        .into_iter()
        .map(|child| async move { child.stop(FAREWELL).await })
        .collect();
    while ends.join_next().await.is_some() {}
}

/// Calls an operation, by its name or as `METHOD /path`.
///
/// # Errors
/// What AWS answers; [`ApiError::is_not_here`] for operations that have no behaviour here.
pub async fn call(region: &Arc<Region>, operation: &str, input: &Value) -> Answer {
    let (name, input) = route::named(operation, input);
    match name.as_str() {
        "CancelJob" => ending::cancel(region, &input),
        "CreateComputeEnvironment" => environments::create(region, &input),
        "CreateJobQueue" => queues::create(region, &input),
        "DeleteComputeEnvironment" => environments::delete(region, &input),
        "DeleteJobQueue" => queues::delete(region, &input),
        "DeregisterJobDefinition" => definitions::deregister(region, &input),
        "DescribeComputeEnvironments" => environments::describe(region, &input),
        "DescribeJobDefinitions" => definitions::describe(region, &input),
        "DescribeJobQueues" => queues::describe(region, &input),
        "DescribeJobs" => listing::describe(region, &input),
        "ListJobs" => listing::list(region, &input),
        "ListTagsForResource" => tags::list(region, &input),
        "RegisterJobDefinition" => definitions::register(region, &input),
        "SubmitJob" => submit::submit(region, &input),
        "TagResource" => tags::add(region, &input),
        "TerminateJob" => ending::terminate(region, &input),
        "UntagResource" => tags::remove(region, &input),
        "UpdateComputeEnvironment" => environments::update(region, &input),
        "UpdateJobQueue" => queues::update(region, &input),
        _ => Err(ApiError::not_here("batch", operation)),
    }
}

/// The one error of callers that Batch has.
fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new("ClientException", message)
}

fn required<'a>(input: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    crate::input::required(input, member).map_err(|error| refused(error.message))
}

fn integer(input: &Value, member: &str) -> Result<Option<i64>, ApiError> {
    crate::input::integer(input, member).map_err(|error| refused(error.message))
}

/// Milliseconds since 1970, as this service counts.
fn milliseconds() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// A name: 1 to 128 letters, digits, hyphens and underscores, the first one a letter or a digit.
fn new_name<'a>(input: &'a Value, member: &str) -> Result<&'a str, ApiError> {
    let name = required(input, member)?;
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    let allowed = name
        .bytes()
        .all(|one| one.is_ascii_alphanumeric() || b"-_".contains(&one));
    match starts_well && allowed && name.len() <= 128 {
        true => Ok(name),
        false => Err(refused(format!(
            "{member} should match valid pattern: {name:?} is not 1 to 128 letters, digits, - and _."
        ))),
    }
}
