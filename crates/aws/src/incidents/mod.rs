//! AWS Systems Manager Incident Manager (`chaosaws.incidents`).

mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of Incident Manager.
pub fn register(catalogue: Catalogue) -> Catalogue {
    probes::register(catalogue)
}
