//! The command line: which service to be.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tracing::error;

use crate::server::ServeError;
use crate::settings::{Environment, SettingError};
use crate::{api, logs, spamcheck, web};

/// The service ended on its own, or could not listen.
const FAILED: u8 = 1;
/// Wrong usage or a setting that makes no sense.
const MISUSED: u8 = 2;

/// The sample application: posts and threaded comments.
#[derive(Parser)]
#[command(name = "comments-app", version)]
struct Arguments {
    #[command(subcommand)]
    service: Service,
}

#[derive(Subcommand, Clone, Copy)]
enum Service {
    /// The public API and a small page; forwards to the api (port 3000)
    Web,
    /// Users, posts and comments, kept in a MySQL database (port 8080)
    Api,
    /// Tells spam from other texts (port 8000)
    Spamcheck,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Model(#[from] spamcheck::ModelError),
    #[error("cannot start the runtime: {0}")]
    Runtime(std::io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Setting(_) | Self::Model(_) => MISUSED,
            Self::Runtime(_) | Self::Serve(_) => FAILED,
        }
    }
}

/// Runs a service until it is told to stop (SIGTERM, SIGINT). The arguments begin with the program's name.
///
/// Exit codes: 0 stopped, 1 could not serve, 2 wrong usage or settings.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(message) => {
            let _ = message.print();
            return if message.use_stderr() {
                ExitCode::from(MISUSED)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match run(arguments.service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "comments-app: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(service: Service) -> Result<(), Failure> {
    let environment = Environment::of_process();
    logs::start(environment.log_level()?);
    // two workers are plenty for a task of a quarter of a core, and keep its memory small
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(4)
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    let ended = runtime.block_on(serve(service, &environment));
    // a name look-up that hangs must not hold the process
    runtime.shutdown_timeout(Duration::from_millis(100));
    if let Err(Failure::Serve(cause)) = &ended {
        error!(%cause, "cannot serve");
    }
    ended
}

async fn serve(service: Service, environment: &Environment) -> Result<(), Failure> {
    match service {
        Service::Web => web::run(web::Settings::read(environment)?).await?,
        Service::Api => api::run(api::Settings::read(environment)?).await?,
        Service::Spamcheck => {
            let settings = spamcheck::Settings::read(environment)?;
            let model = spamcheck::Model::load(settings.models_location.as_deref())?;
            spamcheck::run(settings, model).await?;
        }
    }
    Ok(())
}
