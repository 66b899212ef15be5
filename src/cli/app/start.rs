//! `start-chaos`: an experiment.conf, a run, an upload, an exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chaos_engine::document::variables::parse_var;
use chaos_engine::host::Host;
use chaos_engine::run::plan::Schedule;
use chaos_engine::value::{Value, python};
use tracing::{error, info, warn};

use super::list::list;
use super::terminal::{self, Terminal};
use super::{block_on, complain};
use crate::cli::command::{Globals, LogFormat, LogLevel};
use crate::cli::log::{LogError, Scrubber};
use crate::cli::start::{StartArgs, StartCommand};
use crate::conf::{self, RunRequest};
use crate::exit;
use crate::launch::{self, Finished, LaunchError, RunOptions, Session};
use crate::upload::{
    Artifacts, Bucket, BucketPath, Cause, Outcome, RunHead, TopicArn, publish_outcome, sdk_config,
};

/// Runs `start-chaos` with this command line, the program's name first, and returns the exit code. `leave` ends the
/// process at once.
pub fn start_chaos(line: impl IntoIterator<Item = OsString>, leave: fn() -> !) -> u8 {
    let args = match StartArgs::parse_line(line) {
        Ok(args) => args,
        Err(error) => {
            // clap knows whether this is help or a usage error, and where it goes
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(exit::USAGE);
        }
    };
    match Host::current() {
        Ok(host) => dispatch(&args, host, leave),
        Err(error) => complain(&format!("error: the working folder cannot be told: {error}\n")),
    }
}

fn dispatch(args: &StartArgs, host: Host, leave: fn() -> !) -> u8 {
    match &args.command {
        Some(StartCommand::Recover { path }) => {
            let path = host.resolve(path.as_deref().unwrap_or(Path::new(".")));
            return recover(args, host, &path, leave);
        }
        Some(StartCommand::List { folder }) => return list(&host, folder),
        None => {}
    }
    let config = args.config_file.clone().unwrap_or_default();
    if args.list_contexts {
        return match conf::contexts(&host, &config) {
            Ok(contexts) => print(&(contexts.join("\n") + "\n")),
            Err(error) => complain(&format!("error: {error}\n")),
        };
    }
    let request = match RunRequest::load(&host, &config, args.context.as_deref(), &args.overrides()) {
        Ok(request) => request,
        Err(error) => return complain(&format!("error: {error}\n")),
    };
    if args.print_run {
        return print(&conf::print_run(&request, &host.cwd));
    }
    run(args, host, &request, leave)
}

pub(super) fn print(text: &str) -> u8 {
    // nobody reads it if this fails
    let _ = io::stdout().write_all(text.as_bytes());
    exit::DONE
}

/// What a start or a recovery has before it has a session.
struct Call {
    terminal: Terminal,
    scrubber: Scrubber,
    context: String,
    log: PathBuf,
}

impl Call {
    /// Moves to the run's folder and opens its log there.
    fn open(args: &StartArgs, host: &mut Host, folder: &Path, context: &str) -> Result<Self, String> {
        let moved = std::env::set_current_dir(folder);
        moved.map_err(|reason| format!("the folder {} cannot be used: {reason}", folder.display()))?;
        host.cwd = folder.to_owned();
        let globals = Globals {
            verbose: args.verbose,
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
    async fn conclude(&self, session: &Session, finished: Result<Finished, LaunchError>, aws: Aws) -> u8 {
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
        match session.stop.guard(self.publish(&finished, code, aws)).await {
            Ok(code) => code,
            Err(_) => {
                error!(
                    "The upload was interrupted: {} and {} stay",
                    finished.path.display(),
                    self.log.display()
                );
                if code == exit::DONE {
                    exit::UPLOAD_FAILED
                } else {
                    code
                }
            }
        }
    }

    /// Uploads, then tells the topic, whatever the outcome. A failure of either matters only after a good run.
    async fn publish(&self, finished: &Finished, code: u8, aws: Aws) -> u8 {
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
        let code = if failed && code == exit::DONE {
            exit::UPLOAD_FAILED
        } else {
            code
        };
        if let (Some(topic), Some(sdk)) = (&aws.topic, &aws.sdk) {
            let outcome = self.outcome(finished, code, journal);
            match publish_outcome(sdk, topic, &outcome).await {
                Ok(id) => info!("The outcome is published to {} as {id}", topic.as_str()),
                Err(reason) => {
                    error!("{reason}");
                    return if code == exit::DONE {
                        exit::UPLOAD_FAILED
                    } else {
                        code
                    };
                }
            }
        }
        code
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
struct Aws {
    sdk: Option<aws_config::SdkConfig>,
    bucket: Option<Bucket>,
    topic: Option<TopicArn>,
}

impl Aws {
    /// # Errors
    /// When the bucket cannot be used.
    async fn prepare(
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
        })
    }
}

/// 4 tells a pipeline that nothing was tried, which the Chaos Toolkit counts as a success.
fn exit_code(finished: &Finished) -> u8 {
    match finished.exit_code() {
        exit::DONE if finished.was_not_steady() => exit::NOT_STEADY,
        code => code,
    }
}

fn run(args: &StartArgs, mut host: Host, request: &RunRequest, leave: fn() -> !) -> u8 {
    let call = match Call::open(args, &mut host, &request.working_folder, &request.context) {
        Ok(call) => call,
        Err(reason) => return complain(&format!("error: {reason}\n")),
    };
    let secrets = request.var_overrides.iter().filter_map(conf::VarOverride::secret);
    secrets.for_each(|secret| call.scrubber.add(secret));
    request.warnings.iter().for_each(|warning| warn!("{warning}"));
    let options = match options(request) {
        Ok(options) => options,
        Err(reason) => {
            error!("{reason}");
            return exit::USAGE;
        }
    };
    let settings = request.settings.clone();
    let settings = settings.unwrap_or_else(|| chaos_engine::settings::default_path(&host));
    let work = async {
        let session = Session::new(host, &settings, call.scrubber.clone(), leave)
            .masking_journals()
            .checking_aws();
        // credentials may stand in variable files; what is wrong with these is told by the run
        let _ = session.read_variables(&options.var_files, &options.vars);
        let host = session.host.borrow().clone();
        let aws = match Aws::prepare(&host, args.journals_bucket(), args.results_topic_arn()).await {
            Ok(aws) => aws,
            Err(reason) => {
                error!("{reason}");
                return exit::USAGE;
            }
        };
        let finished = launch::run(&session, options, call.terminal.observers()).await;
        let code = call.conclude(&session, finished, aws).await;
        session.close().await;
        code
    };
    finish(work)
}

fn recover(args: &StartArgs, mut host: Host, path: &Path, leave: fn() -> !) -> u8 {
    let place = match launch::locate(path) {
        Ok(place) => place,
        Err(error) => return complain(&format!("error: {error}\n")),
    };
    let call = match Call::open(args, &mut host, &place.folder, "") {
        Ok(call) => call,
        Err(reason) => return complain(&format!("error: {reason}\n")),
    };
    let settings = chaos_engine::settings::default_path(&host);
    let work = async {
        let session = Session::new(host, &settings, call.scrubber.clone(), leave).masking_journals();
        // what is owed is played even if its journal cannot be uploaded then
        let host = session.host.borrow().clone();
        let aws = Aws::prepare(&host, args.journals_bucket(), args.results_topic_arn())
            .await
            .unwrap_or_else(|reason| {
                error!("{reason}");
                Aws::default()
            });
        let recovered = launch::recover(&session, &place.wal, None, call.terminal.observers()).await;
        let code = call.conclude(&session, recovered, aws).await;
        session.close().await;
        code
    };
    finish(work)
}

fn finish(work: impl Future<Output = u8>) -> u8 {
    block_on(work).unwrap_or_else(|reason| complain(&format!("error: the program cannot start: {reason}\n")))
}

fn options(request: &RunRequest) -> Result<RunOptions, String> {
    let convert = |var: &conf::VarOverride| {
        parse_var(&var.argument()).map_err(|error| format!("variable '{}': {error}", var.name()))
    };
    let default = Schedule::default();
    Ok(RunOptions {
        source: request.experiment.to_string(),
        journal: request.journal_path.clone(),
        dry: request.dry,
        no_validation: false,
        no_verify_tls: false,
        rollbacks: Some(request.rollback_strategy.clone()),
        hypothesis: request.hypothesis_strategy,
        schedule: Schedule {
            frequency: request.hypothesis_frequency.unwrap_or(default.frequency),
            fail_fast: request.fail_fast.unwrap_or(default.fail_fast),
            fail_fast_ratio: request.fail_fast_ratio.unwrap_or(default.fail_fast_ratio),
        },
        vars: request
            .var_overrides
            .iter()
            .map(convert)
            .collect::<Result<_, _>>()?,
        var_files: request.var_files.clone(),
        control_files: Vec::new(),
    })
}
