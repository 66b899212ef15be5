//! Values given on the command line: `--var` and `--var-file` (SPEC 5).

mod convert;
mod files;

pub use convert::{convert, convert_value};
pub use files::{Overrides, Warning, read_var_files};

use std::path::PathBuf;

use crate::value::Value;

/// Why a variable, or a file of variables, cannot be used. Values are never told: they may be secret.
#[derive(Debug, thiserror::Error)]
pub enum VarError {
    /// `--var` without a `=`.
    #[error("`{0}` is not of the form NAME[:TYPE]=VALUE")]
    Form(String),
    /// A type that there is not.
    #[error("the type `{0}` is unknown; it can be str, int, float, bool, bytes or json")]
    UnknownType(String),
    /// A value that is not of its type.
    #[error("the value is not {expected}, as the type `{kind}` requires{detail}")]
    NotOfType {
        /// The type as it was written.
        kind: String,
        /// What its values are.
        expected: &'static str,
        /// Where the value went wrong, if that is known.
        detail: String,
    },
    /// One of the above, for the variable of that name.
    #[error("variable `{name}`: {reason}")]
    Variable {
        /// The name, without its type.
        name: String,
        /// What was wrong.
        reason: Box<VarError>,
    },
    /// A file that cannot be read.
    #[error("cannot read the variable file {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A YAML or JSON file that holds something else than what a variable file does.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was expected, and what is there.
        message: String,
    },
    /// A line of an environment file that sets nothing.
    #[error("{}, line {line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// First line is 1.
        line: usize,
        /// What was expected.
        message: &'static str,
    },
}

/// Reads `NAME[:TYPE]=VALUE`, as given to `--var`. Without a type the value is text.
///
/// # Errors
/// When there is no `=`, the type is unknown, or the value does not convert.
pub fn parse_var(text: &str) -> Result<(String, Value), VarError> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| VarError::Form(text.to_owned()))?;
    let (name, kind) = match name.rsplit_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (name, None),
    };
    match convert(value, kind) {
        Ok(value) => Ok((name.to_owned(), value)),
        Err(reason) => Err(VarError::Variable {
            name: name.to_owned(),
            reason: Box::new(reason),
        }),
    }
}

#[cfg(test)]
mod tests;
