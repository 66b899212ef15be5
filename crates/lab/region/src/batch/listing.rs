//! DescribeJobs and ListJobs

use serde_json::{Map, Value, json};

use super::job::{Job, Part, STATUSES};
use super::resources::bare;
use super::{State, integer, queues, refused};
use crate::wire::{Answer, ApiError};
use crate::{Region, input};

/// Jobs of an answer of DescribeJobs.
const MOST: usize = 100;

/// DescribeJobs: unknown ids are left out.
pub fn describe(region: &Region, input: &Value) -> Answer {
    let ids = input::texts(input, "jobs");
    if ids.is_empty() || ids.len() > MOST {
        return Err(refused(format!("jobs must name 1 to {MOST} jobs.")));
    }
    let state = region.state();
    let jobs = ids.iter().filter_map(|id| state.batch.jobs.get(bare(id)));
    Ok(json!({ "jobs": jobs.map(|job| job.described(summary(&state.batch, job))).collect::<Value>() }))
}

/// How many children of an array job are in which status.
fn summary(state: &State, job: &Job) -> Option<Value> {
    let Part::Parent { size } = job.part else {
        return None;
    };
    let mut counts: Map<String, Value> = STATUSES
        .iter()
        .map(|(_, name)| ((*name).to_owned(), json!(0)))
        .collect();
    for index in 0..size {
        if let Some(child) = state.jobs.get(&format!("{}:{index}", job.id))
            && let Some(count) = counts.get_mut(child.status.name())
        {
            *count = json!(count.as_i64().unwrap_or_default() + 1);
        }
    }
    Some(Value::Object(counts))
}

/// ListJobs: of a queue or an array job, the latest ones first. Without filters and without a status those that run.
pub fn list(region: &Region, input: &Value) -> Answer {
    let filter = Filter::read(input)?;
    let mut state = region.state();
    let queue = match (input::text(input, "jobQueue"), input::text(input, "arrayJobId")) {
        (Some(queue), None) => Some(
            queues::find(&mut state.batch, queue)?
                .text("jobQueueArn")
                .to_owned(),
        ),
        (None, Some(_)) => None,
        _ => return Err(refused("Give one of jobQueue and arrayJobId.")),
    };
    let array = input::text(input, "arrayJobId");
    let within = |job: &Job| match (&queue, &job.part) {
        (Some(queue), part) => job.queue == *queue && !matches!(part, Part::Child { .. }),
        (None, Part::Child { parent, .. }) => Some(parent.as_str()) == array,
        (None, _) => false,
    };
    let most = usize::try_from(integer(input, "maxResults")?.unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let after = input::text(input, "nextToken");
    let newest = state
        .batch
        .jobs
        .values()
        .rev()
        .filter(|job| within(job) && filter.admits(job));
    let mut rest = newest
        .skip_while(|job| after.is_some_and(|after| job.id != after))
        .skip(usize::from(after.is_some()));
    let page: Vec<&Job> = rest.by_ref().take(most).collect();
    let last = page.last().filter(|_| rest.next().is_some()).map(|job| &job.id);
    let summaries = page.iter().map(|job| job.summarized(summary(&state.batch, job)));
    Ok(json!({ "jobSummaryList": summaries.collect::<Value>(), "nextToken": last }))
}

/// What ListJobs lets through: a status, or one filter.
enum Filter {
    Status(String),
    Named { name: String, values: Vec<String> },
}

/// The names of filters.
const FILTERS: [&str; 5] = [
    "JOB_NAME",
    "JOB_DEFINITION",
    "BEFORE_CREATED_AT",
    "AFTER_CREATED_AT",
    "SHARE_IDENTIFIER",
];

impl Filter {
    fn read(input: &Value) -> Result<Filter, ApiError> {
        let status = input::text(input, "jobStatus").unwrap_or("RUNNING");
        if !STATUSES.iter().any(|(_, name)| *name == status) {
            return Err(refused(format!(
                "The jobStatus {status} is none of those that jobs have."
            )));
        }
        match input::list(input, "filters") {
            [] => Ok(Filter::Status(status.to_owned())),
            [filter] => {
                let name = super::required(filter, "name")?.to_owned();
                let known = FILTERS.contains(&name.as_str());
                known
                    .then(|| Filter::Named {
                        name: name.clone(),
                        values: input::texts(filter, "values"),
                    })
                    .ok_or_else(|| refused(format!("{name} is none of the filters {}.", FILTERS.join(", "))))
            }
            _ => Err(refused("Only one filter can be used at a time.")),
        }
    }

    fn admits(&self, job: &Job) -> bool {
        match self {
            Filter::Status(status) => job.status.name() == status,
            Filter::Named { name, values } => values.iter().any(|value| fits(job, name, value)),
        }
    }
}

fn fits(job: &Job, filter: &str, value: &str) -> bool {
    let time = || value.parse::<i64>().ok();
    match filter {
        "JOB_NAME" => like(value, &job.name),
        "JOB_DEFINITION" => {
            let full = bare(&job.definition);
            let name = full.split(':').next().unwrap_or_default();
            value == job.definition || like(value, full) || like(value, name)
        }
        "BEFORE_CREATED_AT" => time().is_some_and(|time| job.created < time),
        "AFTER_CREATED_AT" => time().is_some_and(|time| job.created > time),
        _ => job.share.as_deref().is_some_and(|share| like(value, share)),
    }
}

/// Case does not count; a `*` at the end stands for anything.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    pattern
        .strip_suffix('*')
        .map_or(pattern == text, |front| text.starts_with(front))
}
