//! From a command line to an exit code: sets up the log and the runtime, and calls what the command names.

mod list;
mod native;
pub mod one;
pub mod start;
pub mod submit;
mod terminal;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use chaos_engine::host::Host;
use chaos_engine::run::plan::{HypothesisStrategy, Schedule};
use chaos_engine::value::{Map, Value};
use tracing::{debug, error, info, warn};

use super::chaos::{self, MISSPELT, Stop};
use super::command::{
    Command, DiscoverArgs, FailAzArgs, Globals, InfoTarget, InitArgs, LoadArgs, RunArgs, SettingsCommand,
};
use super::log::Scrubber;
use super::{discover, fail_az, info as information, init, load, settings};
use crate::discovery::Document;
use crate::exit;
use crate::iam::Needs;
use crate::launch::{self, LaunchError, RunOptions, Session};
use terminal::Terminal;

/// Runs `chaos` with these arguments, the program's name left out, and returns the exit code. `leave` ends the
/// process at once.
pub fn chaos(arguments: impl IntoIterator<Item = OsString>, leave: fn() -> !) -> u8 {
    let mut host = match Host::current() {
        Ok(host) => host,
        Err(error) => return complain(&format!("error: the working folder cannot be told: {error}\n")),
    };
    let invocation = match chaos::parse(arguments, &host.cwd) {
        Ok(invocation) => invocation,
        Err(stop) => return end(&stop, &host),
    };
    let globals = invocation.globals;
    let vars = match convert_vars(&invocation.command, &globals) {
        Ok(vars) => vars,
        Err(stop) => return end(&stop, &host),
    };
    let scrubber = Scrubber::default();
    let terminal = match terminal::open(&globals, &host, scrubber.clone()) {
        Ok(terminal) => terminal,
        Err(error) => {
            complain(&format!("error: {error}\n"));
            return exit::NOT_AS_HOPED;
        }
    };
    debug!("chaos {} on {}", invocation.command.name(), host.cwd.display());
    if let Some(folder) = &globals.change_dir {
        warn!("Moving to {}", folder.display());
        host.cwd = host.resolve(folder);
        if let Err(reason) = std::env::set_current_dir(&host.cwd) {
            error!("Cannot move to {}: {reason}", host.cwd.display());
            return exit::NOT_AS_HOPED;
        }
    }
    let call = Call {
        globals,
        terminal,
        scrubber,
        leave,
    };
    call.dispatch(invocation.command, host, vars)
}

/// Prints what stands instead of a command: help, the version, a usage error.
fn end(stop: &Stop, host: &Host) -> u8 {
    if let Some(globals) = &stop.globals {
        // the peer has opened its log file by then, so there is one afterwards
        let _ = terminal::open(globals, host, Scrubber::default());
    }
    if stop.code == exit::DONE {
        // nobody reads it if this fails
        let _ = io::stdout().write_all(stop.text.as_bytes());
        return stop.code;
    }
    complain(&stop.text)
}

/// Says why nothing was done, where there is no log yet.
pub(super) fn complain(text: &str) -> u8 {
    let _ = io::stderr().write_all(text.as_bytes());
    exit::USAGE
}

fn convert_vars(command: &Command, globals: &Globals) -> Result<Vec<(String, Value)>, Stop> {
    let Command::Run(run) = command else {
        return Ok(Vec::new());
    };
    let convert = |text: &String| {
        chaos_engine::document::variables::parse_var(text).map_err(|error| {
            Stop::bad_value(
                "--var",
                text.split('=').next().unwrap_or(text),
                &error.to_string(),
                globals,
            )
        })
    };
    run.vars.iter().map(convert).collect()
}

/// Runs asynchronous work to its end, on this thread.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = tokio::task::LocalSet::new();
    let result = local.block_on(&runtime, work);
    // a blocking call that nobody waits for must not keep the process
    runtime.shutdown_background();
    Ok(result)
}

/// A call of `chaos` that has its log.
struct Call {
    globals: Globals,
    terminal: Terminal,
    scrubber: Scrubber,
    leave: fn() -> !,
}

impl Call {
    fn dispatch(&self, command: Command, host: Host, vars: Vec<(String, Value)>) -> u8 {
        let settings_path = self.globals.settings_path(&host);
        match command {
            Command::Settings(command) => self.settings(&command, &settings_path),
            Command::Info(target) => self.info(target, &settings_path),
            Command::Init(args) => self.init(&args, &host),
            Command::FailAz(args) => self.fail_az(args, host),
            Command::Load(args) => self.load(*args, &host),
            command => self.block_on(self.in_session(command, host, vars)),
        }
    }

    fn block_on(&self, work: impl Future<Output = u8>) -> u8 {
        block_on(work).unwrap_or_else(|reason| {
            error!("The program cannot start its runtime: {reason}");
            exit::USAGE
        })
    }

    fn fail_az(&self, args: FailAzArgs, host: Host) -> u8 {
        let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
        self.block_on(async {
            let Err(reason) = fail_az::execute(args, host, &mut input, &mut output).await else {
                return exit::DONE;
            };
            error!("{reason}");
            reason.exit_code()
        })
    }

    fn load(&self, args: LoadArgs, host: &Host) -> u8 {
        let display = self.terminal.load_display(args.quiet, host);
        let out = &mut io::stdout();
        self.block_on(async {
            load::execute(args, host, display, out)
                .await
                .unwrap_or_else(|reason| {
                    error!("{reason}");
                    reason.exit_code()
                })
        })
    }

    async fn in_session(&self, command: Command, host: Host, vars: Vec<(String, Value)>) -> u8 {
        let settings_path = self.globals.settings_path(&host);
        let session = Session::new(host, &settings_path, self.scrubber.clone(), self.leave);
        let code = match command {
            Command::Run(args) => self.run(&session, *args, vars).await,
            Command::Validate(args) => {
                let valid = launch::validate(&session, &args.source, !args.no_verify_tls).await;
                valid.map_or_else(|error| refuse(&error), |()| exit::DONE)
            }
            Command::IamPolicy(args) => iam_policy(&session, &args.source, !args.no_verify_tls).await,
            Command::Recover(args) => {
                let path = args.path.unwrap_or_else(|| Path::new(".").to_owned());
                let recovered =
                    launch::recover(&session, &path, args.rollback_strategy, self.terminal.observers()).await;
                self.conclude(recovered)
            }
            Command::Discover(args) => self.discover(&session, &args).await,
            Command::Settings(_)
            | Command::Info(_)
            | Command::Init(_)
            | Command::FailAz(_)
            | Command::Load(_) => exit::USAGE,
        };
        session.close().await;
        code
    }

    async fn run(&self, session: &Session, args: RunArgs, vars: Vec<(String, Value)>) -> u8 {
        if args.hypothesis_strategy.as_deref() == Some(MISSPELT) {
            warn!("'{MISSPELT}' is a misspelling: write 'continuously'");
        }
        let options = RunOptions {
            source: args.source,
            journal: args.journal_path,
            dry: args.dry,
            no_validation: args.no_validation,
            no_verify_tls: args.no_verify_tls,
            rollbacks: args.rollback_strategy,
            hypothesis: args
                .hypothesis_strategy
                .as_deref()
                .and_then(HypothesisStrategy::parse),
            schedule: Schedule {
                frequency: args.hypothesis_frequency,
                fail_fast: args.fail_fast,
                fail_fast_ratio: args.fail_fast_ratio,
            },
            vars,
            var_files: args.var_files,
            control_files: args.control_files,
        };
        let finished = launch::run(session, options, self.terminal.observers()).await;
        self.conclude(finished)
    }

    fn conclude(&self, finished: Result<launch::Finished, LaunchError>) -> u8 {
        match finished {
            Ok(finished) => {
                self.terminal.show_summary(&finished.journal);
                finished.exit_code()
            }
            Err(error) => refuse(&error),
        }
    }

    fn settings(&self, command: &SettingsCommand, path: &Path) -> u8 {
        let content = match chaos_engine::settings::load(path) {
            // an empty file is not a missing one
            Ok(content) => content.or_else(|| path.is_file().then(Map::new)).map(Value::Map),
            Err(reason) => {
                error!("{reason}");
                return exit::NOT_AS_HOPED;
            }
        };
        report(settings::execute(
            command,
            path,
            content,
            &mut io::stdout().lock(),
        ))
    }

    fn info(&self, target: InfoTarget, settings_path: &Path) -> u8 {
        let out = &mut io::stdout().lock();
        report(match target {
            InfoTarget::Core => information::core(
                env!("CARGO_PKG_VERSION"),
                chaos_engine::journal::CHAOSLIB_VERSION,
                out,
            ),
            InfoTarget::Settings => information::settings(settings_path, out),
            InfoTarget::Extensions => information::extensions(&native::extensions(), out),
        })
    }

    fn init(&self, args: &InitArgs, host: &Host) -> u8 {
        let catalogue = native::documents()
            .into_iter()
            .flat_map(|document| document.activities)
            .collect();
        let input = &mut io::stdin().lock();
        report(init::execute(
            args,
            &host.cwd,
            catalogue,
            input,
            &mut io::stdout().lock(),
        ))
    }

    async fn discover(&self, session: &Session, args: &DiscoverArgs) -> u8 {
        let path = session.host.borrow().resolve(&args.discovery_path);
        let documents = native::documents();
        if let Some(document) = discover::native(&args.package, &documents) {
            return report(discover::save(document, &path));
        }
        info!("Looking into the Python package '{}'", args.package);
        match session
            .bridge
            .discover(&args.package, !args.no_system_info, !args.no_install)
            .await
        {
            Ok(found) => match Document::from_value(&found) {
                Ok(document) => report(discover::save(&document, &path)),
                Err(reason) => report::<(), _>(Err(reason)),
            },
            Err(reason) => report::<(), _>(Err(reason)),
        }
    }
}

/// Prints the policy, and says in the log what it is for and what nobody can tell.
async fn iam_policy(session: &Session, source: &str, verify_tls: bool) -> u8 {
    let loaded = session.load_experiment(source, verify_tls, &[]).await;
    let experiment = match loaded.and_then(launch::as_experiment) {
        Ok(experiment) => experiment,
        Err(error) => return refuse(&error),
    };
    let needs = Needs::of(&experiment, &crate::catalogue());
    for name in &needs.unknown {
        warn!("{name} is Python: what it calls is not in the policy");
    }
    if let Some(role) = &needs.role {
        info!("The policy is for the role {role}; who runs the experiment needs only sts:AssumeRole on it");
    }
    let policy = chaos_engine::value::json::pretty(&needs.to_policy());
    report(writeln!(io::stdout().lock(), "{policy}"))
}

/// Logs why there is no run.
pub(super) fn refuse(error: &LaunchError) -> u8 {
    error!("{error}");
    error.exit_code()
}

fn report<T, E: std::fmt::Display>(result: Result<T, E>) -> u8 {
    match result {
        Ok(_) => exit::DONE,
        Err(reason) => {
            error!("{reason}");
            exit::NOT_AS_HOPED
        }
    }
}
