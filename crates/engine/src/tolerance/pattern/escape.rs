//! What a backslash means.

use super::PatternError;
use super::ast::{Category, CategoryKind};
use super::token::Tokens;

/// Escapes that mean the same inside and outside of brackets.
pub(super) enum Escape {
    Char(u32),
    Category(Category),
}

/// The meaning of `\c`, which has just been taken; `at` is its place. Digits, and what only has a meaning
/// outside of brackets, are not for here.
pub(super) fn shared(tokens: &mut Tokens, c: char, at: usize) -> Result<Escape, PatternError> {
    if let Some(category) = category(c) {
        return Ok(Escape::Category(category));
    }
    let code = match c {
        'a' => 0x07,
        'f' => 0x0c,
        'n' => 0x0a,
        'r' => 0x0d,
        't' => 0x09,
        'v' => 0x0b,
        'x' => hexadecimal(tokens, 2, at)?,
        'u' => hexadecimal(tokens, 4, at)?,
        'U' => hexadecimal(tokens, 8, at)?,
        'N' => {
            let problem = "characters by name (\\N{…}) are not supported; write the character or \\uXXXX";
            return Err(tokens.error(at, problem));
        }
        c if c.is_ascii_alphabetic() => {
            let problem = format!("\\{c} has no meaning; for the letter itself leave the backslash out");
            return Err(tokens.error(at, problem));
        }
        c => u32::from(c),
    };
    Ok(Escape::Char(code))
}

fn category(c: char) -> Option<Category> {
    let kind = match c.to_ascii_lowercase() {
        'd' => CategoryKind::Digit,
        's' => CategoryKind::Space,
        'w' => CategoryKind::Word,
        _ => return None,
    };
    Some(Category {
        kind,
        negated: c.is_ascii_uppercase(),
    })
}

fn hexadecimal(tokens: &mut Tokens, length: usize, at: usize) -> Result<u32, PatternError> {
    let digits = tokens.take_while(length, |c| c.is_ascii_hexdigit());
    u32::from_str_radix(&digits, 16)
        .ok()
        .filter(|code| digits.len() == length && *code <= u32::from(char::MAX))
        .ok_or_else(|| {
            let problem = format!("expected {length} hexadecimal digits, of at most 10ffff");
            tokens.error(at, problem)
        })
}

/// The character of an octal escape, whose digits are given.
pub(super) fn octal(tokens: &Tokens, digits: &str, at: usize) -> Result<u32, PatternError> {
    u32::from_str_radix(digits, 8)
        .ok()
        .filter(|code| *code <= 0o377)
        .ok_or_else(|| tokens.error(at, "an octal escape ends at \\377; write \\uXXXX"))
}
