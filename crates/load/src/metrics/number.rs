//! Numbers as k6 reads them in thresholds and in the names of percentiles.

/// Reads a number as Go's `strconv.ParseFloat` does: also hexadecimal (`0x1p4`), with underscores between digits, `NaN` and
/// `Inf`. `None` too for what is too large for a floating point number.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let (negative, magnitude) = match text.strip_prefix(['+', '-']) {
        Some(rest) if !rest.starts_with(['+', '-']) => (text.starts_with('-'), rest),
        Some(_) => return None,
        None => (false, text),
    };
    let digits = without_underscores(magnitude)?;
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hexadecimal) => parse_hexadecimal(hexadecimal)?,
        None => digits.parse().ok()?,
    };
    let written_infinite = digits.starts_with(['i', 'I']);
    let signed_nan = number.is_nan() && magnitude.len() != text.len();
    let read = (number.is_finite() || number.is_nan() || written_infinite) && !signed_nan;
    read.then_some(if negative { -number } else { number })
}

/// Underscores may stand between digits, and behind `0x`.
fn without_underscores(text: &str) -> Option<String> {
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let digit = |byte: u8| byte.is_ascii_digit() || (hexadecimal && byte.is_ascii_hexdigit());
    let bytes = text.as_bytes();
    let misplaced = |(place, byte): (usize, &u8)| {
        let before =
            place.checked_sub(1).is_some_and(|place| digit(bytes[place])) || (hexadecimal && place == 2);
        *byte == b'_' && !(before && bytes.get(place + 1).copied().is_some_and(digit))
    };
    (!bytes.iter().enumerate().any(misplaced)).then(|| text.replace('_', ""))
}

/// Reads `mantissa p exponent`, of which the exponent is a decimal power of two.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        number = number * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let shift = exponent
        .parse::<i32>()
        .ok()?
        .checked_sub(4 * i32::try_from(fraction.len()).ok()?)?;
    Some(number * 2_f64.powi(shift))
}

/// The number of `p(number)`, if it is one from 0 to 100.
pub(crate) fn parse_percentile(text: &str) -> Option<f64> {
    let number = parse_float(text.strip_prefix("p(")?.strip_suffix(')')?)?;
    (0.0..=100.0).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, number) in [
            ("1e3", 1000.0),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("-0.25", -0.25),
            ("Inf", f64::INFINITY),
        ] {
            assert_eq!(parse_float(text), Some(number), "{text}");
        }
        assert!(parse_float("NaN").unwrap().is_nan());
        for text in [
            "", " 1", "1 ", "1e999", "-nan", "+-1", "1__0", "_1", "1_", "1_.5", "1._5", "0x10", "0xp1",
            "0x1p", "five", "1,5",
        ] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }

    #[test]
    fn percentiles_are_from_0_to_100() {
        for (text, number) in [("p(0)", 0.0), ("p(99.999)", 99.999), ("p(1e2)", 100.0)] {
            assert_eq!(parse_percentile(text), Some(number));
        }
        for text in [
            "p(-1)", "p(101)", "p(NaN)", "p90", "p(90", "p()", "p( 90)", "P(90)", " p(90)",
        ] {
            assert_eq!(parse_percentile(text), None, "{text}");
        }
    }
}
