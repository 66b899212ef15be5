//! ECS (`devlearnops.aws.ecs`).

mod actions;
mod probes;

use chaos_engine::activity::Catalogue;

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    actions::register(catalogue)
        .with::<probes::WaitForServiceAttribute>()
        .with::<probes::WaitForServiceStable>()
}
