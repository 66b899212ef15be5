//! The product's face: command lines, console output, configuration files and what happens around a run.

pub mod batch;
pub mod cli;
pub mod conf;
pub mod discovery;
pub mod exit;
pub mod iam;
pub mod launch;
pub mod library;
pub mod notify;
pub mod reference;
pub mod upload;
pub mod yaml;

use chaos_engine::activity::Catalogue;

/// The native activities and controls, in one explicit table.
pub fn catalogue() -> Catalogue {
    chaos_load::activity::register(chaos_companions::register(chaos_aws::register(Catalogue::new())))
}
