//! Amazon CloudWatch and EventBridge rules, which were CloudWatch's once (`chaosaws.cloudwatch`).

mod actions;
mod metric;
mod probes;
mod target;

use chaos_engine::activity::Catalogue;

/// Adds the activities of CloudWatch.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = actions::register(catalogue);
    probes::register(catalogue)
}
