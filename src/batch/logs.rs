//! What jobs write: their streams in CloudWatch Logs.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_batch::types::{ContainerDetail, JobDetail, LogDriver};
use aws_sdk_cloudwatchlogs::Client;
use chaos_aws::AwsError;

/// Where Batch's jobs write unless their definition says otherwise.
const GROUP: &str = "/aws/batch/job";
const GROUP_OPTION: &str = "awslogs-group";

/// A log group and a stream in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stream {
    group: String,
    name: String,
}

/// The streams of all attempts of a job, the first attempt's first; none where its logs go elsewhere.
pub(super) fn streams(job: &JobDetail) -> Vec<Stream> {
    let Some(container) = job.container().filter(|container| goes_to_cloudwatch(container)) else {
        return Vec::new();
    };
    let options = container.log_configuration().and_then(|log| log.options());
    let group = options
        .and_then(|options| options.get(GROUP_OPTION))
        .map_or(GROUP, String::as_str);
    let attempts = job
        .attempts()
        .iter()
        .filter_map(|attempt| attempt.container()?.log_stream_name());
    let mut names: Vec<&str> = attempts.collect();
    names.extend(container.log_stream_name());
    names.dedup();
    let stream = |name: &str| Stream {
        group: group.to_owned(),
        name: name.to_owned(),
    };
    names.into_iter().map(stream).collect()
}

/// Are the job's logs where they can be read?
pub(super) fn goes_to_cloudwatch(container: &ContainerDetail) -> bool {
    let driver = container.log_configuration().and_then(|log| log.log_driver());
    driver.is_none_or(|driver| *driver == LogDriver::Awslogs)
}

/// Reads streams onwards from where it was.
pub(super) struct Reader {
    client: Client,
    places: HashMap<Stream, String>,
}

impl Reader {
    pub fn new(sdk: &SdkConfig) -> Self {
        let client = Client::new(sdk);
        let places = HashMap::new();
        Self { client, places }
    }

    /// The lines that came since the last call.
    ///
    /// # Errors
    /// When they may not be read, or CloudWatch Logs cannot be reached. A stream that is not there yet has no lines.
    pub async fn lines(&mut self, stream: &Stream) -> Result<Vec<String>, AwsError> {
        let mut lines = Vec::new();
        loop {
            let place = self.places.get(stream).cloned();
            let asked = self
                .client
                .get_log_events()
                .log_group_name(&stream.group)
                .log_stream_name(&stream.name)
                .start_from_head(true)
                .set_next_token(place.clone());
            let answer = match asked.send().await {
                Ok(answer) => answer,
                Err(error) if is_missing(&error) => return Ok(lines),
                Err(error) => return Err(AwsError::of("GetLogEvents", &error)),
            };
            let next = answer.next_forward_token.clone();
            lines.extend(
                answer
                    .events
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|event| event.message),
            );
            // the end is where the token stays the same
            match next {
                Some(next) if Some(&next) != place.as_ref() => self.places.insert(stream.clone(), next),
                _ => return Ok(lines),
            };
        }
    }
}

fn is_missing<R>(
    error: &aws_sdk_cloudwatchlogs::error::SdkError<
        aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsError,
        R,
    >,
) -> bool {
    error
        .as_service_error()
        .is_some_and(|error| error.is_resource_not_found_exception())
}
