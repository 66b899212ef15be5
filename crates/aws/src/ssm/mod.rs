//! AWS Systems Manager: documents, commands and parameters (`chaosaws.ssm`).

mod commands;
mod documents;
mod parameters;

use chaos_engine::activity::Catalogue;

const MODULE: &str = "chaosaws.ssm.actions";

/// Adds the activities of Systems Manager.
pub fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<documents::CreateDocument>()
        .with::<commands::SendCommand>()
        .with::<documents::DeleteDocument>()
        .with::<parameters::PutParameter>()
}
