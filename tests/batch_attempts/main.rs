//! Attempts of an AWS Batch job know of each other through the journals bucket: what one leaves, the next finishes, and
//! a fault is injected once.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "../common/mod.rs"]
mod common;
mod container;
mod outage;
mod recovery;
mod refusal;
mod report;
#[path = "../support/mod.rs"]
mod support;
