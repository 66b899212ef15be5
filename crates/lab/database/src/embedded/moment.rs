//! Dates and times as MySQL writes them.
//!
//! In SQLite they are text in one form, so that they compare as they should: `2026-11-21 20:06:39`, with six digits of
//! fraction where there is one. All are UTC.

use std::fmt::{self, Display, Formatter};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// A date with a time, with the fields that the protocol sends. May be MySQL's zero date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) micros: u32,
}

impl Moment {
    /// Reads `YYYY-MM-DD[ HH:MM:SS[.f…]]`, with a blank or a T between.
    pub(crate) fn parse(text: &str) -> Option<Moment> {
        let text = text.trim();
        let time = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        let moment = time
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        let date = || {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()?
                .and_hms_opt(0, 0, 0)
        };
        moment.or_else(date).map(Moment::from)
    }

    pub(crate) fn now() -> Moment {
        Utc::now().naive_utc().into()
    }

    /// With so many digits of fraction; those after it are cut.
    pub(crate) fn with_digits(mut self, digits: u32) -> Moment {
        let unit = 10u32.pow(6u32.saturating_sub(digits));
        self.micros -= self.micros % unit;
        self
    }

    pub(crate) fn chrono(self) -> Option<NaiveDateTime> {
        let date = NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), self.day.into())?;
        date.and_hms_micro_opt(
            self.hour.into(),
            self.minute.into(),
            self.second.into(),
            self.micros,
        )
    }

    pub(crate) fn from_unix(micros: i64) -> Option<Moment> {
        DateTime::from_timestamp_micros(micros).map(|moment| moment.naive_utc().into())
    }

    pub(crate) fn date(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// With exactly so many digits of fraction, as a column of that precision is shown.
    pub(crate) fn shown(self, digits: u32) -> String {
        let whole = Moment { micros: 0, ..self }.to_string();
        let micros = format!("{:06}", self.micros);
        match micros.get(..digits as usize) {
            Some(fraction) if !fraction.is_empty() => format!("{whole}.{fraction}"),
            _ => whole,
        }
    }
}

impl From<NaiveDateTime> for Moment {
    fn from(moment: NaiveDateTime) -> Moment {
        Moment {
            year: moment.year().clamp(0, 9999) as u16,
            month: moment.month() as u8,
            day: moment.day() as u8,
            hour: moment.hour() as u8,
            minute: moment.minute() as u8,
            second: moment.second() as u8,
            micros: moment.nanosecond() / 1000 % 1_000_000,
        }
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Moment {
            hour,
            minute,
            second,
            micros,
            ..
        } = self;
        write!(
            f,
            "{} {hour:02}:{minute:02}:{second:02}{}",
            self.date(),
            fraction(*micros)
        )
    }
}

/// Nothing, or a point and six digits.
pub(crate) fn fraction(micros: u32) -> String {
    if micros == 0 {
        String::new()
    } else {
        format!(".{micros:06}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_moment_are_the_same() {
        for text in ["2026-11-21 20:06:39", "2026-11-21 20:06:39.120000"] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Moment::parse("2026-11-21T20:06:39.12").unwrap().to_string(),
            "2026-11-21 20:06:39.120000"
        );
        assert_eq!(
            Moment::parse("2026-11-21").unwrap().to_string(),
            "2026-11-21 00:00:00"
        );
        assert_eq!(Moment::parse("12 apples"), None);
    }

    #[test]
    fn precision_cuts_and_shows() {
        let moment = Moment::parse("2026-11-21 20:06:39.129999").unwrap();
        assert_eq!(moment.with_digits(2).to_string(), "2026-11-21 20:06:39.120000");
        assert_eq!(moment.with_digits(2).shown(3), "2026-11-21 20:06:39.120");
        assert_eq!(moment.shown(0), "2026-11-21 20:06:39");
    }
}
