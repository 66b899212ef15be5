//! What can be done to EC2 (`chaosaws.ec2.actions`).

mod ingress;
mod power;
mod steps;
mod tags;
mod volumes;

use chaos_engine::activity::Catalogue;

const MODULE: &str = "chaosaws.ec2.actions";

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<power::StopInstance>()
        .with::<power::StopInstances>()
        .with::<power::TerminateInstances>()
        .with::<power::TerminateInstance>()
        .with::<power::StartInstances>()
        .with::<power::RestartInstances>()
        .with::<volumes::DetachRandomVolume>()
        .with::<volumes::AttachVolume>()
        .with::<steps::StopInstancesByIncrementalSteps>()
        .with::<tags::SetTagsOnInstances>()
        .with::<tags::RemoveTagsFromInstances>()
        .with::<ingress::AuthorizeSecurityGroupIngress>()
        .with::<ingress::RevokeSecurityGroupIngress>()
}
