//! Both engines, by the same tests, with real clients.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod application;
mod clients;
mod common;
mod life;
mod sql;
