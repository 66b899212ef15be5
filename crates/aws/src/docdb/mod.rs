//! Amazon DocumentDB, whose control plane is that of RDS: clusters and instances (`chaosaws.docdb`).

mod actions;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of DocumentDB.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
