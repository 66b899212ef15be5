//! What an error about a cluster means.

use crate::AwsError;

/// Says that the cluster is not there, or leaves the error as it is.
pub(super) fn about(cluster: &str) -> impl FnOnce(AwsError) -> AwsError {
    move |error| match error.code() {
        Some("NotFoundException") => AwsError::because(format!(
            "The specified cluster was not found: {cluster} ({})",
            error.message()
        )),
        _ => error,
    }
}
