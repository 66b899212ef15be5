//! The binary: all is in the library, so that another program can be this one, too.

use std::process::ExitCode;

fn main() -> ExitCode {
    comments_app::main_with(std::env::args_os())
}
