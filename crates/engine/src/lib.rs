//! Runs Chaos Toolkit experiments natively.

pub mod activity;
pub mod control;
pub mod document;
pub mod host;
pub mod journal;
pub mod nearest;
pub mod net;
pub mod provider;
pub mod run;
pub mod scope;
pub mod settings;
pub mod tolerance;
pub mod validate;
pub mod value;
