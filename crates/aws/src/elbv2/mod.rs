//! Elastic Load Balancing: application and network load balancers, target groups (`chaosaws.elbv2`).

mod access_log;
mod actions;
mod balancers;
mod probes;
mod targets;

use chaos_engine::activity::Catalogue;

/// Adds the activities of Elastic Load Balancing.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
