//! From configuration files to jobs: everything that can be found wrong is found before anything is submitted.

use std::path::{Path, PathBuf};

use chaos_engine::host::Host;
use chrono::{DateTime, Utc};

use super::request::{CONFIG_FILE, CONTEXT, Environment, JobRequest, Overrides, VARIABLES, job_name};
use crate::cli::log::Scrubber;
use crate::conf::{self, ConfError, RunRequest, VarOverride};
use crate::launch::{LaunchError, Session};

/// What all jobs of a call have in common.
#[derive(Clone, Debug)]
pub struct Order {
    /// A job without configuration file, name and dependency.
    pub job: JobRequest,
    /// What the job definition sets, below what the job itself is given.
    pub defaults: Environment,
    /// Read the configuration files, and leave the experiments to the job.
    pub no_validation: bool,
    /// When the jobs are named.
    pub at: DateTime<Utc>,
}

/// A job that can be submitted.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The configuration file as the job is told it.
    pub config: String,
    pub request: JobRequest,
}

/// A configuration file of which no job can be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Conf(#[from] ConfError),
    #[error("{}: {source}", config.display())]
    Experiment {
        config: PathBuf,
        source: Box<LaunchError>,
    },
    #[error("CHAOS_VAR: {0}")]
    Variable(#[from] conf::VariableFault),
    #[error(
        "{} is outside of the working folder, so its place in the container's image cannot be told; go to the folder that the image has as its own, where library/ is",
        .0.display()
    )]
    Outside(PathBuf),
    #[error("{} is not UTF-8, so that a job cannot be told of it", .0.display())]
    Name(PathBuf),
}

/// Makes a job of each configuration file, in their order. Must be called inside a `LocalSet`.
///
/// # Errors
/// The first file that cannot be read in the job's context, or whose experiment is not valid.
pub async fn plan(host: &Host, order: &Order, configs: &[PathBuf]) -> Result<Vec<Planned>, PlanError> {
    let there = in_job(
        host,
        [&order.defaults, &order.job.container_overrides.environment],
    );
    let mut planned = Vec::new();
    for config in configs {
        let request = read(&there, config)?;
        if !order.no_validation {
            validate(&there, &request)
                .await
                .map_err(|source| PlanError::Experiment {
                    config: config.clone(),
                    source: Box::new(source),
                })?;
        }
        planned.push(order.job_of(host, &request)?);
    }
    Ok(planned)
}

/// The environment as it is here, with what the job is given. Variables of ours that are set here only are none of the job's.
fn in_job(host: &Host, given: [&Environment; 2]) -> Host {
    let mut there = host.clone();
    for name in [CONTEXT, VARIABLES] {
        there.remove_var(name);
    }
    for (name, value) in given.into_iter().flat_map(Environment::iter) {
        there.set_var(name, value);
    }
    there
}

fn read(there: &Host, config: &Path) -> Result<RunRequest, PlanError> {
    let lines = there.var(VARIABLES).unwrap_or_default().lines();
    let vars = lines.map(str::trim).filter(|line| !line.is_empty());
    let overrides = conf::Overrides {
        vars: vars.map(str::parse::<VarOverride>).collect::<Result<_, _>>()?,
        ..conf::Overrides::default()
    };
    Ok(RunRequest::load(there, config, there.var(CONTEXT), &overrides)?)
}

async fn validate(there: &Host, request: &RunRequest) -> Result<(), LaunchError> {
    let mut there = there.clone();
    there.cwd.clone_from(&request.working_folder);
    let settings = request.settings.clone();
    let settings = settings.unwrap_or_else(|| chaos_engine::settings::default_path(&there));
    // nobody asks for a stop here: what Python code wants of a run has no run to go to
    let session = Session::new(there, &settings, Scrubber::default(), std::process::abort);
    let source = request.experiment.to_string();
    let loaded = session.load_experiment(&source, true, &[]).await;
    let valid = match loaded {
        Ok(document) => session.validate(&source, &document).await,
        Err(error) => Err(error),
    };
    session.close().await;
    valid
}

impl Order {
    fn job_of(&self, host: &Host, request: &RunRequest) -> Result<Planned, PlanError> {
        let config = in_image(host, &request.config_file)?;
        let folder = request.working_folder.file_name().unwrap_or_default();
        let mut job = self.job.clone();
        job.job_name = job_name(self.at, &folder.to_string_lossy());
        job.container_overrides = Overrides {
            environment: with_config(&self.job.container_overrides.environment, &config),
            ..job.container_overrides
        };
        Ok(Planned { config, request: job })
    }
}

/// The file's path below the working folder, which the image has as its own.
fn in_image(host: &Host, config: &Path) -> Result<String, PlanError> {
    let inside = config
        .strip_prefix(&host.cwd)
        .map_err(|_| PlanError::Outside(config.to_owned()))?;
    let plain = inside
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    match (plain, inside.to_str()) {
        (false, _) => Err(PlanError::Outside(config.to_owned())),
        (_, None) => Err(PlanError::Name(config.to_owned())),
        (true, Some(text)) => Ok(text.to_owned()),
    }
}

fn with_config(environment: &Environment, config: &str) -> Environment {
    let mut all = Environment::default();
    all.set(CONFIG_FILE, config);
    environment.iter().for_each(|(name, value)| all.set(name, value));
    all
}
