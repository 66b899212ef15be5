//! Amazon MSK: Kafka clusters and their brokers (`chaosaws.msk`).

mod actions;
mod clusters;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of MSK.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
