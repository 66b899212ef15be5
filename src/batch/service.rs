//! Calls of AWS Batch.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_batch::Client;
use aws_sdk_batch::config::http::HttpResponse;
use aws_sdk_batch::error::SdkError;
use aws_sdk_batch::operation::submit_job::SubmitJobError;
use aws_sdk_batch::types::{JobDetail, KeyValuesPair};
use chaos_aws::AwsError;

use super::request::{Environment, JobRequest};
use super::submit::Submitted;

/// DescribeJobs takes no more ids.
const IDS: usize = 100;
/// How often a throttled submission is tried.
const ATTEMPTS: u32 = 8;
/// The first wait after throttling; each one more is twice as long.
const BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// A call that failed for good.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The answer to a submission got lost, and no job of that name is to be seen.
    #[error("{cause}. Whether {name} was submitted is not known: look for it before you submit it again")]
    Unknown { name: String, cause: AwsError },
}

/// AWS Batch in one region.
#[derive(Clone, Debug)]
pub struct Service {
    client: Client,
    /// Without retries: SubmitJob takes no token by which AWS would know a submission again.
    once: Client,
}

/// What became of a submission that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Throttled,
    Refused,
    Unknown,
}

impl Service {
    /// Nothing is asked of AWS yet.
    pub fn new(sdk: &SdkConfig) -> Self {
        let once = aws_sdk_batch::config::Builder::from(sdk).retry_config(RetryConfig::disabled());
        Self {
            client: Client::new(sdk),
            once: Client::from_conf(once.build()),
        }
    }

    /// Submits a job, once: throttling is waited for, and after a lost answer the job is looked for by its name. `known` are
    /// jobs that may have the same name and are others.
    ///
    /// # Errors
    /// When Batch refuses, or cannot be reached.
    pub async fn submit(&self, job: &JobRequest, known: &[Submitted]) -> Result<Submitted, ServiceError> {
        let mut attempt = 1;
        loop {
            let error = match job.call(&self.once).send().await {
                Ok(answer) => {
                    return Ok(Submitted {
                        name: job.job_name.clone(),
                        id: answer.job_id().unwrap_or_default().to_owned(),
                    });
                }
                Err(error) => error,
            };
            match fate(&error) {
                Fate::Throttled if attempt < ATTEMPTS => tokio::time::sleep(backoff(attempt)).await,
                Fate::Unknown => return self.find(job, known, AwsError::of("SubmitJob", &error)).await,
                _ => return Err(AwsError::of("SubmitJob", &error).into()),
            }
            attempt += 1;
        }
    }

    /// The job that was submitted when its answer got lost with `cause`.
    async fn find(
        &self,
        job: &JobRequest,
        known: &[Submitted],
        cause: AwsError,
    ) -> Result<Submitted, ServiceError> {
        let by_name = KeyValuesPair::builder()
            .name("JOB_NAME")
            .values(&job.job_name)
            .build();
        let listed = self
            .client
            .list_jobs()
            .job_queue(&job.job_queue)
            .filters(by_name)
            .send()
            .await;
        let found = listed.ok().and_then(|listed| {
            let ids = listed
                .job_summary_list()
                .iter()
                .filter_map(|summary| summary.job_id());
            ids.filter(|id| known.iter().all(|other| other.id != *id))
                .map(str::to_owned)
                .next()
        });
        match found {
            Some(id) => Ok(Submitted {
                name: job.job_name.clone(),
                id,
            }),
            None => Err(ServiceError::Unknown {
                name: job.job_name.clone(),
                cause,
            }),
        }
    }

    /// The environment that a job definition gives its jobs; `definition` as SubmitJob takes it: name, `name:revision` or ARN.
    ///
    /// # Errors
    /// When Batch refuses, knows no such definition, or cannot be reached.
    pub async fn environment_of(&self, definition: &str) -> Result<Environment, ServiceError> {
        let asked = self.client.describe_job_definitions();
        // without a revision it is the latest that is active
        let asked = match definition.contains(':') {
            true => asked.job_definitions(definition),
            false => asked.job_definition_name(definition).status("ACTIVE"),
        };
        let answer = asked.send().await;
        let answer = answer.map_err(|error| AwsError::of("DescribeJobDefinitions", &error))?;
        let found = answer
            .job_definitions()
            .iter()
            .max_by_key(|found| found.revision());
        let found =
            found.ok_or_else(|| AwsError::because(format!("there is no job definition {definition}")))?;
        let mut environment = Environment::default();
        for pair in found
            .container_properties()
            .map(|container| container.environment())
            .unwrap_or_default()
        {
            if let (Some(name), Some(value)) = (pair.name(), pair.value()) {
                environment.set(name, value);
            }
        }
        Ok(environment)
    }

    /// The jobs of these ids, in the order of the ids; those that Batch does not know any more are left out.
    ///
    /// # Errors
    /// When Batch refuses, or cannot be reached.
    pub async fn describe(&self, ids: &[String]) -> Result<Vec<JobDetail>, ServiceError> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS) {
            let asked = self
                .client
                .describe_jobs()
                .set_jobs(Some(some.to_vec()))
                .send()
                .await;
            let answer = asked.map_err(|error| AwsError::of("DescribeJobs", &error))?;
            found.extend(answer.jobs.unwrap_or_default());
        }
        let place = |job: &JobDetail| ids.iter().position(|id| Some(id.as_str()) == job.job_id());
        found.sort_by_cached_key(place);
        Ok(found)
    }

    /// Ends a job, wherever it is: one that runs gets SIGTERM and 30 seconds for its rollbacks.
    ///
    /// # Errors
    /// When Batch refuses, or cannot be reached.
    pub async fn terminate(&self, id: &str, reason: &str) -> Result<(), ServiceError> {
        let asked = self.client.terminate_job().job_id(id).reason(reason).send().await;
        asked.map_err(|error| AwsError::of("TerminateJob", &error))?;
        Ok(())
    }
}

fn fate(error: &SdkError<SubmitJobError, HttpResponse>) -> Fate {
    let Some(answer) = error.raw_response() else {
        return match error {
            SdkError::ConstructionFailure(_) => Fate::Refused,
            _ => Fate::Unknown,
        };
    };
    let code = error
        .as_service_error()
        .and_then(|error| error.meta().code())
        .unwrap_or_default();
    match answer.status().as_u16() {
        429 => Fate::Throttled,
        400 if code.contains("Throttl") || code.contains("TooManyRequests") => Fate::Throttled,
        400..=499 => Fate::Refused,
        _ => Fate::Unknown,
    }
}

/// Between half of the wait and all of it, so that many callers do not come back at once.
fn backoff(attempt: u32) -> Duration {
    let whole = BACKOFF
        .saturating_mul(1 << (attempt - 1).min(10))
        .min(LONGEST_BACKOFF);
    let share = f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
    whole.mul_f64(0.5 + share / 2.0)
}
