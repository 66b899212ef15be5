//! AWS Fault Injection Service (`chaosaws.fis`): experiments from templates, and two scenarios of the FIS library.

mod actions;
mod experiments;
mod pod_delete;
mod power;
mod probes;
mod template;

use chaos_engine::activity::Catalogue;

const ACTIONS: &str = "chaosaws.fis.actions";

/// Adds the activities of FIS.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue)
        .with::<pod_delete::StartStressPodDeleteScenario>()
        .with::<power::StartAvailabilityZonePowerInterruptionScenario>()
        .with::<power::RestoreAvailabilityZonePowerAfterInterruption>()
}
