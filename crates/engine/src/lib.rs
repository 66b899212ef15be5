//! Runs Chaos Toolkit experiments natively.

pub mod activity;
pub mod host;
pub mod scope;
pub mod value;
