//! Amazon EC2 Auto Scaling: groups, their instances and processes (`chaosaws.asg`).

mod actions;
mod groups;
mod probes;

use chaos_engine::activity::Catalogue;

/// Adds the activities of Auto Scaling.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
