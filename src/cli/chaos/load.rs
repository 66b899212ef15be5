//! The options of `chaos load`, which are those of `k6 run` as far as they mean something here.

use std::path::PathBuf;

use clap::Args;

use crate::cli::command::LoadArgs;

#[derive(Debug, Args)]
pub struct LoadOptions {
    /// The k6 script
    #[arg(value_name = "SCRIPT")]
    script: PathBuf,
    /// Virtual users
    #[arg(short = 'u', long, value_name = "N")]
    vus: Option<u64>,
    /// How long, as 30s or 1h2m3s
    #[arg(short = 'd', long, value_name = "TIME")]
    duration: Option<String>,
    /// Iterations of all users together
    #[arg(short = 'i', long, value_name = "N")]
    iterations: Option<u64>,
    /// A stage of a ramp, as 10s:5; may be repeated
    #[arg(short = 's', long = "stage", value_name = "TIME:VUS")]
    stages: Vec<String>,
    /// A variable for __ENV; may be repeated
    #[arg(short = 'e', long = "env", value_name = "NAME=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,
    /// A tag for all samples; may be repeated
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = pair)]
    tags: Vec<(String, String)>,
    /// Requests per second at most, of all users
    #[arg(long, value_name = "N")]
    rps: Option<u64>,
    /// The user agent of requests
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Accept any TLS certificate
    #[arg(long)]
    insecure_skip_tls_verify: bool,
    /// Log requests and responses, with their bodies if `full`
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "headers")]
    http_debug: Option<String>,
    /// Leave out setup()
    #[arg(long)]
    no_setup: bool,
    /// Leave out teardown()
    #[arg(long)]
    no_teardown: bool,
    /// Ignore thresholds
    #[arg(long)]
    no_thresholds: bool,
    /// Write the summary to a JSON file, in k6's form
    #[arg(long, value_name = "FILE")]
    summary_export: Option<PathBuf>,
    /// The columns of trends in the summary, as avg,p(95)
    #[arg(long, value_name = "STATS")]
    summary_trend_stats: Option<String>,
    /// The unit of times in the summary: s, ms or us
    #[arg(long, value_name = "UNIT")]
    summary_time_unit: Option<String>,
    /// Show no summary
    #[arg(long)]
    no_summary: bool,
    /// Show no live line
    #[arg(short = 'q', long)]
    quiet: bool,
    /// Memory that the script of each virtual user may use
    #[arg(long, value_name = "MIB", default_value_t = 128)]
    user_memory: usize,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

impl From<LoadOptions> for LoadArgs {
    fn from(options: LoadOptions) -> Self {
        Self {
            script: options.script,
            vus: options.vus,
            duration: options.duration,
            iterations: options.iterations,
            stages: options.stages,
            env: options.env,
            tags: options.tags,
            rps: options.rps,
            user_agent: options.user_agent,
            insecure_skip_tls_verify: options.insecure_skip_tls_verify,
            http_debug: options.http_debug,
            no_setup: options.no_setup,
            no_teardown: options.no_teardown,
            no_thresholds: options.no_thresholds,
            summary_export: options.summary_export,
            summary_trend_stats: options.summary_trend_stats,
            summary_time_unit: options.summary_time_unit,
            no_summary: options.no_summary,
            quiet: options.quiet,
            user_memory: options.user_memory,
        }
    }
}
