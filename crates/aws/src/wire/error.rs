//! What may be wrong with an answer.

use std::fmt;

/// An answer that could not be read, with the operation that it answers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("cannot read the answer of {service} {operation}: {problem}")]
pub struct WireError {
    /// The SDKs' name of the service.
    pub service: String,
    /// AWS's name of the operation.
    pub operation: String,
    /// What is wrong.
    #[source]
    pub problem: Problem,
}

/// What is wrong with an answer. Holds no values of it: they may be secrets.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The operation is not among the described ones.
    #[error(
        "it is not described; add the operation to crates/aws/shapes/operations.txt and run crates/aws/shapes/extract.py"
    )]
    Unknown,
    /// The status says that the operation did not succeed.
    #[error("its status is {0}, which is no success")]
    Status(u16),
    /// The body is not what its first byte or its content type promise.
    #[error("its body is not {format}: {reason}")]
    Body {
        /// `JSON`, `XML`, `CBOR`, or all of them.
        format: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// A value is not of the type that the service's model names.
    #[error("{} is not {expected}", if .path.is_empty() { "its body" } else { .path })]
    Value {
        /// Where, as `Reservations.Instances.LaunchTime`.
        path: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl Problem {
    pub(super) fn value(expected: &'static str) -> Self {
        Self::Value {
            path: String::new(),
            expected,
        }
    }

    pub(super) fn body(format: &'static str, reason: &dyn fmt::Display) -> Self {
        Self::Body {
            format,
            reason: reason.to_string(),
        }
    }

    /// The same one level up.
    pub(super) fn within(self, member: &str) -> Self {
        match self {
            Self::Value { path, expected } => Self::Value {
                path: match path.is_empty() {
                    true => member.to_owned(),
                    false => format!("{member}.{path}"),
                },
                expected,
            },
            other => other,
        }
    }
}
