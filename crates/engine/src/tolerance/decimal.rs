//! Exact decimal numbers, as Python's `Decimal(value)` makes them, for comparison only.

use std::cmp::Ordering;

use crate::value::Value;

/// The exponents that `Decimal` takes.
const LARGEST_EXPONENT: i64 = 999_999_999_999_999_999;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    size: Size,
}

/// The order of the variants, and of their fields, is that of the numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    Zero,
    /// 0.DIGITS × 10^exponent, the first and the last digit not being 0.
    Finite {
        exponent: i64,
        digits: Vec<u8>,
    },
    Infinite,
}

impl Decimal {
    /// A number, a boolean, or the text of a number; `None` for anything else and for what is not a number.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Self::parse(if *flag { "1" } else { "0" }),
            Value::Int(number) => Self::parse(&number.to_string()),
            Value::BigInt(number) => Self::parse(&number.to_string()),
            // with so many decimals every float is exact
            Value::Float(number) => Self::parse(&format!("{number:.1074}")),
            Value::Text(text) => Self::parse(text),
            _ => None,
        }
    }

    /// Space around and underscores anywhere are passed over, digits are those of ASCII, `inf` and `infinity` count, in any case.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_space).replace('_', "").to_ascii_lowercase();
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let size = match unsigned {
            "inf" | "infinity" => Size::Infinite,
            finite => Size::parse(finite)?,
        };
        Some(Self { negative, size })
    }
}

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once('e') {
            Some((mantissa, exponent)) => (mantissa, whole(exponent)?),
            None => (text, 0),
        };
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = Vec::with_capacity(before.len() + after.len());
        for c in before.chars().chain(after.chars()) {
            digits.push(digit(c)?);
        }
        if digits.is_empty() {
            return None;
        }
        let point = i64::try_from(before.chars().count())
            .ok()?
            .checked_add(exponent)?;
        Self::from_digits(&digits, point)
    }

    fn from_digits(digits: &[u8], point: i64) -> Option<Self> {
        let Some(first) = digits.iter().position(|digit| *digit != 0) else {
            return Some(Self::Zero);
        };
        let last = digits.iter().rposition(|digit| *digit != 0)?;
        let exponent = point.checked_sub(i64::try_from(first).ok()?)?;
        // one less is the exponent of the first digit
        if exponent > LARGEST_EXPONENT + 1 {
            return None;
        }
        Some(Self::Finite {
            exponent,
            digits: digits[first..=last].to_vec(),
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (a, b) if a != b => a.cmp(&b),
            (-1, _) => other.size.cmp(&self.size),
            _ => self.size.cmp(&other.size),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Decimal {
    fn sign(&self) -> i8 {
        match (&self.size, self.negative) {
            (Size::Zero, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn whole(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn digit(c: char) -> Option<u8> {
    c.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
}
