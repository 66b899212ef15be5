//! Durations as k6 reads and shows them, which is Go's way with days added.

use std::time::Duration;

/// The longest duration: 292 years, the end of a count of nanoseconds in 63 bits, as in k6.
pub const LONGEST: Duration = Duration::from_nanos(i64::MAX as u64);

/// Why a text or a number is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not written as one.
    #[error("a duration such as \"30s\", \"1m30s\", \"500ms\" or \"1d\", or a number of milliseconds")]
    Unreadable,
    /// Below zero.
    #[error("a duration of zero or more")]
    Negative,
    /// More than [`LONGEST`], or no finite number.
    #[error("a duration of at most 292 years")]
    TooLong,
}

const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];
const DAY: u128 = 86_400_000_000_000;

/// Reads a duration: numbers with units (`1h2m3.5s`, `500ms`, `1d12h`), or a number alone, which is milliseconds.
///
/// # Errors
/// For other text, a negative duration, or one over 292 years.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    if let Ok(number) = text.parse::<f64>() {
        return from_millis(number);
    }
    let Some((days, rest)) = text.split_once('d') else {
        return within(nanos(text)?);
    };
    let days: i64 = days.parse().map_err(|_| DurationError::Unreadable)?;
    let days = u128::try_from(days).map_err(|_| DurationError::Negative)?;
    let rest = if rest.is_empty() { 0 } else { nanos(rest)? };
    within(days * DAY + rest)
}

/// A number of milliseconds, as a script gives one.
///
/// # Errors
/// For a negative number, one that is not finite, or more than 292 years.
pub fn from_millis(millis: f64) -> Result<Duration, DurationError> {
    let nanos = millis * 1e6;
    if nanos < 0.0 {
        return Err(DurationError::Negative);
    }
    if !nanos.is_finite() || nanos >= i64::MAX as f64 {
        return Err(DurationError::TooLong);
    }
    Ok(Duration::from_nanos(nanos as u64))
}

fn within(nanos: u128) -> Result<Duration, DurationError> {
    let nanos = i64::try_from(nanos).map_err(|_| DurationError::TooLong)?;
    Ok(Duration::from_nanos(nanos.unsigned_abs()))
}

/// `1h2.5m` in nanoseconds.
fn nanos(text: &str) -> Result<u128, DurationError> {
    let (text, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    if text.is_empty() {
        return Err(DurationError::Unreadable);
    }
    let mut rest = text;
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (part, after) = part(rest)?;
        total = total.checked_add(part).ok_or(DurationError::TooLong)?;
        rest = after;
    }
    if negative && total > 0 {
        return Err(DurationError::Negative);
    }
    Ok(total)
}

/// The first number with its unit, in nanoseconds, and what follows.
fn part(text: &str) -> Result<(u128, &str), DurationError> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let unit_at = text.find(|c| !is_number(c)).ok_or(DurationError::Unreadable)?;
    let (number, rest) = text.split_at(unit_at);
    let unit_end = rest.find(is_number).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(unit_end);
    let (_, size) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(DurationError::Unreadable)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(DurationError::Unreadable);
    }
    let whole: u64 = match whole {
        "" => 0,
        digits => digits.parse().map_err(|_| DurationError::TooLong)?,
    };
    Ok((u128::from(whole) * size + of_fraction(fraction, *size), after))
}

fn of_fraction(digits: &str, unit: u128) -> u128 {
    // no unit has more than 13 digits of nanoseconds, so later digits count for nothing
    let digits = digits.get(..18).unwrap_or(digits);
    let scale = 10_u128.pow(digits.len() as u32);
    digits
        .parse::<u128>()
        .map_or(0, |fraction| fraction * unit / scale)
}

/// The duration as Go shows it: `1m30s`, `1.5s`, `500ms`, `0s`.
pub fn show(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    for (unit, size) in [("ns", 1), ("µs", 1_000), ("ms", 1_000_000)] {
        if nanos < size * 1_000 {
            return format!("{}{unit}", decimal(nanos, size));
        }
    }
    let (minutes, seconds) = (nanos / 60_000_000_000, nanos % 60_000_000_000);
    let seconds = decimal(seconds, 1_000_000_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// `value / unit` with as many decimals as it has.
fn decimal(value: u128, unit: u128) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let decimals = format!("{rest:0width$}");
    format!("{whole}.{}", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_k6_does() {
        let read = |text| parse(text).map(|d| d.as_nanos());
        assert_eq!(read("1h2m3.5s"), Ok(3_723_500_000_000));
        assert_eq!(read("500ms"), Ok(500_000_000));
        assert_eq!(read("10"), Ok(10_000_000));
        assert_eq!(read("1.5"), Ok(1_500_000));
        assert_eq!(read("1d2h"), Ok(93_600_000_000_000));
        assert_eq!(read("2d"), Ok(172_800_000_000_000));
        assert_eq!(read(".5s"), Ok(500_000_000));
        assert_eq!(read("5.s"), Ok(5_000_000_000));
        assert_eq!(read("1µs"), Ok(1_000));
        assert_eq!(read("+3s"), Ok(3_000_000_000));
        assert_eq!(read("0.1234567890123456789012s"), Ok(123_456_789));
        assert_eq!(read("-0s"), Ok(0));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "", "x", "5x", "s", ".s", "1.2.3s", "5 s", "1d-2h", "1.5d", "5s3", "--5s", "d",
        ] {
            assert!(parse(text).is_err(), "{text:?} was read");
        }
        assert_eq!(parse("-5s"), Err(DurationError::Negative));
        assert_eq!(parse("-5"), Err(DurationError::Negative));
        assert_eq!(parse("-1d"), Err(DurationError::Negative));
        assert_eq!(parse("NaN"), Err(DurationError::TooLong));
        assert_eq!(parse("Infinity"), Err(DurationError::TooLong));
        assert_eq!(parse("9999999h"), Err(DurationError::TooLong));
        assert_eq!(parse("99999999999999999999999s"), Err(DurationError::TooLong));
        assert_eq!(parse("9223372036854775807d"), Err(DurationError::TooLong));
    }

    #[test]
    fn durations_are_shown_as_go_does() {
        let shown = |nanos| show(Duration::from_nanos(nanos));
        assert_eq!(shown(0), "0s");
        assert_eq!(shown(1), "1ns");
        assert_eq!(shown(1_100), "1.1µs");
        assert_eq!(shown(2_200_000), "2.2ms");
        assert_eq!(shown(3_300_000_000), "3.3s");
        assert_eq!(shown(30_000_000_000), "30s");
        assert_eq!(shown(245_000_000_000), "4m5s");
        assert_eq!(shown(245_001_000_000), "4m5.001s");
        assert_eq!(shown(18_367_001_000_000), "5h6m7.001s");
        assert_eq!(shown(480_000_000_001), "8m0.000000001s");
        assert_eq!(shown(i64::MAX as u64), "2562047h47m16.854775807s");
    }

    #[test]
    fn what_is_shown_can_be_read() {
        for nanos in [
            1,
            999,
            1_000,
            1_234_567,
            60_000_000_000,
            86_400_000_000_001,
            i64::MAX as u64,
        ] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(parse(&show(duration)), Ok(duration));
        }
    }
}
