//! Points in time as experiments write them.

use aws_smithy_types::DateTime;
use chaos_engine::value::python;
use chrono::{TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `now`, `<number> <unit>` before now or before another point in time (units: second, minute, hour, day, month of 30
/// days, year of 365 days; singular or plural), or seconds since the epoch as a number with a decimal point.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(
    untagged,
    expecting = "a time is `now`, a text such as `3 minutes`, or seconds since the epoch such as 1700000000.0"
)]
pub enum When {
    /// `now` or `3 minutes`.
    Text(String),
    /// `1700000000.0`.
    Epoch(serde_json::Number),
}

/// A text or a number that is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It may be meant as a period or as a date, so it is neither.
    #[error(
        "{0} is a whole number, which is no time: write `{0} seconds` for a period, or {0}.0 for seconds since the epoch"
    )]
    Whole(String),
    /// Not of any form that is understood.
    #[error(
        "`{0}` is no time: write `now`, a number and a unit such as `3 minutes`, or seconds since the epoch such as \
         1700000000.0"
    )]
    Unknown(String),
    /// Beyond the calendar.
    #[error("`{0}` is too far away")]
    OutOfRange(String),
}

/// A point in time without a zone of its own.
type Moment = chrono::DateTime<Utc>;

impl When {
    /// `now`.
    pub fn now() -> Self {
        Self::Text("now".to_owned())
    }

    /// `3 minutes`, where most searches begin.
    pub fn three_minutes() -> Self {
        Self::Text("3 minutes".to_owned())
    }

    /// The point in time; a period is counted back from `end`.
    ///
    /// # Errors
    /// When this is no point in time.
    pub fn before(&self, end: Moment) -> Result<Moment, TimeError> {
        match self {
            Self::Text(text) if text == "now" => Ok(Utc::now()),
            Self::Text(text) => {
                let seconds = period(text).ok_or_else(|| TimeError::Unknown(text.clone()))?;
                let delta = delta(seconds).and_then(|delta| end.checked_sub_signed(delta));
                delta.ok_or_else(|| TimeError::OutOfRange(text.clone()))
            }
            Self::Epoch(number) if number.is_f64() => {
                let delta = number.as_f64().and_then(delta);
                let moment = delta.and_then(|delta| Moment::UNIX_EPOCH.checked_add_signed(delta));
                moment.ok_or_else(|| TimeError::OutOfRange(number.to_string()))
            }
            Self::Epoch(number) => Err(TimeError::Whole(number.to_string())),
        }
    }
}

/// For the SDK, to the microsecond as boto3 sends it.
pub fn for_sdk(moment: Moment) -> DateTime {
    let nanos = moment.timestamp_subsec_micros() * 1000;
    DateTime::from_secs_and_nanos(moment.timestamp(), nanos)
}

fn period(text: &str) -> Option<f64> {
    let (quantity, unit) = text.split_once(' ')?;
    Some(python::parse_float(quantity)? * seconds_of(unit.trim()))
}

fn seconds_of(unit: &str) -> f64 {
    match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => 1.0,
        "minute" => 60.0,
        "hour" => 3600.0,
        "day" => 86_400.0,
        "month" => 30.0 * 86_400.0,
        "year" => 365.0 * 86_400.0,
        // as chaosaws has it
        _ => 300.0,
    }
}

fn delta(seconds: f64) -> Option<TimeDelta> {
    // the cast saturates, and chrono refuses what is too large
    seconds.is_finite().then_some(())?;
    let whole = TimeDelta::try_seconds(seconds.trunc() as i64)?;
    let rest = TimeDelta::microseconds((seconds.fract() * 1e6).round() as i64);
    whole.checked_add(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(text: &str) -> Result<i64, TimeError> {
        let end = Moment::UNIX_EPOCH;
        let when: When = serde_json::from_str(text).unwrap();
        when.before(end).map(|moment| moment.timestamp_millis())
    }

    #[test]
    fn periods_are_counted_back() {
        assert_eq!(before(r#""3 minutes""#), Ok(-180_000));
        assert_eq!(before(r#""1 minute""#), Ok(-60_000));
        assert_eq!(before(r#""1.5 hours""#), Ok(-5_400_000));
        assert_eq!(before(r#""1 day""#), Ok(-86_400_000));
        assert_eq!(before(r#""1 month""#), Ok(-2_592_000_000));
        assert_eq!(before(r#""1 year""#), Ok(-31_536_000_000));
        assert_eq!(before(r#""2 fortnights""#), Ok(-600_000));
        assert_eq!(before(r#""-1 second""#), Ok(1000));
    }

    #[test]
    fn numbers_with_a_point_are_seconds_since_the_epoch() {
        assert_eq!(before("1700000000.25"), Ok(1_700_000_000_250));
        assert_eq!(before("1.7e9"), Ok(1_700_000_000_000));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["3", "-7"] {
            assert_eq!(before(text), Err(TimeError::Whole(text.to_owned())));
        }
        for text in ["", "3minutes", "three minutes", "3"] {
            let quoted = format!("\"{text}\"");
            assert_eq!(before(&quoted), Err(TimeError::Unknown(text.to_owned())));
        }
        for text in ["1e300 years", "nan days", "-inf days"] {
            let quoted = format!("\"{text}\"");
            assert_eq!(before(&quoted), Err(TimeError::OutOfRange(text.to_owned())));
        }
        assert!(matches!(before("1e300"), Err(TimeError::OutOfRange(_))));
    }

    #[test]
    fn now_is_now() {
        let now = When::now().before(Moment::UNIX_EPOCH).unwrap();
        assert!((Utc::now() - now).num_seconds().abs() < 60);
    }

    #[test]
    fn the_sdk_gets_microseconds() {
        let moment = Moment::from_timestamp(-1, 123_456_789).unwrap();
        assert_eq!(for_sdk(moment), DateTime::from_secs_and_nanos(-1, 123_456_000));
    }
}
