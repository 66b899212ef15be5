//! Dates and timestamps of YAML 1.1.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Timelike};

/// What PyYAML makes of an unquoted date or timestamp.
#[derive(Clone, Debug, PartialEq)]
pub enum Moment {
    /// `2024-02-29`
    Date(NaiveDate),
    /// `2024-02-29 10:11:12`, without a zone.
    Naive(NaiveDateTime),
    /// `2024-02-29T10:11:12+02:00`
    Aware(DateTime<FixedOffset>),
}

impl Moment {
    /// As Python's `isoformat()` writes it, with `separator` between date and time.
    pub fn iso(&self, separator: char) -> String {
        match self {
            Self::Date(date) => date.format("%Y-%m-%d").to_string(),
            Self::Naive(time) => naive(time, separator),
            Self::Aware(time) => format!("{}{}", naive(&time.naive_local(), separator), time.format("%:z")),
        }
    }
}

fn naive(time: &NaiveDateTime, separator: char) -> String {
    let seconds = time.format(&format!("%Y-%m-%d{separator}%H:%M:%S")).to_string();
    match time.nanosecond() / 1_000 {
        0 => seconds,
        micros => format!("{seconds}.{micros:06}"),
    }
}
