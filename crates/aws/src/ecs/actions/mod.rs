//! What can be done to ECS (`chaosaws.ecs.actions`).

mod clusters;
mod services;
mod tags;
mod tasks;

use chaos_engine::activity::Catalogue;

const MODULE: &str = "chaosaws.ecs.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<tasks::StopRandomTasks>()
        .with::<tasks::StopTask>()
        .with::<services::DeleteService>()
        .with::<clusters::DeleteCluster>()
        .with::<clusters::DeregisterContainerInstance>()
        .with::<services::UpdateDesiredCount>()
        .with::<services::SetServiceDeploymentConfiguration>()
        .with::<services::SetServicePlacementStrategy>()
        .with::<tags::TagResource>()
        .with::<tags::UntagResource>()
        .with::<clusters::UpdateContainerInstancesState>()
}

/// The reason that AWS shows for stopped tasks.
fn chaos_testing() -> String {
    "Chaos Testing".to_owned()
}
