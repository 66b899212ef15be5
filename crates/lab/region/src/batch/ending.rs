//! CancelJob and TerminateJob

use serde_json::{Value, json};

use super::job::{Ending, Job, Part, Status};
use super::resources::bare;
use super::{State, refused, required};
use crate::Region;
use crate::wire::{Answer, ApiError};

/// CancelJob: ends jobs that have not begun to start.
pub fn cancel(region: &Region, input: &Value) -> Answer {
    let reason = required(input, "reason")?;
    let mut state = region.state();
    for id in meant(&state.batch, required(input, "jobId")?)? {
        if let Some(job) = state
            .batch
            .jobs
            .get_mut(&id)
            .filter(|job| job.status < Status::Starting)
        {
            job.cancelled = true;
            drop_waiting(job, reason);
        }
    }
    drop(state);
    region.changed();
    Ok(json!({}))
}

/// TerminateJob: ends jobs wherever they are.
pub fn terminate(region: &Region, input: &Value) -> Answer {
    let reason = required(input, "reason")?;
    let mut state = region.state();
    for id in meant(&state.batch, required(input, "jobId")?)? {
        if let Some(job) = state.batch.jobs.get_mut(&id) {
            end(job, reason);
        }
    }
    drop(state);
    region.changed();
    Ok(json!({}))
}

/// Ends all jobs of a queue that is deleted.
pub fn end_all_of(state: &mut State, queue: &str) {
    for job in state.jobs.values_mut().filter(|job| bare(&job.queue) == queue) {
        end(job, "The job's queue was deleted");
    }
}

fn end(job: &mut Job, reason: &str) {
    if job.status.is_final() {
        return;
    }
    job.terminated = true;
    if job.running.is_none() {
        drop_waiting(job, reason);
    } else if job.ending.is_none() {
        job.ending = Some(Ending {
            reason: reason.to_owned(),
            asked: None,
        });
    }
}

fn drop_waiting(job: &mut Job, reason: &str) {
    // an array job ends with its children, some of which may run
    if !matches!(job.part, Part::Parent { .. }) {
        job.fail(reason);
    }
}

/// The job of that id and, for an array job, its children.
fn meant(state: &State, id: &str) -> Result<Vec<String>, ApiError> {
    let id = bare(id);
    let job = state
        .jobs
        .get(id)
        .ok_or_else(|| refused(format!("Job {id} does not exist.")))?;
    let size = if let Part::Parent { size } = job.part {
        size
    } else {
        0
    };
    let children = (0..size).map(|index| format!("{id}:{index}"));
    Ok(std::iter::once(id.to_owned()).chain(children).collect())
}
