//! Timestamps, in the ways AWS writes them, as Python's `isoformat()` shows them.

use chaos_engine::value::{Moment, Value, python};
use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// ISO text of seconds since the epoch (number or text), ISO 8601 or an HTTP date. `None` for anything else and for
/// years that Python does not have.
pub(super) fn of(value: &Value) -> Option<Value> {
    let moment = match value {
        Value::Int(seconds) => from_micros(*seconds, 0)?,
        Value::Float(seconds) => from_seconds(*seconds)?,
        Value::Text(text) => from_text(text.trim())?,
        _ => return None,
    };
    Some(Value::Text(moment.iso('T')))
}

/// To the microsecond, halves to the even one: Python's `datetime.fromtimestamp`.
fn from_seconds(seconds: f64) -> Option<Moment> {
    if !seconds.is_finite() || seconds.abs() > 1e15 {
        return None;
    }
    let micros = (seconds.fract() * 1e6).round_ties_even();
    from_micros(seconds.trunc() as i64, micros as i64)
}

fn from_micros(seconds: i64, micros: i64) -> Option<Moment> {
    let whole = seconds.checked_mul(1_000_000)?.checked_add(micros)?;
    in_python(Moment::Aware(
        DateTime::from_timestamp_micros(whole)?.fixed_offset(),
    ))
}

fn from_text(text: &str) -> Option<Moment> {
    if let Some(seconds) = python::parse_float(text) {
        return from_seconds(seconds);
    }
    let moment = aware(text)
        .map(Moment::Aware)
        .or_else(|| naive(text).map(Moment::Naive))?;
    in_python(moment)
}

fn aware(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_str(&text.replacen('Z', "+0000", 1), "%Y%m%dT%H%M%S%z"))
        .or_else(|_| DateTime::parse_from_str(&text.replacen('Z', "+0000", 1), "%Y-%m-%dT%H:%M%z"))
        // the day of the week is of no use, and may be wrong
        .or_else(|_| DateTime::parse_from_rfc2822(text.split_once(", ").map_or(text, |(_, date)| date)))
        .ok()
}

fn naive(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
        .ok()
        .or_else(|| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()?
                .and_hms_opt(0, 0, 0)
        })
}

fn in_python(moment: Moment) -> Option<Moment> {
    use chrono::Datelike as _;
    let year = match &moment {
        Moment::Date(date) => date.year(),
        Moment::Naive(time) => time.year(),
        Moment::Aware(time) => time.year(),
    };
    (1..=9999).contains(&year).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_moment_reads_as_in_python() {
        let cases: [(Value, &str); 14] = [
            (Value::Int(0), "1970-01-01T00:00:00+00:00"),
            (Value::Float(1_795_255_200.5), "2026-11-21T10:00:00.500000+00:00"),
            (Value::Float(1_795_255_200.000_000_4), "2026-11-21T10:00:00+00:00"),
            (Value::Float(-0.5), "1969-12-31T23:59:59.500000+00:00"),
            ("1795255200".into(), "2026-11-21T10:00:00+00:00"),
            ("1.7952552E9".into(), "2026-11-21T10:00:00+00:00"),
            ("2026-11-21T10:00:00Z".into(), "2026-11-21T10:00:00+00:00"),
            (
                "2026-11-21T10:00:00.123Z".into(),
                "2026-11-21T10:00:00.123000+00:00",
            ),
            (
                "2026-11-21T10:00:00.123456789+02:00".into(),
                "2026-11-21T10:00:00.123456+02:00",
            ),
            ("2026-11-21T10:00:00+0000".into(), "2026-11-21T10:00:00+00:00"),
            ("20261121T100000Z".into(), "2026-11-21T10:00:00+00:00"),
            ("2026-11-21T10:00:00".into(), "2026-11-21T10:00:00"),
            ("2026-11-21".into(), "2026-11-21T00:00:00"),
            (
                "Sat, 21 Nov 2026 10:00:00 GMT".into(),
                "2026-11-21T10:00:00+00:00",
            ),
        ];
        for (written, expected) in cases {
            assert_eq!(of(&written), Some(expected.into()), "{written:?}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for bad in [
            "",
            "soon",
            "nan",
            "1e300",
            "2026-13-01T00:00:00Z",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(of(&bad.into()), None, "{bad}");
        }
        assert_eq!(of(&Value::Int(i64::MAX)), None);
        assert_eq!(of(&Value::Bool(true)), None);
    }
}
