//! What YAML 1.1 takes an unquoted scalar for, as far as a writer has to know.

use std::ops::RangeInclusive;

/// True when a YAML 1.1 reader would not take the unquoted `text` for text.
pub fn is_not_text(text: &str) -> bool {
    is_word(text) || is_int(text) || is_float(text) || is_timestamp(text)
}

/// Booleans and nulls in one of their three spellings, the merge key and the value key.
fn is_word(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "yes" | "no" | "true" | "false" | "on" | "off" | "null"
    );
    let spelled = |rest: &str| rest == &lower[1..] || text == text.to_ascii_uppercase();
    (word && spelled(&text[1..])) || matches!(text, "" | "~" | "<<" | "=")
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|c| c == '_' || allowed(c))
}

fn decimal(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_int(text: &str) -> bool {
    let text = unsigned(text);
    if let Some(rest) = text.strip_prefix("0b") {
        return all(rest, |c| matches!(c, '0' | '1'));
    }
    if let Some(rest) = text.strip_prefix("0x") {
        return all(rest, |c| c.is_ascii_hexdigit());
    }
    if let Some(rest) = text.strip_prefix('0') {
        return rest.is_empty() || all(rest, |c| matches!(c, '0'..='7'));
    }
    let (first, sixtieths) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
    first.starts_with(decimal)
        && all(first, decimal)
        && sixtieths.is_none_or(|rest| rest.split(':').all(is_sixtieth))
}

/// `7`, `07` or `59`.
fn is_sixtieth(text: &str) -> bool {
    match text.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [b'0'..=b'5', digit] => digit.is_ascii_digit(),
        _ => false,
    }
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") || matches!(unsigned(text), ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let Some((whole, fraction)) = text.split_once('.') else {
        return false;
    };
    if let Some((first, sixtieths)) = unsigned(whole).split_once(':') {
        let fits = first.starts_with(decimal) && all(first, decimal) && sixtieths.split(':').all(is_sixtieth);
        return fits && (fraction.is_empty() || all(fraction, decimal));
    }
    let digits = fraction.find(['e', 'E']).map_or(fraction, |at| &fraction[..at]);
    let exponent = &fraction[digits.len()..];
    let fits = match whole {
        "" => digits.starts_with(decimal) && all(digits, decimal),
        whole => {
            let whole = unsigned(whole);
            let digits_fit = digits.is_empty() || all(digits, decimal);
            whole.starts_with(decimal) && all(whole, decimal) && digits_fit
        }
    };
    fits && (exponent.is_empty() || is_exponent(exponent))
}

/// `e+3`; YAML 1.1 wants the sign.
fn is_exponent(text: &str) -> bool {
    let digits = text[1..].strip_prefix(['-', '+']);
    digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(decimal))
}

/// `2024-02-29`, or a looser date with a time of day and perhaps a zone.
fn is_timestamp(text: &str) -> bool {
    let Some((date, rest)) = numbers(text, '-', &[4..=4, 1..=2, 1..=2]) else {
        return false;
    };
    if rest.is_empty() {
        return date == 10;
    }
    let blank = [' ', '\t'];
    let clock = rest
        .strip_prefix(['T', 't'])
        .unwrap_or_else(|| rest.trim_start_matches(blank));
    let Some((_, rest)) = numbers(clock, ':', &[1..=2, 2..=2, 2..=2]).filter(|_| clock.len() < rest.len())
    else {
        return false;
    };
    let rest = rest
        .strip_prefix('.')
        .map_or(rest, |fraction| fraction.trim_start_matches(decimal));
    rest.is_empty() || is_zone(rest.trim_start_matches(blank))
}

/// `Z`, `+2`, `-03:30`.
fn is_zone(text: &str) -> bool {
    let offset = text.strip_prefix(['-', '+']);
    let fits = |offset: &str| {
        let whole = |(_, rest): (usize, &str)| rest.is_empty();
        numbers(offset, ':', &[1..=2]).is_some_and(whole)
            || numbers(offset, ':', &[1..=2, 2..=2]).is_some_and(whole)
    };
    text == "Z" || offset.is_some_and(fits)
}

/// Numbers of so many digits with a separator between them: how long they are together, and what follows.
fn numbers<'a>(text: &'a str, separator: char, sizes: &[RangeInclusive<usize>]) -> Option<(usize, &'a str)> {
    let mut rest = text;
    for (index, size) in sizes.iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(separator)?;
        }
        let digits = rest.find(|c: char| !decimal(c)).unwrap_or(rest.len());
        rest = size.contains(&digits).then(|| &rest[digits..])?;
    }
    Some((text.len() - rest.len(), rest))
}
