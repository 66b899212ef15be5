//! Amazon EMR: clusters, instance fleets, instance groups (`chaosaws.emr`).

mod actions;
mod lookups;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of EMR.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = actions::register(catalogue);
    probes::register(catalogue)
}
