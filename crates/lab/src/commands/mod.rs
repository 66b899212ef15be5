//! What the commands do. The only place of the lab that prints.

mod log;
mod run;
mod standing;
mod up;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use chaos_starter_pack::exit;
use clap::Parser as _;

use crate::cli::{Command, Line};
use crate::error::Error;

/// Runs a command line.
pub fn run(line: Vec<OsString>) -> ExitCode {
    let line = match Line::try_parse_from(line) {
        Ok(line) => line,
        Err(error) => {
            // clap knows whether this is help or a usage error, and where it goes
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    let outcome = match line.command {
        Command::Run(args) => block_on(run::run(args)),
        Command::Up(args) => block_on(up::up(args)),
        Command::Status { which, json } => block_on(standing::status(which, json)),
        Command::Down { which } => block_on(standing::down(which)),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(exit::USAGE)
        }
    }
}

/// The future runs on the main thread: children started from it are tied to the life of that thread.
fn block_on(work: impl Future<Output = Result<u8, Error>>) -> Result<u8, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    runtime.block_on(work)
}

/// Says a line to the person at the terminal.
fn say(line: &str) {
    // nobody reads it if this fails
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says what happens in the lab.
fn tell(line: &str) {
    say(&format!("lab | {line}"));
}

/// Prints what was asked for.
fn print(text: &str) {
    // nobody reads it if this fails
    let _ = writeln!(std::io::stdout(), "{text}");
}
