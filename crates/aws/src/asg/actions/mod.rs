//! What can be done to auto-scaling groups (`chaosaws.asg.actions`).

mod amount;
mod detach;
mod instances;
mod processes;
mod subnets;
mod volumes;

use chaos_engine::activity::Catalogue;

const MODULE: &str = "chaosaws.asg.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<processes::SuspendProcesses>()
        .with::<processes::ResumeProcesses>()
        .with::<instances::StopRandomInstances>()
        .with::<instances::TerminateRandomInstances>()
        .with::<detach::DetachRandomInstances>()
        .with::<subnets::ChangeSubnets>()
        .with::<volumes::DetachRandomVolume>()
        .with::<volumes::AttachVolume>()
}
