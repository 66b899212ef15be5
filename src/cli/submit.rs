//! The command line of `submit-job`.

use std::path::PathBuf;

use clap::Parser;

use crate::batch::{Compute, Size};
use crate::upload::BucketPath;

/// Queue chaos experiments on AWS Batch: one job for each experiment.conf.
///
/// All files are read and their experiments validated before the first job is submitted. Region and credentials are those of
/// every AWS tool: AWS_REGION or AWS_DEFAULT_REGION, AWS_PROFILE, and so on.
///
/// Exit codes: 0 all was submitted (with --follow or --wait: and all jobs succeeded); 1 some jobs were not submitted, or a job
/// failed without an exit code; 2 wrong usage or configuration, nothing was submitted; with --follow or --wait otherwise that of
/// the first job that failed, which is that of start-chaos.
#[derive(Clone, Debug, Parser)]
#[command(name = "submit-job", version)]
pub struct SubmitArgs {
    /// Configuration files, or folders that hold an experiment.conf; seen from the working folder, which the image has as its own
    #[arg(value_name = "CONF", required = true)]
    pub configs: Vec<PathBuf>,

    /// The job queue: name or ARN
    #[arg(long, value_name = "NAME", env = "CHAOS_JOB_QUEUE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub queue: String,

    /// The job definition: name, name:revision or ARN
    #[arg(long, value_name = "NAME", env = "CHAOS_JOB_DEFINITION", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub job_definition: String,

    /// vCPUs of a job
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = vcpu)]
    pub vcpu: f64,

    /// Memory of a job, in MiB
    #[arg(long, value_name = "MIB", default_value = "2048")]
    pub memory: u32,

    /// What the queue runs on: Fargate offers some sizes only
    #[arg(long, value_name = "KIND", value_enum, default_value = "fargate")]
    pub compute: Compute,

    /// A variable of the jobs' environment; repeatable. Without a value, the value that it has here. Not for secrets
    #[arg(short = 'e', long = "env", value_name = "KEY=value")]
    pub env: Vec<String>,

    /// The section of the files to use; the jobs get it as CHAOS_CONTEXT [default: what the job definition says, else DEFAULT]
    #[arg(long, env = "CHAOS_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,

    /// Where the jobs upload journals and logs; they get it as CHAOS_JOURNALS_BUCKET [default: what the job definition says]
    #[arg(long, env = "CHAOS_JOURNALS_BUCKET", value_name = "BUCKET", value_parser = bucket)]
    pub journals_bucket: Option<String>,

    /// Seconds after which an attempt gets SIGTERM, and 30 seconds for its rollbacks
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = clap::value_parser!(i32).range(60..=1_209_600))]
    pub timeout: i32,

    /// How often a job is started, if its machine is taken away; a later attempt recovers and does not inject again
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..=10))]
    pub attempts: Option<i32>,

    /// Let each job wait for the success of the one before
    #[arg(long)]
    pub sequential: bool,

    /// Make each job an array of this many, for load: AWS_BATCH_JOB_ARRAY_INDEX tells them apart
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(2..=10_000))]
    pub array_size: Option<i32>,

    /// A tag of the jobs; repeatable
    #[arg(long = "tag", value_name = "KEY=value", value_parser = tag)]
    pub tags: Vec<(String, String)>,

    /// The share of a queue with a fair-share policy
    #[arg(long, value_name = "NAME")]
    pub share_identifier: Option<String>,

    /// The priority within the share, 0 to 9999
    #[arg(long, value_name = "NUMBER", requires = "share_identifier", value_parser = clap::value_parser!(i32).range(0..=9999))]
    pub priority: Option<i32>,

    /// Read the files, and leave the validation of their experiments to the jobs
    #[arg(long)]
    pub no_validation: bool,

    /// Print the requests as JSON, secret-looking values masked; submit nothing
    #[arg(long, conflicts_with_all = ["follow", "wait"])]
    pub dry_run: bool,

    /// Print what was submitted, and how it ended, as JSON
    #[arg(long)]
    pub json: bool,

    /// Show state changes and the jobs' logs until all have ended; exit with the outcome
    #[arg(short, long)]
    pub follow: bool,

    /// Show state changes until all have ended; exit with the outcome
    #[arg(short, long, conflicts_with = "follow")]
    pub wait: bool,

    /// On Ctrl-C or SIGTERM, end the jobs without asking
    #[arg(long)]
    pub cancel_on_interrupt: bool,

    /// Seconds between two looks at the jobs
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub interval: f64,
}

impl SubmitArgs {
    /// What a job gets of a machine.
    pub fn size(&self) -> Size {
        Size {
            vcpu: self.vcpu,
            memory: self.memory,
        }
    }

    /// Stay until the jobs have ended?
    pub fn stays(&self) -> bool {
        self.follow || self.wait
    }
}

fn vcpu(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "write a number above 0, as 0.25 or 2".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.1..=3600.0).contains(number));
    number.ok_or_else(|| "write a number of seconds from 0.1 to 3600".to_owned())
}

/// Checked here, because a job would find out too late.
fn bucket(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let checked = text.parse::<BucketPath>();
    checked
        .map(|_| text.to_owned())
        .map_err(|fault| fault.to_string())
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && key.len() <= 128 && value.len() <= 256 => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err("write KEY=value, the key of at most 128 characters, the value of at most 256".to_owned()),
    }
}
