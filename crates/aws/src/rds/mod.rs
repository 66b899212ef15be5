//! Amazon RDS and Aurora: DB instances and DB clusters (`chaosaws.rds`).

mod actions;
pub(crate) mod databases;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of RDS.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
