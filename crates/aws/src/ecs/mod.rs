//! Amazon ECS: services, tasks, clusters (`chaosaws.ecs`).

mod actions;
mod lookup;
mod probes;
pub(crate) mod stable;

use chaos_engine::activity::Catalogue;

/// Adds the activities of ECS.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
}
