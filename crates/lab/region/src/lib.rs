//! An AWS region in small: what experiments call, with effects on real processes, connections and requests.
//!
//! What must hold:
//! - all state of the services is behind one lock ([`Region::state`]), taken for moments and never across an `await`;
//! - functions that take `&mut State` never take the lock again;
//! - what takes time happens in loops (one per service) that compare what is wanted with what is, never in a handler.

pub mod autoscaling;
pub mod batch;
pub mod cloudwatch;
pub mod ec2;
pub mod ecs;
pub mod elb;
pub mod gateway;
pub mod input;
pub mod logs;
pub mod name;
pub mod network;
pub mod pace;
pub mod rds;
mod region;
pub mod scaling;
pub mod ssm;
pub mod wire;

pub use region::{Later, Region, Settings, State, Topics, now};
