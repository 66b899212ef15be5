//! Jobs from their submission to their end.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_batch::types::{JobDetail, JobStatus};
use serde::Serialize;

use super::logs::{self, Reader};
use super::service::{Service, ServiceError};
use super::submit::Submitted;
use crate::exit;

/// Children of larger array jobs are not followed one by one: the array job's own status tells enough.
const CHILDREN: i32 = 100;
/// How often the logs of a job that has ended are asked for more: what it wrote last arrives some seconds later.
const LAST_LOOKS: u32 = 3;

/// Hears what happens to jobs.
pub trait Teller {
    /// A job has another state now; `more` says why.
    fn state(&mut self, job: &str, state: &str, more: &str);
    /// A job wrote this.
    fn line(&mut self, job: &str, line: &str);
    /// Something about following itself.
    fn warn(&mut self, text: &str);
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    pub job_name: String,
    pub job_id: String,
    /// `SUCCEEDED` or `FAILED`.
    pub status: String,
    /// That of the container, where it got so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What Batch says of the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub attempts: usize,
}

impl Ended {
    /// The exit code that tells this outcome: the job's own, or 1 where it failed without one.
    pub fn code(&self) -> u8 {
        let own = self.exit_code.and_then(|code| u8::try_from(code).ok());
        match self.status == JobStatus::Succeeded.as_str() {
            true => exit::DONE,
            false => own
                .filter(|code| *code != exit::DONE)
                .unwrap_or(exit::NOT_AS_HOPED),
        }
    }

    fn of(job: &JobDetail) -> Self {
        let container = job.container();
        let reasons = [
            job.status_reason(),
            container.and_then(|container| container.reason()),
        ];
        let reasons: Vec<&str> = reasons
            .into_iter()
            .flatten()
            .filter(|reason| !reason.is_empty())
            .collect();
        Self {
            job_name: shown_name(job),
            job_id: job.job_id().unwrap_or_default().to_owned(),
            status: status(job).as_str().to_owned(),
            exit_code: container.and_then(|container| container.exit_code()),
            reason: Some(reasons.join("; ")).filter(|text| !text.is_empty()),
            attempts: job.attempts().len(),
        }
    }
}

/// Follows some jobs.
pub struct Follow {
    service: Service,
    reader: Option<Reader>,
    interval: Duration,
    states: HashMap<String, JobStatus>,
    last_looks: HashMap<String, u32>,
    /// The logs could not be read: said once.
    complained: bool,
}

impl Follow {
    /// Asks Batch each `interval`; reads logs, too, `with_logs`.
    pub fn new(sdk: &SdkConfig, service: Service, interval: Duration, with_logs: bool) -> Self {
        Self {
            service,
            reader: with_logs.then(|| Reader::new(sdk)),
            interval,
            states: HashMap::new(),
            last_looks: HashMap::new(),
            complained: false,
        }
    }

    /// Waits until all jobs have ended and all that they wrote was told; gives how they ended, in their order. Can be dropped
    /// and called again.
    ///
    /// # Errors
    /// When Batch cannot be asked any more; the jobs go on.
    pub async fn to_the_end(
        &mut self,
        jobs: &[Submitted],
        teller: &mut dyn Teller,
    ) -> Result<Vec<Ended>, ServiceError> {
        let ids: Vec<String> = jobs.iter().map(|job| job.id.clone()).collect();
        loop {
            let found = self.service.describe(&ids).await?;
            let children = self.service.describe(&children_of(&found)).await?;
            let mut open = false;
            for job in found.iter().chain(&children) {
                self.tell_state(job, teller);
                open |= self.tell_lines(job, teller).await;
                open |= !is_final(status(job));
            }
            // a job that was just submitted may not be there to be seen yet
            if !open && found.len() == ids.len() {
                return Ok(outcomes(&found, &children));
            }
            tokio::time::sleep(self.interval).await;
        }
    }

    fn tell_state(&mut self, job: &JobDetail, teller: &mut dyn Teller) {
        let (id, now) = (job.job_id().unwrap_or_default(), status(job).clone());
        if self.states.get(id) == Some(&now) {
            return;
        }
        let ended = Ended::of(job);
        let mut more = ended
            .reason
            .clone()
            .filter(|_| is_final(&now))
            .unwrap_or_default();
        if let Some(code) = ended.exit_code.filter(|_| is_final(&now)) {
            let separator = if more.is_empty() { "" } else { "; " };
            more = format!("exit code {code}{separator}{more}");
        }
        teller.state(&ended.job_name, now.as_str(), &more);
        self.states.insert(id.to_owned(), now);
    }

    /// Tells new lines of a job's attempts. More may come?
    async fn tell_lines(&mut self, job: &JobDetail, teller: &mut dyn Teller) -> bool {
        let Some(reader) = &mut self.reader else {
            return false;
        };
        let streams = logs::streams(job);
        if streams.is_empty() && job.container().is_some_and(|it| !logs::goes_to_cloudwatch(it)) {
            return false;
        }
        let mut any = false;
        for stream in &streams {
            match reader.lines(stream).await {
                Ok(lines) => {
                    any |= !lines.is_empty();
                    lines.iter().for_each(|line| teller.line(&shown_name(job), line));
                }
                Err(error) if self.complained => drop(error),
                Err(error) => {
                    self.complained = true;
                    teller.warn(&format!(
                        "the logs cannot be read, the jobs are watched without them: {error}"
                    ));
                }
            }
        }
        if !is_final(status(job)) || streams.is_empty() {
            return false;
        }
        let looks = self
            .last_looks
            .entry(job.job_id().unwrap_or_default().to_owned())
            .or_default();
        *looks = if any { 0 } else { *looks + 1 };
        *looks < LAST_LOOKS && !self.complained
    }
}

/// The ids of an array job's children, where they are few enough to follow each.
fn children_of(jobs: &[JobDetail]) -> Vec<String> {
    let size = |job: &JobDetail| {
        job.array_properties()
            .and_then(|array| array.size())
            .unwrap_or_default()
    };
    let few = jobs.iter().filter(|job| size(job) <= CHILDREN);
    let children = few.flat_map(|job| {
        let id = job.job_id().unwrap_or_default();
        (0..size(job)).map(move |index| format!("{id}:{index}"))
    });
    children.collect()
}

/// How jobs ended; an array job has the exit code of its first child that failed.
fn outcomes(jobs: &[JobDetail], children: &[JobDetail]) -> Vec<Ended> {
    let code = |parent: &Ended| {
        let prefix = format!("{}:", parent.job_id);
        let of_it = children
            .iter()
            .map(Ended::of)
            .filter(|child| child.job_id.starts_with(&prefix));
        of_it
            .filter(|child| child.code() != exit::DONE)
            .find_map(|child| child.exit_code)
    };
    let ended = jobs.iter().map(Ended::of).map(|ended| Ended {
        exit_code: ended.exit_code.or_else(|| code(&ended)),
        ..ended
    });
    ended.collect()
}

/// The job's name; with its index for the child of an array job.
fn shown_name(job: &JobDetail) -> String {
    let name = job.job_name().unwrap_or_default();
    match job.array_properties().and_then(|array| array.index()) {
        Some(index) => format!("{name}:{index}"),
        None => name.to_owned(),
    }
}

fn status(job: &JobDetail) -> &JobStatus {
    job.status().unwrap_or(&JobStatus::Submitted)
}

fn is_final(status: &JobStatus) -> bool {
    matches!(status, JobStatus::Succeeded | JobStatus::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(status: JobStatus, exit_code: Option<i32>) -> Ended {
        Ended {
            job_name: "j".to_owned(),
            job_id: "i".to_owned(),
            status: status.as_str().to_owned(),
            exit_code,
            reason: None,
            attempts: 1,
        }
    }

    #[test]
    fn the_exit_code_is_the_jobs_own() {
        assert_eq!(ended(JobStatus::Succeeded, Some(0)).code(), exit::DONE);
        assert_eq!(ended(JobStatus::Succeeded, None).code(), exit::DONE);
        assert_eq!(ended(JobStatus::Failed, Some(4)).code(), exit::NOT_STEADY);
        assert_eq!(ended(JobStatus::Failed, Some(137)).code(), 137);
        assert_eq!(ended(JobStatus::Failed, None).code(), exit::NOT_AS_HOPED);
        assert_eq!(ended(JobStatus::Failed, Some(0)).code(), exit::NOT_AS_HOPED);
    }
}
