//! `chaos`: the Chaos Toolkit's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(chaos_starter_pack::cli::app::chaos(
        std::env::args_os().skip(1),
        leave,
    ))
}

/// For a user who will not wait for rollbacks, the journal or anything else.
#[allow(clippy::exit)]
fn leave() -> ! {
    std::process::exit(chaos_starter_pack::exit::NOT_AS_HOPED.into())
}
