//! Numbers as k6's summary writes them. It is JavaScript, so its rules for rounding and for writing numbers hold.

use crate::metrics::{Contains, Kind};

/// A value of a metric.
pub(super) fn value(value: f64, kind: Kind, contains: Contains, unit: Option<&str>) -> String {
    if kind == Kind::Rate {
        // Cut, not rounded, so that 99.999 % never reads as 100 %.
        return format!("{}%", fixed((value * 100.0 * 100.0).trunc() / 100.0, 2));
    }
    match contains {
        Contains::Data => bytes(value),
        Contains::Time => duration(value, unit),
        Contains::Default => short(value, 6),
    }
}

fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    if bytes < 10.0 || !bytes.is_finite() {
        return format!("{} B", plain(bytes));
    }
    let exponent = (bytes.ln() / 1000_f64.ln()).floor().min(8.0);
    let rounded = (bytes / 1000_f64.powf(exponent) * 10.0 + 0.5).floor() / 10.0;
    format!(
        "{} {}",
        fixed(rounded, usize::from(rounded < 10.0)),
        UNITS[exponent as usize]
    )
}

fn duration(milliseconds: f64, unit: Option<&str>) -> String {
    match unit {
        Some("s") => format!("{}s", fixed(milliseconds * 0.001, 2)),
        Some("ms") => format!("{}ms", fixed(milliseconds, 2)),
        Some("us") => format!("{}µs", fixed(milliseconds * 1000.0, 2)),
        _ => fitting(milliseconds),
    }
}

/// A time in the unit that fits it.
fn fitting(milliseconds: f64) -> String {
    if milliseconds == 0.0 {
        return "0s".to_owned();
    }
    if milliseconds < 0.001 {
        return format!("{}ns", plain((milliseconds * 1e6).trunc()));
    }
    if milliseconds < 1.0 {
        return format!("{}µs", cut(milliseconds * 1000.0, 2));
    }
    if milliseconds < 1000.0 {
        return format!("{}ms", cut(milliseconds, 2));
    }
    let digits = if milliseconds > 60_000.0 { 0 } else { 2 };
    let seconds = format!("{}s", cut(milliseconds % 60_000.0 / 1000.0, digits));
    let minutes = (milliseconds / 60_000.0).trunc();
    if minutes < 1.0 {
        return seconds;
    }
    let hours = (minutes / 60.0).trunc();
    let rest = format!("{}m{seconds}", plain(minutes % 60.0));
    if hours < 1.0 {
        rest
    } else {
        format!("{}h{rest}", plain(hours))
    }
}

/// Rounded to `digits` after the point, without zeros at the end.
fn short(value: f64, digits: usize) -> String {
    fixed(value, digits).parse().map_or_else(|_| plain(value), plain)
}

/// Cut after `digits`, without zeros at the end.
fn cut(value: f64, digits: usize) -> String {
    let scale = 10_f64.powi(digits as i32);
    short((scale * value).trunc() / scale, digits)
}

/// JavaScript's `Number.prototype.toFixed`.
fn fixed(value: f64, digits: usize) -> String {
    if !value.is_finite() || value.abs() >= 1e21 {
        return plain(value);
    }
    // Rust rounds the exact value half to even, JavaScript half away from zero.
    let exact = format!("{value:.1100}");
    let tie = exact.split_once('.').is_some_and(|(_, fraction)| {
        let rest = &fraction[digits.min(fraction.len())..];
        rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0')
    });
    let nudged = match tie {
        true if value > 0.0 => value.next_up(),
        true => value.next_down(),
        false => value,
    };
    format!("{nudged:.digits$}")
}

/// A number as JavaScript turns it into text.
pub(super) fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value.abs() >= 1e21 {
        return format!("{value:e}").replace('e', "e+");
    }
    if value.abs() < 1e-6 {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (value, digits, text) in [
            (0.125, 2, "0.13"),
            (2.5, 0, "3"),
            (0.5, 0, "1"),
            (1.005, 2, "1.00"),
            (-0.125, 2, "-0.13"),
            (1e21, 2, "1e+21"),
            (8.345, 2, "8.35"),
            (5e20, 6, "500000000000000000000.000000"),
            (f64::INFINITY, 2, "Infinity"),
            (f64::NAN, 2, "NaN"),
        ] {
            assert_eq!(fixed(value, digits), text);
        }
        assert_eq!(
            (plain(1e-7).as_str(), plain(1e-6).as_str(), plain(-0.0).as_str()),
            ("1e-7", "0.000001", "0")
        );
        assert_eq!((short(-1e-7, 6).as_str(), short(2.10, 6).as_str()), ("0", "2.1"));
    }

    #[test]
    fn durations_find_their_unit() {
        for (milliseconds, text) in [
            (0.0, "0s"),
            (0.000_123_4, "123ns"),
            (0.123_456, "123.45µs"),
            (12.349, "12.34ms"),
            (999.999, "999.99ms"),
            (1234.5678, "1.23s"),
            (60_000.0, "1m0s"),
            (61_900.0, "1m1s"),
            (3_600_000.0, "1h0m0s"),
            (90_061_000.0, "25h1m1s"),
            (-5.0, "-5000000ns"),
        ] {
            assert_eq!(duration(milliseconds, None), text);
        }
        let units = ["s", "ms", "us"].map(|unit| duration(1234.5678, Some(unit)));
        assert_eq!(units, ["1.23s", "1234.57ms", "1234567.80µs"]);
        assert_eq!(duration(1234.5678, Some("")), "1.23s");
    }

    #[test]
    fn bytes_find_their_unit() {
        for (count, text) in [
            (0.0, "0 B"),
            (3.5, "3.5 B"),
            (999.0, "999 B"),
            (1000.0, "1.0 kB"),
            (1_550.0, "1.6 kB"),
            (15_500.0, "16 kB"),
            (2_000_000.0, "2.0 MB"),
            (1e30, "1000000 YB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn rates_are_cut() {
        assert_eq!(value(0.999_99, Kind::Rate, Contains::Default, None), "99.99%");
        assert_eq!(value(1.0, Kind::Rate, Contains::Default, None), "100.00%");
    }
}
