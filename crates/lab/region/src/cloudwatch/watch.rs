//! The loop that evaluates alarms. Periods are AWS's divided by the lab's pace, in whole seconds and one at least; an alarm is evaluated each
//! period, and each minute of AWS where its period is longer, as AWS does.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;

use super::alarm::{Alarm, AlarmState, Settings};
use super::decide::{EARLIER, Rule, decide};
use super::metrics::{Metrics, second};
use super::notify;
use super::query::{Evaluation, Range, scaled};
use super::words::{self, Point};
use crate::wire::ApiError;
use crate::{Region, now};

/// How often the loop looks whether an alarm is due.
const LOOK: Duration = Duration::from_millis(250);

/// AWS evaluates each minute at the least.
const AT_LEAST: i64 = 60;

/// Evaluates alarms until the region is gone.
pub(super) async fn evaluate_all(region: Weak<Region>) {
    let mut clock = tokio::time::interval(LOOK);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let Some(region) = region.upgrade() else { return };
        for (before, after) in evaluate_due(&region) {
            notify::act(&region, before, after);
        }
    }
}

/// Evaluates what is due; answers alarms that changed their states, as they were and as they are.
fn evaluate_due(region: &Arc<Region>) -> Vec<(Alarm, Alarm)> {
    let (now, speed) = (now(), region.pace().speed());
    let mut state = region.state();
    let cloudwatch = &mut state.cloudwatch;
    let mut changed = Vec::new();
    for alarm in cloudwatch
        .alarms
        .values_mut()
        .filter(|alarm| alarm.due <= second(now))
    {
        alarm.due = next(&alarm.settings, speed);
        let before = alarm.clone();
        if evaluate(alarm, &region.metrics, speed, now) {
            cloudwatch.history.state(&before, alarm);
            changed.push((before, alarm.clone()));
        }
    }
    changed
}

/// The second of an evaluation after now. A new alarm has insufficient data until then.
pub(super) fn next(settings: &Settings, speed: f64) -> i64 {
    second(now()) + scaled(settings.period().min(AT_LEAST), speed)
}

/// Evaluates one alarm; whether its state changed.
fn evaluate(alarm: &mut Alarm, metrics: &Metrics, speed: f64, now: f64) -> bool {
    let points = match points(alarm, metrics, speed, second(now)) {
        Ok(points) => points,
        Err(error) => return unknown(alarm, &error, now),
    };
    let settings = &alarm.settings;
    let breaches: Vec<Option<bool>> = points
        .iter()
        .map(|point| point.value.map(|_| point.breaches))
        .collect();
    let rule = Rule {
        periods: settings.periods,
        needed: settings.datapoints.unwrap_or(settings.periods),
        missing: settings.missing,
    };
    let Some(state) = decide(&breaches, rule).filter(|state| *state != alarm.state) else {
        return false;
    };
    let (reason, data) = (
        words::reason(alarm, state, &points),
        words::reason_data(alarm, &points, now),
    );
    alarm.enter(state, reason, Some(data), now);
    true
}

/// An expression that does not work out is no reason to stop.
fn unknown(alarm: &mut Alarm, error: &ApiError, now: f64) -> bool {
    if alarm.state == AlarmState::InsufficientData {
        return false;
    }
    alarm.enter(
        AlarmState::InsufficientData,
        error.message.clone(),
        Some(json!({ "version": "1.0" }).to_string()),
        now,
    );
    true
}

impl Alarm {
    /// Enters a state.
    pub(super) fn enter(&mut self, state: AlarmState, reason: String, data: Option<String>, now: f64) {
        if state != self.state {
            self.state_changed = now;
        }
        self.state = state;
        self.reason = reason;
        self.reason_data = data;
        self.state_updated = now;
    }
}

/// The latest periods of an alarm, newest first: those it evaluates, and a few earlier ones.
fn points(alarm: &Alarm, metrics: &Metrics, speed: f64, end: i64) -> Result<Vec<Point>, ApiError> {
    let settings = &alarm.settings;
    let period = scaled(settings.period(), speed);
    let count = i64::try_from(settings.periods + EARLIER).unwrap_or(i64::MAX);
    let range = Range {
        from: end.saturating_sub(period.saturating_mul(count)),
        to: end,
        speed,
    };
    let Some(returned) = settings.queries.iter().find(|query| query.returned) else {
        return Ok(Vec::new());
    };
    let found = Evaluation::new(metrics, &settings.queries, range).points(&returned.id)?;
    let point = |at: i64| {
        let value = found.get(&at).copied();
        let breaches = value.is_some_and(|value| settings.comparison.breaches(value, settings.threshold));
        Point { at, value, breaches }
    };
    Ok((1..=count).map(|back| point(end - back * period)).collect())
}
