//! `devlearnops.http`: the starter pack's probes of plain web services.

mod wait;

use chaos_engine::activity::Catalogue;

pub use wait::WaitForServiceActive;

/// The catalogue with the probes of web services.
#[must_use]
pub fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with::<WaitForServiceActive>()
}
