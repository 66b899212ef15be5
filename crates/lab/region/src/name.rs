//! Identifiers in the shapes that AWS gives them.

use uuid::Uuid;

/// Random lower-case hexadecimal digits.
pub fn hex(digits: usize) -> String {
    let mut text = String::with_capacity(digits);
    while text.len() < digits {
        text.push_str(&Uuid::new_v4().simple().to_string());
    }
    text.truncate(digits);
    text
}

/// An identifier such as `i-0123456789abcdef0`: a prefix and 17 digits.
pub fn resource(prefix: &str) -> String {
    format!("{prefix}-{}", hex(17))
}

/// A random UUID, as request ids and command ids are.
pub fn uuid() -> String {
    Uuid::new_v4().to_string()
}
