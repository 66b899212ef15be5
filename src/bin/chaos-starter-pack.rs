//! `chaos`, `start-chaos` and `submit-job` in one file, for the container's image: built with the feature `one-program`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(chaos_starter_pack::cli::app::one::one_program(
        std::env::args_os(),
        leave,
    ))
}

/// For a user who will not wait for rollbacks, the journal or anything else.
#[allow(clippy::exit)]
fn leave() -> ! {
    std::process::exit(chaos_starter_pack::exit::NOT_AS_HOPED.into())
}
