//! All programs as one, which is the one that it is called as: they are nearly the same code, and an image holds it once.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::complain;
use super::start::start_chaos;
use super::submit::submit_job;

/// Runs the program by whose name this one was called, with its command line, that name first; returns the exit code. `leave` ends
/// the process at once.
pub fn one_program(line: impl IntoIterator<Item = OsString>, leave: fn() -> !) -> u8 {
    let mut line = line.into_iter();
    let called = line.next().unwrap_or_default();
    let name = Path::new(&called).file_name().and_then(OsStr::to_str);
    match name {
        Some("chaos") => super::chaos(line, leave),
        Some("start-chaos") => start_chaos(std::iter::once(called).chain(line), leave),
        Some("submit-job") => submit_job(std::iter::once(called).chain(line)),
        _ => complain("error: call this program as chaos, start-chaos or submit-job\n"),
    }
}
