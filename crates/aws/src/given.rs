//! Arguments that are there and yet say nothing.

use crate::AwsError;

/// Refuses an empty text where a name must be. Python's activities took it, and AWS may read it as "all".
///
/// # Errors
/// When `value` is empty; the text says which argument it is and what it names.
pub(crate) fn given(argument: &str, what: &str, value: &str) -> Result<(), AwsError> {
    match value {
        "" => Err(AwsError::because(format!(
            "the {what} is empty: give one in `{argument}`"
        ))),
        _ => Ok(()),
    }
}

/// An empty text is no text, as in Python's conditions.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
