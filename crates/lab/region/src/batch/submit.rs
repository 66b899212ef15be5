//! SubmitJob

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::job::{Job, Part, Status};
use super::spec::Spec;
use super::{State, definitions, integer, milliseconds, new_name, queues, refused, required};
use crate::wire::{Answer, ApiError};
use crate::{Region, input, name};

/// Jobs that are kept; the oldest ended ones go when there are more.
const KEPT: usize = 12_000;
/// Dependencies of a job.
const NEEDS: usize = 20;

/// SubmitJob
pub fn submit(region: &Region, input: &Value) -> Answer {
    let job_name = new_name(input, "jobName")?;
    let size = size(input)?;
    let mut state = region.state();
    let batch = &mut state.batch;
    let queue = queues::find(batch, required(input, "jobQueue")?)?;
    if !queue.is_enabled() {
        return Err(refused("Job queue is DISABLED and takes no jobs."));
    }
    let queue = queue.text("jobQueueArn").to_owned();
    let definition = definitions::find(batch, required(input, "jobDefinition")?)?;
    let spec = Arc::new(Spec::new(definition, input)?);
    let priority = definition
        .0
        .get("schedulingPriority")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let definition = definition.text("jobDefinitionArn").to_owned();
    let needs = Needs::read(batch, input, size)?;
    let id = name::uuid();
    let job = Job {
        arn: region.arn("batch", &format!("job/{id}")),
        id: id.clone(),
        name: job_name.to_owned(),
        queue,
        definition,
        status: Status::Submitted,
        since: Instant::now(),
        reason: None,
        created: milliseconds(),
        started: None,
        stopped: None,
        spec,
        needs: needs.of(&id, None),
        depends_on: input.get("dependsOn").cloned().unwrap_or_else(|| json!([])),
        attempts: Vec::new(),
        running: None,
        part: size.map_or(Part::Single, |size| Part::Parent { size }),
        environment: None,
        ending: None,
        cancelled: false,
        terminated: false,
        share: input::text(input, "shareIdentifier").map(str::to_owned),
        priority: integer(input, "schedulingPriorityOverride")?.unwrap_or(priority),
        tags: input
            .get("tags")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
    };
    let answer = json!({ "jobArn": job.arn, "jobName": job.name, "jobId": id });
    let children: Vec<Job> = (0..size.unwrap_or_default())
        .map(|index| child(region, &job, &needs, index))
        .collect();
    for job in std::iter::once(job).chain(children) {
        batch.unfinished.push(job.id.clone());
        batch.jobs.insert(job.id.clone(), job);
    }
    forget_old(batch);
    drop(state);
    region.changed();
    Ok(answer)
}

fn size(input: &Value) -> Result<Option<usize>, ApiError> {
    let Some(array) = input.get("arrayProperties") else {
        return Ok(None);
    };
    match integer(array, "size")? {
        None => Ok(None),
        Some(size @ 2..=10_000) => Ok(usize::try_from(size).ok()),
        Some(size) => Err(refused(format!(
            "arrayProperties.size is {size}; it must be between 2 and 10000."
        ))),
    }
}

fn child(region: &Region, parent: &Job, needs: &Needs, index: usize) -> Job {
    let id = format!("{}:{index}", parent.id);
    Job {
        arn: region.arn("batch", &format!("job/{id}")),
        needs: needs.of(&parent.id, Some(index)),
        id,
        name: parent.name.clone(),
        queue: parent.queue.clone(),
        definition: parent.definition.clone(),
        reason: None,
        spec: parent.spec.clone(),
        depends_on: parent.depends_on.clone(),
        attempts: Vec::new(),
        running: None,
        part: Part::Child {
            parent: parent.id.clone(),
            index,
            size: needs.size.unwrap_or_default(),
        },
        environment: None,
        ending: None,
        share: parent.share.clone(),
        tags: parent.tags.clone(),
        ..*parent
    }
}

/// What a job waits for.
struct Needs {
    /// The size of the array job.
    size: Option<usize>,
    jobs: Vec<String>,
    /// Each child waits for the one before.
    sequential: bool,
    /// Each child waits for the child of the same index.
    same_index: Vec<String>,
}

impl Needs {
    fn read(state: &State, input: &Value, size: Option<usize>) -> Result<Needs, ApiError> {
        let given = input::list(input, "dependsOn");
        if given.len() > NEEDS {
            return Err(refused(format!("A job can depend on at most {NEEDS} jobs.")));
        }
        let mut needs = Needs {
            size,
            jobs: Vec::new(),
            sequential: false,
            same_index: Vec::new(),
        };
        for one in given {
            needs.add(state, input::text(one, "type"), input::text(one, "jobId"))?;
        }
        Ok(needs)
    }

    fn add(&mut self, state: &State, kind: Option<&str>, id: Option<&str>) -> Result<(), ApiError> {
        let job = id
            .map(|id| {
                state
                    .jobs
                    .get(id)
                    .ok_or_else(|| refused(format!("The job {id} of dependsOn does not exist.")))
            })
            .transpose()?;
        match (kind, job) {
            (None, Some(job)) => self.jobs.push(job.id.clone()),
            (Some("SEQUENTIAL"), None) if self.size.is_some() => self.sequential = true,
            (Some("N_TO_N"), Some(job)) if matches!((&job.part, self.size), (Part::Parent { size }, Some(own)) if *size == own) =>
            {
                self.same_index.push(job.id.clone());
            }
            (Some("SEQUENTIAL"), _) => {
                return Err(refused(
                    "A SEQUENTIAL dependency is for array jobs, and names no jobId.",
                ));
            }
            (Some("N_TO_N"), _) => {
                return Err(refused(
                    "An N_TO_N dependency is for array jobs, and names an array job of the same size.",
                ));
            }
            _ => {
                return Err(refused(
                    "Each entry of dependsOn needs a jobId, or a type SEQUENTIAL or N_TO_N.",
                ));
            }
        }
        Ok(())
    }

    /// The jobs that must succeed before a job or the child of that index. An array job itself waits for its children only.
    fn of(&self, id: &str, index: Option<usize>) -> Vec<String> {
        match (index, self.size) {
            (None, Some(_)) => Vec::new(),
            (None, None) => self.jobs.clone(),
            (Some(index), _) => {
                let before = index
                    .checked_sub(1)
                    .filter(|_| self.sequential)
                    .map(|before| format!("{id}:{before}"));
                let same = self.same_index.iter().map(|other| format!("{other}:{index}"));
                self.jobs.iter().cloned().chain(same).chain(before).collect()
            }
        }
    }
}

fn forget_old(state: &mut State) {
    let mut surplus = state.jobs.len().saturating_sub(KEPT);
    if surplus > 0 {
        // by the way some more, so that this is seldom done
        surplus += KEPT / 10;
        state.jobs.retain(|_, job| {
            let goes = surplus > 0 && job.status.is_final();
            surplus -= usize::from(goes);
            !goes
        });
    }
}
