//! `submit-job`: queues experiments as AWS Batch jobs.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(chaos_starter_pack::cli::app::submit::submit_job(
        std::env::args_os(),
    ))
}
