//! The data plane of an Application Load Balancer: listeners with rules, target groups with health checks, round
//! robin, draining, and an observation of each request. It knows nothing of AWS's APIs; the region does.
//!
//! It differs from AWS in this: one node stands for all zones, HTTP/1 only, no WebSockets (Upgrade is dropped), no
//! sticky sessions, slow start, weights, authentication or X-Amzn-Trace-Id.
//!
//! Rules come from the Elastic Load Balancing user guide (Application Load Balancers): "Target groups", "Health
//! checks", "Register targets", "Deregistration delay", "Target group health" and "Troubleshoot".

mod account;
mod answer;
mod balancer;
mod body;
mod forward;
mod group;
mod headers;
mod health;
mod observe;
mod pool;
mod rules;
mod target;

pub use balancer::LoadBalancer;
pub use group::TargetGroup;
pub use health::{HealthCheck, Pace};
pub use observe::{Observation, Observer};
pub use rules::{Action, Rule};
pub use target::{TargetState, TargetView};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, and goes on after a panic elsewhere: each critical section here leaves its data whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
