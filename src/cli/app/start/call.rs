//! What a start and a recovery have in common: the log in the run's folder, and everything that follows a run.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use chaos_engine::host::Host;
use chaos_engine::value::{Value, python};
use tracing::{error, info, warn};

use super::attempt::Attempt;
use crate::cli::app::terminal::{self, Terminal};
use crate::cli::command::{Globals, LogFormat, LogLevel};
use crate::cli::log::{LogError, Scrubber};
use crate::exit;
use crate::launch::{Finished, LaunchError, Session};
use crate::upload::{
    Artifacts, Bucket, BucketPath, Cause, Outcome, RunHead, TopicArn, publish_outcome, sdk_config,
};

/// How long uploads may take once Batch wants the job to end: it leaves 30 s for these and the rollbacks.
const AFTER_SIGNAL: Duration = Duration::from_secs(10);

/// What a start or a recovery has before it has a session.
pub(super) struct Call {
    pub(super) terminal: Terminal,
    pub(super) scrubber: Scrubber,
    context: String,
    log: PathBuf,
}

impl Call {
    /// Moves to the run's folder and opens its log there.
    pub(super) fn open(verbose: bool, host: &mut Host, folder: &Path, context: &str) -> Result<Self, String> {
        let moved = std::env::set_current_dir(folder);
        moved.map_err(|reason| format!("the folder {} cannot be used: {reason}", folder.display()))?;
        host.cwd = folder.to_owned();
        let globals = Globals {
            verbose,
            no_version_check: true,
            change_dir: None,
            log_file: Some("chaostoolkit.log".into()),
            log_file_level: LogLevel::Debug,
            log_format: LogFormat::String,
            settings: None,
        };
        let scrubber = Scrubber::default();
        let terminal = terminal::open(&globals, host, scrubber.clone()).map_err(|error| match error {
            LogError::File { path, source } => format!(
                "the run's log {} cannot be written: {source}; the folder of the configuration file is where a run \
                 works and logs: make it writable, or copy it to a place that is",
                path.display()
            ),
            other => other.to_string(),
        })?;
        let log = folder.join("chaostoolkit.log");
        Ok(Self {
            terminal,
            scrubber,
            context: context.to_owned(),
            log,
        })
    }

    /// The outcome's exit code, after everything that follows a run.
    pub(super) async fn conclude(
        &self,
        session: &Session,
        finished: Result<Finished, LaunchError>,
        aws: Aws,
    ) -> u8 {
        let finished = match finished {
            Ok(finished) => finished,
            Err(error) => {
                error!("{error}");
                return match error {
                    LaunchError::Journal { .. } => exit::NOT_AS_HOPED,
                    _ => exit::USAGE,
                };
            }
        };
        self.terminal.show_summary(&finished.journal);
        info!("The journal is {}", finished.path.display());
        let code = exit_code(&finished);
        let _watch = session.watch_signals();
        let publish = self.publish(&finished, code, &aws);
        if let Some(code) = in_time(session, aws.attempt.is_some(), publish).await {
            return code;
        }
        error!(
            "The upload was interrupted: {} and {} stay",
            finished.path.display(),
            self.log.display()
        );
        match code {
            exit::DONE => exit::UPLOAD_FAILED,
            code => code,
        }
    }

    /// Uploads, then tells the topic, whatever the outcome. A failure of either matters only after a good run.
    async fn publish(&self, finished: &Finished, code: u8, aws: &Aws) -> u8 {
        let mut failed = false;
        let mut journal = None;
        if let Some(bucket) = &aws.bucket {
            match self.upload(bucket, finished).await {
                Ok(key) => journal = Some(key),
                Err(reason) => {
                    error!("{reason}");
                    failed = true;
                }
            }
        }
        let worse = |failed: bool| match code {
            exit::DONE if failed => exit::UPLOAD_FAILED,
            code => code,
        };
        if let (Some(topic), Some(sdk)) = (&aws.topic, &aws.sdk) {
            let outcome = self.outcome(finished, worse(failed), journal.clone());
            match publish_outcome(sdk, topic, &outcome).await {
                Ok(id) => info!("The outcome is published to {} as {id}", topic.as_str()),
                Err(reason) => {
                    error!("{reason}");
                    failed = true;
                }
            }
        }
        if let Some(attempt) = &aws.attempt {
            attempt.conclude(finished, worse(failed), journal).await;
        }
        worse(failed)
    }

    async fn upload(&self, bucket: &Bucket, finished: &Finished) -> Result<String, String> {
        let head = RunHead::of_journal(&finished.path).map_err(|cause: Cause| cause.to_string())?;
        let artifacts = Artifacts {
            journal: finished.path.clone(),
            log: self.log.clone(),
        };
        let uploaded = bucket
            .upload(&head, &artifacts)
            .await
            .map_err(|error| error.to_string())?;
        info!("Journal and log are in {}/", uploaded.folder);
        Ok(format!("{}/journal.json", uploaded.folder))
    }

    fn outcome(&self, finished: &Finished, exit_code: u8, journal: Option<String>) -> Outcome {
        let text = |key: &str| {
            finished
                .journal
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let title = finished
            .journal
            .get("experiment")
            .and_then(|experiment| experiment.get("title"));
        Outcome {
            title: title.map(python::text).unwrap_or_default(),
            status: text("status"),
            deviated: finished.journal.get("deviated").is_some_and(python::truthy),
            exit_code,
            context: self.context.clone(),
            start: text("start"),
            end: text("end"),
            duration: finished
                .journal
                .get("duration")
                .and_then(Value::as_f64)
                .unwrap_or(0.0),
            journal,
        }
    }
}

/// Where results go; found out before anything is injected.
#[derive(Default)]
pub(super) struct Aws {
    sdk: Option<aws_config::SdkConfig>,
    pub(super) bucket: Option<Bucket>,
    topic: Option<TopicArn>,
    /// The attempt of a Batch job that this is.
    pub(super) attempt: Option<Attempt>,
}

impl Aws {
    /// # Errors
    /// When the bucket cannot be used.
    pub(super) async fn prepare(
        host: &Host,
        bucket: Option<BucketPath>,
        topic: Option<TopicArn>,
    ) -> Result<Self, String> {
        if bucket.is_none() && topic.is_none() {
            return Ok(Self::default());
        }
        let sdk = sdk_config(host).await.map_err(|error| error.to_string())?;
        let mut bucket = bucket.map(|target| Bucket::new(&sdk, target));
        if let Some(bucket) = &mut bucket
            && let Some(warning) = bucket.preflight().await.map_err(|error| error.to_string())?
        {
            warn!("{warning}");
        }
        Ok(Self {
            sdk: Some(sdk),
            bucket,
            topic,
            attempt: None,
        })
    }
}

/// Does work that a signal ends: at once, or in a Batch job, which nobody sits before, a little later.
async fn in_time<T>(session: &Session, in_batch: bool, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    if !in_batch {
        return session.stop.guard(work).await.ok();
    }
    if session.stop.signals() == 0
        && let Ok(done) = session.stop.guard(&mut work).await
    {
        return Some(done);
    }
    let limited = tokio::time::timeout(AFTER_SIGNAL, work);
    session.stop.guard(limited).await.ok()?.ok()
}

/// 4 tells a pipeline that nothing was tried, which the Chaos Toolkit counts as a success.
fn exit_code(finished: &Finished) -> u8 {
    match finished.exit_code() {
        exit::DONE if finished.was_not_steady() => exit::NOT_STEADY,
        code => code,
    }
}
