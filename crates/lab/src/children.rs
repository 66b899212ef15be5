//! The parts that the lab's program plays as its own child: one binary is the lab, the application's services, the CPU hog and the
//! runner of experiments.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use chaos_lab_processes::{CpuLimit, HogConfig, guard, hog, tie_to_parent, warden};

/// The exit code of a child that cannot begin.
const BROKEN: u8 = 70;
/// How many cores a task may use; ECS gives it to each container.
const CORES: &str = "CHAOS_LAB_CORES";

/// Plays the part that the first argument names, or gives nothing: then this process is the lab itself.
pub fn play(line: &[OsString]) -> Option<ExitCode> {
    let part = line.get(1)?.to_str()?;
    let rest = line.get(2..).unwrap_or_default().to_vec();
    match part {
        "comments-app" => Some(tied(|| comments_app::main_with(named("comments-app", rest)))),
        // comes back only when the program could not be started
        "guard" => Some(broken(&guard(rest))),
        "hog" => Some(tied(burn)),
        "start-chaos" => Some(tied(|| {
            let line = named("start-chaos", rest);
            ExitCode::from(chaos_starter_pack::cli::app::start::start_chaos(line, leave))
        })),
        "warden" => Some(warden(rest)),
        _ => None,
    }
}

/// Runs a part once it is sure to end with the lab.
fn tied(part: impl FnOnce() -> ExitCode) -> ExitCode {
    match tie_to_parent() {
        Ok(()) => part(),
        Err(error) => broken(&error),
    }
}

/// Burns CPU as `HOG_CONFIG` says, at most as many cores as its task has.
fn burn() -> ExitCode {
    let cores = std::env::var(CORES)
        .ok()
        .and_then(|cores| cores.parse().ok())
        .unwrap_or(1.0);
    let burned = HogConfig::from_environment().and_then(|config| hog(&config, CpuLimit::cores(cores)));
    match burned {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => broken(&error),
    }
}

/// What a child says goes into its log.
fn broken(error: &chaos_lab_processes::Error) -> ExitCode {
    // nobody reads it if this fails
    let _ = writeln!(std::io::stderr(), "chaos-lab: {error}");
    ExitCode::from(BROKEN)
}

fn named(name: &str, rest: Vec<OsString>) -> Vec<OsString> {
    std::iter::once(OsString::from(name)).chain(rest).collect()
}

/// For a user who will not wait for rollbacks, the journal or anything else.
#[allow(clippy::exit)]
fn leave() -> ! {
    std::process::exit(chaos_starter_pack::exit::NOT_AS_HOPED.into())
}
