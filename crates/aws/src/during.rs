//! What was being done when AWS refused.

use std::fmt::Display;

use crate::AwsError;

/// Puts what was being done, and to what, before the error: AWS's own message often names neither.
pub(crate) fn during(what: impl Display) -> impl FnOnce(AwsError) -> AwsError {
    move |error| AwsError::because(format!("{what}: {error}"))
}
