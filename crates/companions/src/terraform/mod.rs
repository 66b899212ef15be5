//! What chaostoolkit-terraform has: a control that creates what an experiment needs, and destroys it afterwards.

mod control;
mod driver;
mod program;

use chaos_engine::activity::Catalogue;

/// Adds the control.
pub fn register(catalogue: Catalogue) -> Catalogue {
    catalogue.with_control::<control::Terraform>()
}
