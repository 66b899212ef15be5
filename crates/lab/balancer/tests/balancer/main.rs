//! The balancer in front of real HTTP servers, asked by real clients.

#![allow(clippy::unwrap_used)]

mod churn;
mod draining;
mod failures;
mod forwarding;
mod health;
mod rules;
mod streaming;
mod support;
