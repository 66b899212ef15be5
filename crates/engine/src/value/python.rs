//! What Python's built-ins say of a value: the experiment format was defined by a Python program, and its
//! substitutions, arguments and tolerances are told in these terms.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDateTime, Timelike};
use fancy_regex::Regex;
use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};

use super::{Map, Moment, Value};

/// Python's `str(value)`.
pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Time(moment) => moment.iso(' '),
        other => repr(other),
    }
}

/// Python's `repr(value)`.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(&mut out, value);
    out
}

/// Appends Python's `repr(value)`.
fn write_repr(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(number) => {
            // writing to a String cannot fail
            let _ = write!(out, "{number}");
        }
        Value::BigInt(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float(*number)),
        Value::Text(text) => write_quoted(out, text),
        Value::Bytes(bytes) => out.push_str(&quoted_bytes(bytes)),
        Value::Time(moment) => out.push_str(&repr_moment(moment)),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                write_repr(out, item);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                separate(out, index);
                write_quoted(out, key);
                out.push_str(": ");
                write_repr(out, item);
            }
            out.push('}');
        }
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

/// Python's `bool(value)`: empty texts and collections, zero and null are false.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::BigInt(_) | Value::Time(_) => true,
    }
}

/// Python's `a == b`, in which booleans and numbers of any kind compare by value.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Map(a), Value::Map(b)) => same_entries(a, b),
        (Value::Float(a), Value::Float(b)) => a == b,
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.compare(&b) == Some(Ordering::Equal),
            (None, None) => a == b,
            _ => false,
        },
    }
}

/// Python's `a < b` family; `None` where Python raises a `TypeError`, or for a NaN.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.chars().cmp(b.chars())),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::List(a), Value::List(b)) => compare_lists(a, b),
        (Value::Time(a), Value::Time(b)) => compare_moments(a, b),
        _ => number(a)?.compare(&number(b)?),
    }
}

/// The name of the Python type that holds such a value.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        Value::Text(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Time(Moment::Date(_)) => "date",
        Value::Time(_) => "datetime",
        Value::List(_) => "list",
        Value::Map(_) => "dict",
    }
}

/// Python's `repr` of a float: the shortest digits that read back, exponents from 1e16 and below 1e-4.
pub fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{number}");
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// Python's `int(text)` in base ten: spaces around, a sign, and single underscores between digits.
pub fn parse_int(text: &str) -> Option<Value> {
    let digits = text.trim();
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if !well_grouped(unsigned) {
        return None;
    }
    let clean = digits.replace('_', "");
    BigInt::parse_bytes(clean.trim_start_matches('+').as_bytes(), 10).map(Value::from_big)
}

/// Python's `float(text)`.
pub fn parse_float(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    match unsigned {
        "inf" | "infinity" => {
            return Some(if lower.starts_with('-') {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            });
        }
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !underscores_between_digits(unsigned)
    {
        return None;
    }
    lower.replace('_', "").parse().ok()
}

fn well_grouped(digits: &str) -> bool {
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && underscores_between_digits(digits)
}

fn underscores_between_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| index.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    (0..bytes.len())
        .filter(|&i| bytes[i] == b'_')
        .all(|i| digit(i.checked_sub(1)) && digit(Some(i + 1)))
}

fn write_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if !is_printable(c) => push_code(out, c as u32),
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// Python's `c.isprintable()`: neither separators but the space nor controls, formats and unassigned characters.
fn is_printable(c: char) -> bool {
    static HIDDEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{C}\p{Z}]").ok());
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let hidden = |hidden: &Regex| hidden.is_match(c.encode_utf8(&mut [0; 4])).unwrap_or(false);
    !HIDDEN.as_ref().is_some_and(hidden)
}

fn push_code(out: &mut String, code: u32) {
    // writing to a String cannot fail
    let _ = match code {
        0..0x100 => write!(out, "\\x{code:02x}"),
        0x100..0x10000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if byte as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..0x7f => out.push(byte as char),
            _ => push_code(&mut out, u32::from(byte)),
        }
    }
    out.push(quote);
    out
}

fn repr_moment(moment: &Moment) -> String {
    match moment {
        Moment::Date(date) => format!("datetime.date({}, {}, {})", date.year(), date.month(), date.day()),
        Moment::Naive(time) => format!("datetime.datetime({})", datetime_arguments(time)),
        Moment::Aware(time) => format!(
            "datetime.datetime({}, tzinfo={})",
            datetime_arguments(&time.naive_local()),
            zone(time.offset().local_minus_utc())
        ),
    }
}

fn zone(offset: i32) -> String {
    match offset {
        0 => "datetime.timezone.utc".to_owned(),
        seconds if seconds < 0 => format!(
            "datetime.timezone(datetime.timedelta(days=-1, seconds={}))",
            seconds + 86_400
        ),
        seconds => format!("datetime.timezone(datetime.timedelta(seconds={seconds}))"),
    }
}

fn datetime_arguments(time: &NaiveDateTime) -> String {
    let micros = time.nanosecond() / 1_000;
    let mut parts = vec![time.year().to_string()];
    parts.extend([time.month(), time.day(), time.hour(), time.minute()].map(|n| n.to_string()));
    if time.second() != 0 || micros != 0 {
        parts.push(time.second().to_string());
    }
    if micros != 0 {
        parts.push(micros.to_string());
    }
    parts.join(", ")
}

fn same_entries(a: &Map, b: &Map) -> bool {
    a.len() == b.len()
        && a.iter()
            .all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
}

fn compare_lists(a: &[Value], b: &[Value]) -> Option<Ordering> {
    match a.iter().zip(b).find(|(a, b)| !equal(a, b)) {
        Some((a, b)) => compare(a, b),
        None => Some(a.len().cmp(&b.len())),
    }
}

fn compare_moments(a: &Moment, b: &Moment) -> Option<Ordering> {
    match (a, b) {
        (Moment::Date(a), Moment::Date(b)) => Some(a.cmp(b)),
        (Moment::Naive(a), Moment::Naive(b)) => Some(a.cmp(b)),
        (Moment::Aware(a), Moment::Aware(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

enum Number {
    Whole(BigInt),
    Float(f64),
}

impl Number {
    fn compare(&self, other: &Number) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Self::Whole(a), Self::Float(b)) => whole_with_float(a, *b),
            (Self::Float(a), Self::Whole(b)) => whole_with_float(b, *a).map(Ordering::reverse),
        }
    }
}

/// Exact, as Python compares: a float is not rounded to compare it with a whole number, nor the reverse.
fn whole_with_float(whole: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    match BigInt::from_f64(float.floor()) {
        None => Some(if float > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        }),
        Some(floor) => Some(whole.cmp(&floor).then(if float.fract() == 0.0 {
            Ordering::Equal
        } else {
            Ordering::Less
        })),
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(flag) => Some(Number::Whole(BigInt::from(u8::from(*flag)))),
        Value::Int(number) => Some(Number::Whole(BigInt::from(*number))),
        Value::BigInt(number) => Some(Number::Whole((**number).clone())),
        Value::Float(number) => Some(Number::Float(*number)),
        _ => None,
    }
}

/// The whole number, if the value is one (booleans count, as in Python) and it fits.
pub fn as_index(value: &Value) -> Option<i64> {
    match number(value)? {
        Number::Whole(number) => number.to_i64(),
        Number::Float(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::map;

    #[test]
    fn floats_read_as_python_writes_them() {
        let cases: [(f64, &str); 9] = [
            (2.0, "2.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e300, "1.5e+300"),
            (-0.0, "-0.0"),
            (f64::INFINITY, "inf"),
        ];
        for (number, expected) in cases {
            assert_eq!(float(number), expected);
        }
    }

    #[test]
    fn collections_read_as_python_writes_them() {
        let value = Value::List(vec![
            Value::Int(1),
            "it's".into(),
            Value::Null,
            map([("k", true.into())]).into(),
        ]);
        assert_eq!(text(&value), r#"[1, "it's", None, {'k': True}]"#);
    }

    #[test]
    fn what_cannot_be_printed_is_escaped_as_in_python() {
        let shown = |text: &str| repr(&text.into());
        assert_eq!(shown("caf\u{e9} \u{2615}"), "'caf\u{e9} \u{2615}'");
        assert_eq!(shown("\x01\x7f\u{80}\u{a0}\u{ad}"), r"'\x01\x7f\x80\xa0\xad'");
        assert_eq!(
            shown("\u{200b}\u{2028}\u{e000}\u{feff}"),
            r"'\u200b\u2028\ue000\ufeff'"
        );
        assert_eq!(shown("\u{e0001}"), r"'\U000e0001'");
        assert_eq!(repr(&Value::Bytes(b"\x00'\xff".to_vec())), r#"b"\x00'\xff""#);
    }

    #[test]
    fn numbers_compare_by_value_whatever_their_kind() {
        assert!(equal(&Value::Bool(true), &Value::Float(1.0)));
        assert!(equal(&Value::Int(3), &Value::Float(3.0)));
        assert!(!equal(&Value::Bool(false), &Value::Null));
        assert_eq!(compare(&Value::Int(2), &Value::Float(2.5)), Some(Ordering::Less));
        assert_eq!(
            compare(&Value::Float(-2.5), &Value::Int(-2)),
            Some(Ordering::Less)
        );
        assert_eq!(compare(&Value::Int(2), &"2".into()), None);
        assert_eq!(
            compare(&Value::Int(i64::MAX), &Value::Float(9.3e18)),
            Some(Ordering::Less)
        );
    }

    #[test]
    fn integers_convert_as_in_python() {
        assert_eq!(parse_int(" +1_000 "), Some(Value::Int(1000)));
        assert_eq!(parse_int("-7"), Some(Value::Int(-7)));
        for bad in ["", "1__0", "_1", "1_", "1.0", "0x10", "- 1"] {
            assert_eq!(parse_int(bad), None, "{bad}");
        }
        assert_eq!(parse_float(" 1_0.5e1 "), Some(105.0));
        assert_eq!(parse_float("-Infinity"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_float("1_.5"), None);
    }
}
