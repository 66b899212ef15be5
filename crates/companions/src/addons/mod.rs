//! What chaostoolkit-addons has: controls that leave out, repeat and guard activities, and an action that waits.

mod bypass;
mod idle;
mod repeat;
mod safeguards;
mod synchronization;

use chaos_engine::activity::Catalogue;

/// Adds the add-ons.
pub fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<idle::IdleFor>()
        .with_control::<bypass::Bypass>()
        .with_control::<repeat::Repeat>()
        .with_control::<safeguards::Safeguards>()
        .with_control::<synchronization::Synchronization>()
}
