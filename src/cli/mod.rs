//! Argument types, console output and the small commands of `chaos`.

pub mod app;
pub mod chaos;
pub mod command;
pub mod discover;
pub mod fail_az;
pub mod info;
pub mod init;
pub mod load;
pub mod log;
pub mod narrator;
pub mod progress;
pub mod settings;
pub mod start;
pub mod submit;
