//! A hog that burns CPU time, as stress-ng does, but within what the lab allows.

mod burn;
mod config;

pub use burn::{CpuLimit, hog};
pub use config::HogConfig;
pub(crate) use config::KNOWN;
