//! What a scalar without a tag is, by the patterns of YAML 1.1 as PyYAML has them.

use super::scalar::Timestamp;

/// A tag that the safe loader knows; `tag:yaml.org,2002:` is left out of the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    Null,
    Bool,
    Int,
    Float,
    Binary,
    Timestamp,
    Omap,
    Pairs,
    Set,
    Str,
    Seq,
    Map,
    /// `<<`
    Merge,
    /// `=`
    Default,
    /// Any other, whole.
    Unknown(String),
}

impl Tag {
    /// The tag of that full name.
    pub fn named(full: &str) -> Self {
        match full.strip_prefix("tag:yaml.org,2002:").unwrap_or_default() {
            "null" => Self::Null,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "binary" => Self::Binary,
            "timestamp" => Self::Timestamp,
            "omap" => Self::Omap,
            "pairs" => Self::Pairs,
            "set" => Self::Set,
            "str" => Self::Str,
            "seq" => Self::Seq,
            "map" => Self::Map,
            "merge" => Self::Merge,
            "value" => Self::Default,
            _ => Self::Unknown(full.to_owned()),
        }
    }
}

/// The tag that a plain scalar resolves to.
pub fn implicit(text: &str) -> Tag {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Tag::Null,
        "<<" => Tag::Merge,
        "=" => Tag::Default,
        _ if boolean(text) => Tag::Bool,
        _ if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => Tag::Str,
        _ if float(text) => Tag::Float,
        _ if int(text) => Tag::Int,
        _ if timestamp(text) => Tag::Timestamp,
        _ => Tag::Str,
    }
}

/// `yes`, `Yes` and `YES`, but neither `yEs` nor `y`.
fn boolean(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let named = matches!(lower.as_str(), "yes" | "no" | "true" | "false" | "on" | "off");
    named && (text[1..] == lower[1..] || text.bytes().all(|b| b.is_ascii_uppercase()))
}

fn int(text: &str) -> bool {
    let number = unsigned(text);
    if let Some(digits) = number.strip_prefix("0b") {
        return all(digits, |b| matches!(b, b'0' | b'1'));
    }
    if let Some(digits) = number.strip_prefix("0x") {
        return all(digits, |b| b.is_ascii_hexdigit());
    }
    if let Some(digits) = number.strip_prefix('0') {
        return digits.is_empty() || all(digits, |b| (b'0'..=b'7').contains(&b));
    }
    sexagesimal(number).is_some()
}

fn float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let number = unsigned(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let Some((whole, fraction)) = number.split_once('.') else {
        return false;
    };
    if whole.is_empty() {
        // here PyYAML takes no sign
        return number.len() == text.len() && starts_with_digit(fraction) && fraction_and_exponent(fraction);
    }
    match sexagesimal(whole) {
        Some(true) => fraction.is_empty() || all(fraction, |b| b.is_ascii_digit()),
        Some(false) => fraction_and_exponent(fraction),
        None => false,
    }
}

/// Digits with an exponent that has a sign: `5e3` is no float.
fn fraction_and_exponent(text: &str) -> bool {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|power| !power.is_empty() && power.bytes().all(|b| b.is_ascii_digit()))
    });
    exponent_fits && (digits.is_empty() || all(digits, |b| b.is_ascii_digit()))
}

/// Digits and then any number of `:` with one or two digits up to 59; tells whether there is such a part.
fn sexagesimal(text: &str) -> Option<bool> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    if !starts_with_digit(first) || !all(first, |b| b.is_ascii_digit()) {
        return None;
    }
    let sixtieth = |part: &str| match part.as_bytes() {
        [unit] => unit.is_ascii_digit(),
        [ten, unit] => (b'0'..=b'5').contains(ten) && unit.is_ascii_digit(),
        _ => false,
    };
    parts.try_fold(false, |_, part| sixtieth(part).then_some(true))
}

/// A date has two digits for month and day; with a time, one will do.
fn timestamp(text: &str) -> bool {
    Timestamp::read(text).is_some_and(|parts| parts.time.is_some() || text.len() == "2024-02-29".len())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// True when there is at least one byte, and each is an underscore or fits.
fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'_' || fits(b))
}
