//! An alarm: its settings, from a request and to an answer.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::ask::shown;
use super::decide::{Comparison, Treatment};
use super::query::{Query, Source, Stat, period};
use crate::wire::{ApiError, time};
use crate::{input, now};

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl AlarmState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            AlarmState::Ok => "OK",
            AlarmState::Alarm => "ALARM",
            AlarmState::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// # Errors
    /// `ValidationError` for what is no state.
    pub(super) fn read(written: &str) -> Result<AlarmState, ApiError> {
        let all = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
        let found = all.into_iter().find(|state| state.as_str() == written);
        found.ok_or_else(|| ApiError::validation("StateValue must be OK, ALARM or INSUFFICIENT_DATA."))
    }
}

/// What an alarm is set to.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) description: Option<String>,
    pub(super) actions_enabled: bool,
    pub(super) ok_actions: Vec<String>,
    pub(super) alarm_actions: Vec<String>,
    pub(super) insufficient_actions: Vec<String>,
    /// What is evaluated: one metric, or several with expressions of them.
    pub(super) queries: Vec<Query>,
    /// Whether the client wrote `Metrics`, which answers then show.
    pub(super) is_math: bool,
    pub(super) periods: usize,
    pub(super) datapoints: Option<usize>,
    pub(super) threshold: f64,
    pub(super) comparison: Comparison,
    pub(super) missing: Treatment,
    /// `evaluate` or `ignore`; kept, and shown, without effect.
    pub(super) low_samples: Option<String>,
}

/// An alarm.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) settings: Settings,
    pub(super) tags: IndexMap<String, String>,
    pub(super) configured: f64,
    pub(super) state: AlarmState,
    pub(super) reason: String,
    /// JSON as text.
    pub(super) reason_data: Option<String>,
    pub(super) state_updated: f64,
    pub(super) state_changed: f64,
    /// The second from which on the next evaluation is due.
    pub(super) due: i64,
}

/// A day; alarms with periods of an hour or more may look back a week.
const DAY: i64 = 86_400;

impl Settings {
    /// Reads a PutMetricAlarm.
    ///
    /// # Errors
    /// `ValidationError`, `InvalidParameterValue`, `InvalidParameterCombination`.
    pub(super) fn read(input: &Value) -> Result<Settings, ApiError> {
        let (queries, is_math) = queries(input)?;
        let periods = whole(input, "EvaluationPeriods")?.ok_or_else(|| needed("EvaluationPeriods"))?;
        let datapoints = whole(input, "DatapointsToAlarm")?;
        if datapoints.is_some_and(|datapoints| datapoints > periods) {
            return Err(ApiError::validation(
                "DatapointsToAlarm must not be greater than EvaluationPeriods.",
            ));
        }
        let (period, most) = (
            period(&queries),
            if period(&queries) >= 3600 { 7 * DAY } else { DAY },
        );
        if period.saturating_mul(i64::try_from(periods).unwrap_or(i64::MAX)) > most {
            return Err(ApiError::validation(format!(
                "Period times EvaluationPeriods must not exceed {most} seconds."
            )));
        }
        Ok(Settings {
            description: input::text(input, "AlarmDescription").map(str::to_owned),
            actions_enabled: input::flag(input, "ActionsEnabled").unwrap_or(true),
            ok_actions: actions(input, "OKActions")?,
            alarm_actions: actions(input, "AlarmActions")?,
            insufficient_actions: actions(input, "InsufficientDataActions")?,
            queries,
            is_math,
            periods,
            datapoints,
            threshold: input::number(input, "Threshold")?
                .filter(|value| value.is_finite())
                .ok_or_else(|| needed("Threshold"))?,
            comparison: Comparison::read(input::required(input, "ComparisonOperator")?)?,
            missing: Treatment::read(input::text(input, "TreatMissingData"))?,
            low_samples: input::text(input, "EvaluateLowSampleCountPercentile").map(str::to_owned),
        })
    }

    /// What an alarm of a metric watches; nothing for an alarm of expressions.
    pub(super) fn stat(&self) -> Option<&Stat> {
        match self.queries.as_slice() {
            [
                Query {
                    source: Source::Stat(stat),
                    ..
                },
            ] if !self.is_math => Some(stat),
            _ => None,
        }
    }

    /// The seconds of AWS in a period.
    pub(super) fn period(&self) -> i64 {
        period(&self.queries)
    }

    /// Actions of a change to a state.
    pub(super) fn actions(&self, state: AlarmState) -> &[String] {
        match state {
            AlarmState::Ok => &self.ok_actions,
            AlarmState::Alarm => &self.alarm_actions,
            AlarmState::InsufficientData => &self.insufficient_actions,
        }
    }
}

fn needed(member: &str) -> ApiError {
    ApiError::validation(format!("The request must contain the parameter {member}."))
}

fn whole(input: &Value, member: &str) -> Result<Option<usize>, ApiError> {
    match input::integer(input, member)? {
        None => Ok(None),
        Some(value) if value > 0 => Ok(usize::try_from(value).ok()),
        Some(_) => Err(ApiError::validation(format!("{member} must be 1 at least."))),
    }
}

fn actions(input: &Value, member: &str) -> Result<Vec<String>, ApiError> {
    let actions = input::texts(input, member);
    match actions.len() > 5 || actions.iter().any(|action| !action.starts_with("arn:")) {
        true => Err(ApiError::validation(format!("{member} must be 5 ARNs at most."))),
        false => Ok(actions),
    }
}

fn queries(input: &Value) -> Result<(Vec<Query>, bool), ApiError> {
    if input::text(input, "ThresholdMetricId").is_some() {
        return Err(ApiError::validation(
            "chaos-lab does not offer alarms on anomaly detection (ThresholdMetricId).",
        ));
    }
    if !input::list(input, "Metrics").is_empty() {
        let queries = Query::read_all(input, "Metrics")?;
        return match queries.iter().filter(|query| query.returned).count() {
            1 => Ok((queries, true)),
            _ => Err(ApiError::validation(
                "Exactly one element of Metrics must have ReturnData set to true.",
            )),
        };
    }
    let statistic = match (
        input::text(input, "Statistic"),
        input::text(input, "ExtendedStatistic"),
    ) {
        (Some(statistic), None) | (None, Some(statistic)) => statistic,
        _ => {
            return Err(ApiError::validation(
                "Exactly one of Statistic and ExtendedStatistic must be given.",
            ));
        }
    };
    let stat = Stat::of(input, input, statistic)?;
    if stat.period < 10 {
        return Err(ApiError::validation(
            "Period must be 10, 20, 30 or a multiple of 60.",
        ));
    }
    Ok((
        vec![Query {
            id: "m".to_owned(),
            label: None,
            returned: true,
            source: Source::Stat(stat),
        }],
        false,
    ))
}

impl Alarm {
    /// A new alarm, which knows nothing yet.
    pub(super) fn new(
        name: &str,
        arn: String,
        settings: Settings,
        tags: IndexMap<String, String>,
        due: i64,
    ) -> Alarm {
        let now = now();
        Alarm {
            name: name.to_owned(),
            arn,
            settings,
            tags,
            configured: now,
            state: AlarmState::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            state_updated: now,
            state_changed: now,
            due,
        }
    }

    /// As DescribeAlarms shows it.
    pub(super) fn describe(&self) -> Value {
        let settings = &self.settings;
        let described = json!({
            "AlarmName": self.name,
            "AlarmArn": self.arn,
            "AlarmDescription": settings.description,
            "AlarmConfigurationUpdatedTimestamp": time(self.configured),
            "ActionsEnabled": settings.actions_enabled,
            "OKActions": settings.ok_actions,
            "AlarmActions": settings.alarm_actions,
            "InsufficientDataActions": settings.insufficient_actions,
            "StateValue": self.state.as_str(),
            "StateReason": self.reason,
            "StateReasonData": self.reason_data,
            "StateUpdatedTimestamp": time(self.state_updated),
            "StateTransitionedTimestamp": time(self.state_changed),
            "EvaluationPeriods": settings.periods,
            "DatapointsToAlarm": settings.datapoints,
            "Threshold": settings.threshold,
            "ComparisonOperator": settings.comparison.as_str(),
            "TreatMissingData": settings.missing.as_written(),
            "EvaluateLowSampleCountPercentile": settings.low_samples,
        });
        let Value::Object(mut members) = described else {
            return described;
        };
        settings.describe_metric(&mut members);
        Value::Object(members)
    }
}

impl Settings {
    fn describe_metric(&self, into: &mut Map<String, Value>) {
        let Some(stat) = self.stat() else {
            into.insert(
                "Metrics".to_owned(),
                self.queries.iter().map(Query::describe).collect(),
            );
            return;
        };
        let statistic = if stat.statistic.is_percentile() {
            "ExtendedStatistic"
        } else {
            "Statistic"
        };
        let members = [
            ("Namespace", json!(stat.namespace)),
            ("MetricName", json!(stat.name)),
            ("Dimensions", shown(&stat.dimensions)),
            ("Period", json!(stat.period)),
            ("Unit", json!(stat.unit)),
            (statistic, json!(stat.named)),
        ];
        into.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
}
