//! chaos-lab: an AWS-like target on one machine, with the comments application in it, where faults are real. See docs/lab.md.

mod address;
mod children;
mod cli;
mod commands;
mod error;
mod folder;
mod lab;
mod narrator;
mod registry;
mod seed;
mod status;
mod view;
mod visitors;

use std::ffi::OsString;
use std::process::ExitCode;

pub use error::Error;

/// Runs the command line, the program's name first.
pub fn main_with(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line: Vec<OsString> = line.into_iter().collect();
    match children::play(&line) {
        Some(code) => code,
        None => commands::run(line),
    }
}
