//! Systems Manager (`devlearnops.aws.ssm`).

mod actions;
mod probes;

use chaos_engine::activity::Catalogue;

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<actions::SendCommand>()
        .with::<probes::GetParameter>()
}
