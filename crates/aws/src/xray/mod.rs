//! AWS X-Ray: traces and service graphs (`chaosaws.xray`).

mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of X-Ray.
pub fn register(catalogue: Catalogue) -> Catalogue {
    probes::register(catalogue)
}
