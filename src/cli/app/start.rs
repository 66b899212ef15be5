//! `start-chaos`: an experiment.conf, a run, an upload, an exit code.

mod attempt;
mod call;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use chaos_engine::document::variables::parse_var;
use chaos_engine::host::Host;
use chaos_engine::run::RunError;
use chaos_engine::run::event::Observer;
use chaos_engine::run::plan::Schedule;
use tracing::{error, warn};

use super::list::list;
use super::{block_on, complain};
use crate::cli::start::{StartArgs, StartCommand};
use crate::conf::{self, RunRequest};
use crate::exit;
use crate::launch::{self, BatchJob, Here, LaunchError, RunOptions, Session};
use attempt::{Attempt, Begin};
use call::{Aws, Call};

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

fn run(args: &StartArgs, mut host: Host, request: &RunRequest, leave: fn() -> !) -> u8 {
    let call = match Call::open(args.verbose, &mut host, &request.working_folder, &request.context) {
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
    let job = match BatchJob::of(&host) {
        Ok(job) => job,
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
            .checking_aws()
            .annotating(job.as_ref().map(BatchJob::annotation).unwrap_or_default());
        // the first process of a container would else never hear of a signal that comes before the run begins
        let _watch = job.is_some().then(|| session.watch_signals());
        // credentials may stand in variable files; what is wrong with these is told by the run
        let _ = session.read_variables(&options.var_files, &options.vars);
        let code = match session.stop.guard(make_ready(&session, args, request, job)).await {
            Ok(Ok((aws, begin))) => play(&session, &call, options, aws, begin).await,
            Ok(Err(reason)) => {
                error!("{reason}");
                exit::USAGE
            }
            Err(_) => {
                error!("{}", LaunchError::Stopped);
                exit::USAGE
            }
        };
        session.close().await;
        code
    };
    finish(work)
}

/// Finds out where results go and, in a Batch job, what is left to do.
async fn make_ready(
    session: &Session,
    args: &StartArgs,
    request: &RunRequest,
    job: Option<BatchJob>,
) -> Result<(Aws, Begin), String> {
    let host = session.host.borrow().clone();
    let mut aws = Aws::prepare(&host, args.journals_bucket(), args.results_topic_arn()).await?;
    let here = Here::new(&host, &request.journal_path, &request.var_files);
    let Some(job) = job else {
        return Ok((aws, Begin::Afresh(here)));
    };
    let attempt = Attempt::new(job, aws.bucket.as_ref());
    let begin = attempt.begin(here).await?;
    aws.attempt = Some(attempt);
    Ok((aws, begin))
}

/// Runs the experiment, or what an earlier attempt has left of it.
async fn play(session: &Session, call: &Call, options: RunOptions, aws: Aws, begin: Begin) -> u8 {
    let (here, died) = match begin {
        Begin::Over(code) => return code,
        Begin::Afresh(here) => (here, false),
        Begin::Recovering(here) => (here, true),
    };
    let mirror = aws.attempt.as_ref();
    let mirror = mirror
        .and_then(|attempt| attempt.mirror(&here, &call.scrubber, died))
        .map(Rc::new);
    let mut observers = call.terminal.observers();
    observers.extend(mirror.clone().map(|mirror| mirror as Rc<dyn Observer>));
    let finished = match died {
        true => launch::recover_here(session, &here, observers).await,
        false => launch::run(session, options, observers).await,
    };
    // nothing is copied any more
    drop(mirror);
    let not_begun = matches!(
        finished,
        Err(LaunchError::Run(RunError::Unsettled(_) | RunError::Unrecorded(_)))
    );
    if let Some(attempt) = aws.attempt.as_ref().filter(|_| not_begun) {
        attempt.withdraw().await;
    }
    call.conclude(session, finished, aws).await
}

fn recover(args: &StartArgs, mut host: Host, path: &Path, leave: fn() -> !) -> u8 {
    let place = match launch::locate(path) {
        Ok(place) => place,
        Err(error) => return complain(&format!("error: {error}\n")),
    };
    let call = match Call::open(args.verbose, &mut host, &place.folder, "") {
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
