//! The exit codes of a program that runs a load test, as k6 has them.

use super::{AbortedBy, End, LoadError, Report};

/// The test ran to its end, and its thresholds hold. Exceptions in single iterations do not change that.
pub const DONE: u8 = 0;
/// A threshold was crossed.
pub const THRESHOLDS: u8 = 99;
/// `setup()` took longer than `setupTimeout`.
pub const SETUP_TIMEOUT: u8 = 100;
/// `teardown()` took longer than `teardownTimeout`.
pub const TEARDOWN_TIMEOUT: u8 = 101;
/// Options, thresholds or scenarios that cannot be used.
pub const INVALID_OPTIONS: u8 = 104;
/// The caller ended the test: a signal, say.
pub const INTERRUPTED: u8 = 105;
/// The script does not load, its `setup()` or `teardown()` threw, or it ran out of memory.
pub const SCRIPT_EXCEPTION: u8 = 107;
/// The script called `exec.test.abort()`.
pub const ABORTED_BY_SCRIPT: u8 = 108;
/// The script called `exec.test.fail()`.
pub const MARKED_AS_FAILED: u8 = 110;
/// For what k6 has no code of its own: a script that cannot be read or exports nothing to run.
pub const OTHER: u8 = 255;

impl LoadError {
    /// What a program exits with for this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Setup(error) if error.timed_out => SETUP_TIMEOUT,
            Self::Setup(_) | Self::Script(_) => SCRIPT_EXCEPTION,
            Self::Aborted(abort) => code_of(abort.by),
            Self::Stopped => INTERRUPTED,
            Self::Options(_)
            | Self::Metric(_)
            | Self::Summary(_)
            | Self::Http(_)
            | Self::Value(_)
            | Self::NoFunction { .. } => INVALID_OPTIONS,
            Self::Read { .. } | Self::NothingExported | Self::Thread(_) | Self::Lost => OTHER,
        }
    }
}

impl Report {
    /// What a program exits with after this test. Of several reasons the first to happen counts, as in k6: the end
    /// of the scenarios, `teardown()`, `exec.test.fail()`, the thresholds.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (&self.end, &self.teardown) {
            (End::Stopped, _) => INTERRUPTED,
            (End::Aborted(abort), _) => code_of(abort.by),
            (End::Completed, Some(error)) if error.timed_out => TEARDOWN_TIMEOUT,
            (End::Completed, Some(_)) => SCRIPT_EXCEPTION,
            (End::Completed, None) if self.failed => MARKED_AS_FAILED,
            (End::Completed, None) if !self.summary.crossed().is_empty() => THRESHOLDS,
            (End::Completed, None) => DONE,
        }
    }
}

fn code_of(by: AbortedBy) -> u8 {
    match by {
        AbortedBy::Script => ABORTED_BY_SCRIPT,
        AbortedBy::Threshold => THRESHOLDS,
        AbortedBy::Failure => SCRIPT_EXCEPTION,
        AbortedBy::Caller => INTERRUPTED,
    }
}
