use std::io;
use std::path::PathBuf;

/// Why a process could not be started, tied to the lab, or told what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system did not start the program.
    #[error("cannot start `{}` in `{}`: {source}; do both exist, and is the first a program?", program.display(), folder.display())]
    Spawn {
        /// What was to be started.
        program: PathBuf,
        /// Where it was to be started.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The log of a child cannot be written.
    #[error("cannot open the log `{}` for `{}`: {source}", log.display(), program.display())]
    Log {
        /// The file.
        log: PathBuf,
        /// Whose log it is.
        program: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system gave no thread for starting processes.
    #[error("cannot start `{}`: there is no thread that starts processes; is the limit of threads reached (`ulimit -u`)?", program.display())]
    NoSpawner {
        /// What was to be started.
        program: PathBuf,
    },
    /// A program that only the lab starts was started by something else.
    #[error("only a lab starts this: the environment variable CHAOS_LAB_PARENT names no process")]
    NoParent,
    /// The lab ended before its child was tied to it.
    #[error("the lab that started this process has ended")]
    ParentGone,
    /// The kernel refused the death signal.
    #[error("cannot tie this process to the lab: {0}")]
    Tie(io::Error),
    /// `guard` without a program.
    #[error("guard needs a program to run: guard PARENT LAB_ID -- PROGRAM [ARGUMENT]…")]
    NoProgram,
    /// Options of the hog that it does not have, or values that it cannot use.
    #[error("the hog cannot use `{option}`: {reason}; it knows {known}", known = crate::hog::KNOWN)]
    Hog {
        /// The option as it was given.
        option: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system gave no thread for burning CPU.
    #[error("the hog cannot start a thread: {0}")]
    HogThread(io::Error),
}
