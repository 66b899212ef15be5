//! Amazon Route 53: hosted zones, health checks, DNS answers (`chaosaws.route53`).

mod actions;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of Route 53.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
