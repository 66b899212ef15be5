//! AWS Lambda: invocations, limits, layers, faults inside functions (`chaosaws.awslambda`).

mod actions;
mod configuration;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of Lambda.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = actions::register(catalogue);
    probes::register(catalogue)
}
