//! What can be done to Lambda (`chaosaws.awslambda.actions`).

mod event_sources;
mod faults;
mod invoke;
mod layers;
mod limits;
mod python_json;

use chaos_engine::activity::Catalogue;

const MODULE: &str = "chaosaws.awslambda.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<invoke::InvokeFunction>()
        .with::<limits::PutFunctionConcurrency>()
        .with::<limits::DeleteFunctionConcurrency>()
        .with::<limits::PutFunctionTimeout>()
        .with::<limits::PutFunctionMemorySize>()
        .with::<event_sources::DeleteEventSourceMapping>()
        .with::<event_sources::ToggleEventSourceMappingState>()
        .with::<layers::AddLayer>()
        .with::<layers::RemoveLayer>()
        .with::<faults::AddLatency>()
        .with::<faults::RemoveLatency>()
        .with::<faults::AddError>()
        .with::<faults::RemoveError>()
}
