//! Native activities and controls of the Chaos Toolkit's extensions that stand beside AWS.

pub mod addons;
pub mod http;
pub mod terraform;
#[cfg(test)]
mod testing;
pub mod toxiproxy;

use chaos_engine::activity::Catalogue;

/// Adds every activity and control of this crate, package by package.
#[must_use]
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = addons::register(catalogue);
    let catalogue = http::register(catalogue);
    let catalogue = terraform::register(catalogue);
    toxiproxy::register(catalogue)
}
