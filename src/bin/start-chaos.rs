//! `start-chaos`: runs the experiment that an experiment.conf describes, and keeps its journal.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(chaos_starter_pack::cli::app::start::start_chaos(
        std::env::args_os(),
        leave,
    ))
}

/// For a user who will not wait for rollbacks, the journal or anything else.
#[allow(clippy::exit)]
fn leave() -> ! {
    std::process::exit(chaos_starter_pack::exit::NOT_AS_HOPED.into())
}
