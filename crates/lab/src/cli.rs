//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The gateway's port where nothing else is said.
pub const PORT: u16 = 4566;
/// The port of Toxiproxy's API, as the original has it.
pub const TOXIPROXY_PORT: u16 = 8474;

/// A small AWS on one machine, with the comments application in it, to run experiments against: tasks are real processes, requests
/// really fail, the database really restarts. No account, no containers.
///
/// Exit codes: of `run`, those of start-chaos (0 completed, 1 deviated or failed, 4 not steady before the method); otherwise 0 done,
/// 2 wrong usage or a lab that could not be started.
#[derive(Debug, Parser)]
#[command(name = "chaos-lab", version, disable_help_subcommand = true)]
pub struct Line {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a lab, run one experiment in it, and tear it down
    Run(RunArgs),
    /// Start a lab and keep it until Ctrl-C, SIGTERM or `chaos-lab down`
    Up(UpArgs),
    /// Show services, tasks, targets, alarms and the database of a running lab
    Status {
        #[command(flatten)]
        which: Which,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// End a running lab
    Down {
        #[command(flatten)]
        which: Which,
    },
}

/// What a lab is made with.
#[derive(Clone, Debug, Args)]
pub struct LabArgs {
    /// How much faster than AWS the lab's own clockwork runs: boots, health checks, alarm periods, reboots
    #[arg(long, value_name = "FACTOR", default_value_t = 10.0, value_parser = speed)]
    pub speed: f64,

    /// How many tasks each service keeps
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=4))]
    pub tasks: u32,

    /// How many EC2 instances carry the spamcheck service
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub instances: u32,

    /// Make an Aurora and a DocumentDB cluster of two instances each, too
    #[arg(long)]
    pub clusters: bool,

    /// Leave out the scaling policies: services keep their number of tasks
    #[arg(long)]
    pub no_autoscaling: bool,

    /// A variable of a service's environment, such as `api:SPAMCHECK_FALLBACK=refuse`; repeatable. Services: web, api, spamcheck
    #[arg(long = "env", value_name = "SERVICE:NAME=VALUE", value_parser = variable)]
    pub environment: Vec<Variable>,

    /// Deny clients what this IAM policy does not allow, such as the one that `chaos iam-policy` prints for an experiment
    #[arg(long, value_name = "FILE")]
    pub iam_policy: Option<PathBuf>,

    /// Which server the RDS instance is: mariadb needs `mariadbd`; embedded is always there; auto takes MariaDB where it is installed
    #[arg(long, value_enum, default_value_t = Database::Auto)]
    pub database: Database,

    /// Where the lab keeps its files; removed at the end unless it is named here [default: a new temporary folder]
    #[arg(long, value_name = "PATH")]
    pub folder: Option<PathBuf>,

    /// Port of Toxiproxy's API, 0 for any free one
    #[arg(long, value_name = "PORT")]
    pub toxiproxy_port: Option<u16>,

    /// Port of the status page, 0 for any free one [default: any free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub status_port: u16,

    /// Show what the lab does in detail
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Clone, Debug, Args)]
pub struct UpArgs {
    /// Port of the AWS services, 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    pub port: u16,

    /// Requests a second that the lab's own visitors send to the application
    #[arg(long, value_name = "RATE", default_value_t = 0)]
    pub visitors: u32,

    #[command(flatten)]
    pub lab: LabArgs,
}

#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// The experiment.conf, or a folder that holds one
    #[arg(value_name = "CONF")]
    pub conf: PathBuf,

    /// The section of the file to use
    #[arg(long, value_name = "NAME", default_value = "lab")]
    pub context: String,

    /// Port of the AWS services, 0 for any free one [default: 4566, or any free one where that is taken]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,

    /// Requests a second that the lab's own visitors send to the application, so that failures show
    #[arg(long, value_name = "RATE", default_value_t = 20)]
    pub visitors: u32,

    #[command(flatten)]
    pub lab: LabArgs,

    /// Options for start-chaos, such as `-- --var acceptable_downtime:int=5`
    #[arg(last = true, value_name = "START_CHAOS_OPTIONS")]
    pub options: Vec<OsString>,
}

/// Which of the labs that run.
#[derive(Clone, Copy, Debug, Args)]
pub struct Which {
    /// Port of its AWS services, where several labs run
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Database {
    Auto,
    Mariadb,
    Embedded,
}

/// A variable of a service's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The service's short name.
    pub service: String,
    pub name: String,
    pub value: String,
}

fn variable(text: &str) -> Result<Variable, String> {
    let services = crate::seed::names::SERVICES.map(|(short, _, _)| short);
    let parts = text
        .split_once(':')
        .and_then(|(service, pair)| Some((service, pair.split_once('=')?)));
    match parts {
        Some((service, (name, value))) if services.contains(&service) && !name.is_empty() => Ok(Variable {
            service: service.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
        }),
        _ => Err(format!(
            "SERVICE:NAME=VALUE, where the service is one of {}",
            services.join(", ")
        )),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.1..=100.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 0.1 to 100".to_owned()),
    }
}
