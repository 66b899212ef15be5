//! `chaos-lab`: a small AWS on one machine, with a real application in it.

use std::process::ExitCode;

fn main() -> ExitCode {
    chaos_lab::main_with(std::env::args_os())
}
