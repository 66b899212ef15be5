//! AWS IAM: policies and the roles that have them (`chaosaws.iam`).

mod actions;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of IAM.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = actions::register(catalogue);
    probes::register(catalogue)
}
