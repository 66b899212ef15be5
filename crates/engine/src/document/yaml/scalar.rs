//! From the text of a scalar to the value that its tag stands for. `None`: the text does not fit the tag.

use base64::Engine as _;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, TimeZone};
use num_bigint::BigInt;
use num_traits::Zero;

use crate::value::{Moment, Value, python};

/// Python refuses to read longer ones, whose reading takes time that grows with the square of their length.
const LONGEST_INT: usize = 4300;

/// `!!bool`
pub fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// `!!int`: binary `0b`, octal `0`, hexadecimal `0x`, sexagesimal `1:30`, decimal.
pub fn int(text: &str) -> Option<Value> {
    let clean = text.replace('_', "");
    let (negative, number) = signed(&clean);
    let whole = magnitude(number)?;
    Some(Value::from_big(if negative { -whole } else { whole }))
}

fn magnitude(number: &str) -> Option<BigInt> {
    if let Some(digits) = number.strip_prefix("0b") {
        return in_base(digits, 2);
    }
    if let Some(digits) = number.strip_prefix("0x") {
        return in_base(digits, 16);
    }
    if number != "0" && number.starts_with('0') {
        let digits = number.strip_prefix("0o").or_else(|| number.strip_prefix("0O"));
        return in_base(digits.unwrap_or(number), 8);
    }
    let sixty = BigInt::from(60);
    number
        .split(':')
        .try_fold(BigInt::zero(), |sum, part| Some(sum * &sixty + decimal(part)?))
}

fn in_base(digits: &str, base: u32) -> Option<BigInt> {
    // a sign is read by `parse_bytes`, but has no place here
    let plain = digits.starts_with(|c: char| c.is_ascii_hexdigit());
    plain.then(|| BigInt::parse_bytes(digits.as_bytes(), base))?
}

fn decimal(digits: &str) -> Option<BigInt> {
    if digits.len() > LONGEST_INT {
        return None;
    }
    match python::parse_int(digits)? {
        Value::Int(small) => Some(small.into()),
        Value::BigInt(big) => Some(*big),
        _ => None,
    }
}

/// `!!float`: `.inf`, `.nan`, sexagesimal `1:30.5`, and what Python's `float()` reads.
pub fn float(text: &str) -> Option<f64> {
    let clean = text.replace('_', "").to_lowercase();
    let (negative, number) = signed(&clean);
    let sign = if negative { -1.0 } else { 1.0 };
    match number {
        ".inf" => Some(sign * f64::INFINITY),
        ".nan" => Some(f64::NAN),
        _ if number.contains(':') => Some(sign * sixtieths(number)?),
        _ => Some(sign * python::parse_float(number)?),
    }
}

/// From the last part up, so that the sum is rounded as in Python.
fn sixtieths(number: &str) -> Option<f64> {
    let mut base = 1.0;
    number.rsplit(':').try_fold(0.0, |sum, part| {
        let more = python::parse_float(part)? * base;
        base *= 60.0;
        Some(sum + more)
    })
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// `!!binary`: base64 in which anything outside its alphabet is skipped; what follows the padding is ignored.
pub fn binary(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let mut digits = Vec::with_capacity(text.len());
    let mut padding = 0;
    for byte in text.bytes() {
        match byte {
            b'=' if digits.len() % 4 >= 2 => {
                padding += 1;
                if digits.len() % 4 + padding >= 4 {
                    break;
                }
            }
            b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                digits.push(byte);
                padding = 0;
            }
            _ => {}
        }
    }
    let complete = digits.len() % 4 == 0 || digits.len() % 4 + padding >= 4;
    let lenient = NO_PAD.with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    complete.then(|| engine.decode(&digits).ok())?
}

/// `!!timestamp`: a date, a time without a zone, or a time with one (`Z` is UTC).
pub fn moment(text: &str) -> Option<Moment> {
    let parts = Timestamp::read(text)?;
    let (year, month, day) = parts.date;
    // Python's first year is 1
    let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| year > 0)?;
    let Some((hour, minute, second, micros)) = parts.time else {
        return Some(Moment::Date(date));
    };
    let time: NaiveDateTime = date.and_hms_micro_opt(hour, minute, second, micros)?;
    let Some(minutes) = parts.offset else {
        return Some(Moment::Naive(time));
    };
    let zone = FixedOffset::east_opt(minutes * 60)?;
    zone.from_local_datetime(&time).single().map(Moment::Aware)
}

/// The numbers of a timestamp, which may name no day that there is.
pub struct Timestamp {
    date: (i32, u32, u32),
    /// Hour, minute, second, microseconds.
    pub time: Option<(u32, u32, u32, u32)>,
    /// Minutes east of UTC.
    offset: Option<i32>,
}

impl Timestamp {
    /// `None` when the text does not have the form of a date or of a timestamp.
    pub fn read(text: &str) -> Option<Self> {
        let mut rest = Reader(text);
        let year = i32::try_from(rest.number(4, 4)?).ok()?;
        let month = rest.then("-")?.number(1, 2)?;
        let day = rest.then("-")?.number(1, 2)?;
        let date = (year, month, day);
        if rest.0.is_empty() {
            return Some(Self {
                date,
                time: None,
                offset: None,
            });
        }
        if rest.then("Tt").is_none() && rest.blanks() == 0 {
            return None;
        }
        let hour = rest.number(1, 2)?;
        let minute = rest.then(":")?.number(2, 2)?;
        let second = rest.then(":")?.number(2, 2)?;
        let micros = rest.fraction();
        let offset = rest.zone()?;
        let time = Some((hour, minute, second, micros));
        rest.0.is_empty().then_some(Self { date, time, offset })
    }
}

/// What is left of the text of a timestamp.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    /// Between `least` and `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.digits(most);
        (digits.len() >= least).then(|| digits.parse().ok())?
    }

    fn digits(&mut self, most: usize) -> &str {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        digits
    }

    /// Passes over one of these characters.
    fn then(&mut self, any: &str) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(|c| any.contains(c))?;
        Some(self)
    }

    fn blanks(&mut self) -> usize {
        let before = self.0.len();
        self.0 = self.0.trim_start_matches([' ', '\t']);
        before - self.0.len()
    }

    /// Microseconds; further digits are cut off.
    fn fraction(&mut self) -> u32 {
        if self.then(".").is_none() {
            return 0;
        }
        let digits = self.digits(usize::MAX);
        let micros = format!("{digits:0<6}");
        micros[..6].parse().unwrap_or(0)
    }

    /// Minutes east of UTC, `Some(None)` at the end of the text.
    fn zone(&mut self) -> Option<Option<i32>> {
        if self.0.is_empty() {
            return Some(None);
        }
        self.blanks();
        if self.then("Z").is_some() {
            return Some(Some(0));
        }
        let west = self.then("-").is_some();
        if !west {
            self.then("+")?;
        }
        let hours = self.number(1, 2)?;
        let minutes = if self.then(":").is_some() {
            self.number(2, 2)?
        } else {
            0
        };
        let east = i32::try_from(hours * 60 + minutes).ok()?;
        Some(Some(if west { -east } else { east }))
    }
}
