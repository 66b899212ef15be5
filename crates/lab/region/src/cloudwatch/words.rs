//! How CloudWatch words why an alarm has its state.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::alarm::{Alarm, AlarmState};
use super::decide::Treatment;

/// One period that was evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// Its first second.
    pub(super) at: i64,
    pub(super) value: Option<f64>,
    pub(super) breaches: bool,
}

/// How many data points a reason names.
const NAMED: usize = 5;

fn moment(seconds: f64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis((seconds * 1000.0) as i64).unwrap_or_default()
}

/// A time as CloudWatch's messages have it: `2030-01-31T12:00:00.000+0000`.
pub(super) fn stamp(seconds: f64) -> String {
    moment(seconds).format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// The reason of a new state, by the periods of the evaluation, newest first.
pub(super) fn reason(alarm: &Alarm, state: AlarmState, points: &[Point]) -> String {
    let settings = &alarm.settings;
    let known: Vec<&Point> = points
        .iter()
        .filter(|point| point.value.is_some())
        .take(settings.periods)
        .collect();
    let lacking = settings.periods - known.len();
    match (state, known.is_empty()) {
        (AlarmState::InsufficientData, _) => {
            format!(
                "Insufficient Data: {lacking} {} unknown.",
                plural(lacking, "datapoint was", "datapoints were")
            )
        }
        (_, true) => format!(
            "Threshold Crossed: no datapoints were received for {lacking} {} and {lacking} missing {} treated as [{}].",
            plural(lacking, "period", "periods"),
            plural(lacking, "datapoint was", "datapoints were"),
            if settings.missing == Treatment::Breaching {
                "Breaching"
            } else {
                "NonBreaching"
            },
        ),
        (_, false) => crossed(alarm, state, &known),
    }
}

fn crossed(alarm: &Alarm, state: AlarmState, known: &[&Point]) -> String {
    let settings = &alarm.settings;
    let is_alarm = state == AlarmState::Alarm;
    let telling: Vec<&&Point> = known.iter().filter(|point| point.breaches == is_alarm).collect();
    let named: Vec<String> = telling
        .iter()
        .take(NAMED)
        .filter_map(|point| named(point))
        .collect();
    let needed = settings.datapoints.unwrap_or(settings.periods);
    let minimum = if is_alarm {
        needed
    } else {
        settings.periods - needed + 1
    };
    format!(
        "Threshold Crossed: {} out of the last {} datapoints [{}] {} {}{} the threshold ({:?}) (minimum {minimum} {} for {} transition).",
        telling.len(),
        settings.periods,
        named.join(", "),
        plural(telling.len(), "was", "were"),
        if is_alarm { "" } else { "not " },
        settings.comparison.words(),
        settings.threshold,
        plural(minimum, "datapoint", "datapoints"),
        if is_alarm { "OK -> ALARM" } else { "ALARM -> OK" },
    )
}

fn named(point: &Point) -> Option<String> {
    Some(format!(
        "{:?} ({})",
        point.value?,
        moment(point.at as f64).format("%d/%m/%y %H:%M:%S")
    ))
}

/// The reason as JSON.
pub(super) fn reason_data(alarm: &Alarm, points: &[Point], now: f64) -> String {
    let settings = &alarm.settings;
    let known: Vec<&Point> = points
        .iter()
        .filter(|point| point.value.is_some())
        .take(settings.periods)
        .collect();
    let start = known.last().map(|point| stamp(point.at as f64));
    let recent: Vec<Option<f64>> = known.iter().rev().map(|point| point.value).collect();
    let evaluated: Vec<serde_json::Value> = known
        .iter()
        .map(|point| json!({ "timestamp": stamp(point.at as f64), "value": point.value }))
        .collect();
    json!({
        "version": "1.0",
        "queryDate": stamp(now),
        "startDate": start,
        "statistic": settings.stat().map(|stat| &stat.named),
        "period": settings.period(),
        "recentDatapoints": recent,
        "threshold": settings.threshold,
        "evaluatedDatapoints": evaluated,
    })
    .to_string()
}
