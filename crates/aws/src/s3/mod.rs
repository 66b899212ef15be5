//! Amazon S3: buckets and objects (`chaosaws.s3`).

mod actions;
mod lookup;
mod probes;
mod upload;

use chaos_engine::activity::Catalogue;

/// Adds the activities of S3, and its control.
pub fn register(catalogue: Catalogue) -> Catalogue {
    let catalogue = probes::register(catalogue);
    actions::register(catalogue).with_control::<upload::UploadJournal>()
}
