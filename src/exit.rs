//! The exit codes of all binaries.

/// The experiment completed and did not deviate; or what was asked for was done.
pub const DONE: u8 = 0;
/// It deviated, failed, was aborted or interrupted; or it is not a valid experiment.
pub const NOT_AS_HOPED: u8 = 1;
/// Wrong usage, or a configuration that cannot be read. Nothing was injected.
pub const USAGE: u8 = 2;
/// The run was fine, but its journal and log could not be uploaded (`start-chaos`).
pub const UPLOAD_FAILED: u8 = 3;
/// The hypothesis was not met before the method, so nothing was tried (`start-chaos`; `chaos run` says 0 here, as
/// the Chaos Toolkit does).
pub const NOT_STEADY: u8 = 4;

// `chaos load` has the codes of k6: see `chaos_load::run::exit`.
