//! What the starter pack's own Python module did (`devlearnops.aws`).

mod az;
mod cloudwatch;
mod ecs;
mod sqs;
mod ssm;
mod wait;

use chaos_engine::activity::Catalogue;

/// Adds the activities of the starter pack.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = az::register(catalogue);
    let catalogue = ecs::register(catalogue);
    let catalogue = ssm::register(catalogue);
    catalogue
        .with::<cloudwatch::CheckAlarmStateValue>()
        .with::<sqs::WaitForAlarmNotification>()
}
