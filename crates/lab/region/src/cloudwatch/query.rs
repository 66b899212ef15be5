//! Queries of metrics, as GetMetricData and alarms have them, and what they give.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::ask::{self, borrowed, dimensions, shown};
use super::math::{self, Expression};
use super::metrics::Metrics;
use super::put::unit;
use super::read::periods;
use super::statistic::Statistic;
use crate::input;
use crate::wire::ApiError;

/// Values by the first seconds of their periods.
pub(super) type Points = BTreeMap<i64, f64>;

/// One query: a statistic of a metric, or an expression of others.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) label: Option<String>,
    pub(super) returned: bool,
    pub(super) source: Source,
}

/// What a query asks for.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Stat(Stat),
    Expression { written: String, read: Expression },
}

/// A statistic of a metric.
#[derive(Clone, Debug)]
pub(super) struct Stat {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: Vec<(String, String)>,
    /// Seconds of AWS.
    pub(super) period: i64,
    /// As written: `Average`, `p90`.
    pub(super) named: String,
    pub(super) statistic: Statistic,
    pub(super) unit: Option<&'static str>,
}

impl Query {
    /// Reads a list of queries.
    ///
    /// # Errors
    /// `ValidationError`, `InvalidParameterValue`.
    pub(super) fn read_all(input: &Value, member: &str) -> Result<Vec<Query>, ApiError> {
        let queries: Vec<Query> = input::list(input, member)
            .iter()
            .map(Query::read)
            .collect::<Result<_, _>>()?;
        let mut ids: Vec<&str> = queries.iter().map(|query| query.id.as_str()).collect();
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ApiError::validation(format!(
                "Each Id of {member} must be unique: {} is not.",
                pair[0]
            ))),
            None => Ok(queries),
        }
    }

    fn read(input: &Value) -> Result<Query, ApiError> {
        let id = input::required(input, "Id")?;
        if !id.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(ApiError::validation(format!(
                "The Id '{id}' must begin with a lowercase letter."
            )));
        }
        let source = match (
            input.get("MetricStat").filter(|stat| stat.is_object()),
            input::text(input, "Expression"),
        ) {
            (Some(stat), None) => Source::Stat(Stat::read(stat)?),
            (None, Some(written)) => Source::Expression {
                written: written.to_owned(),
                read: Expression::read(written)?,
            },
            _ => {
                return Err(ApiError::validation(format!(
                    "The query {id} needs either MetricStat or Expression."
                )));
            }
        };
        Ok(Query {
            id: id.to_owned(),
            label: input::text(input, "Label").map(str::to_owned),
            returned: input::flag(input, "ReturnData").unwrap_or(true),
            source,
        })
    }

    /// As answers show it.
    pub(super) fn describe(&self) -> Value {
        let (stat, expression) = match &self.source {
            Source::Stat(stat) => (Some(stat.describe()), None),
            Source::Expression { written, .. } => (None, Some(written)),
        };
        json!({ "Id": self.id, "Label": self.label, "ReturnData": self.returned, "MetricStat": stat, "Expression": expression })
    }
}

impl Stat {
    fn read(input: &Value) -> Result<Stat, ApiError> {
        let metric = input.get("Metric").unwrap_or(&Value::Null);
        Stat::of(metric, input, input::required(input, "Stat")?)
    }

    /// The metric's members are in `metric`, period and unit in `input`.
    pub(super) fn of(metric: &Value, input: &Value, statistic: &str) -> Result<Stat, ApiError> {
        Ok(Stat {
            namespace: input::required(metric, "Namespace")?.to_owned(),
            name: input::required(metric, "MetricName")?.to_owned(),
            dimensions: dimensions(metric)?,
            period: ask::period(input)?,
            named: statistic.to_owned(),
            statistic: Statistic::read(statistic)?,
            unit: unit(input)?,
        })
    }

    fn describe(&self) -> Value {
        json!({
            "Metric": { "Namespace": self.namespace, "MetricName": self.name, "Dimensions": shown(&self.dimensions) },
            "Period": self.period,
            "Stat": self.named,
            "Unit": self.unit,
        })
    }
}

/// Seconds from the first up to, not including, the second; and how long a period of AWS is in them.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) from: i64,
    pub(super) to: i64,
    /// How much faster than AWS periods go: 1 for what clients ask, the lab's pace for alarms.
    pub(super) speed: f64,
}

impl Range {
    /// A period in the lab's seconds.
    pub(super) fn period(self, seconds: i64) -> i64 {
        scaled(seconds, self.speed)
    }
}

/// A duration of AWS in whole seconds of the lab.
pub(super) fn scaled(seconds: i64, speed: f64) -> i64 {
    ((seconds as f64 / speed).round() as i64).max(1)
}

/// Evaluates queries, each once.
pub(super) struct Evaluation<'a> {
    pub(super) metrics: &'a Metrics,
    pub(super) queries: &'a [Query],
    pub(super) range: Range,
    done: HashMap<&'a str, Points>,
    under_way: Vec<&'a str>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(metrics: &'a Metrics, queries: &'a [Query], range: Range) -> Evaluation<'a> {
        Evaluation {
            metrics,
            queries,
            range,
            done: HashMap::new(),
            under_way: Vec::new(),
        }
    }

    /// What the query of an id gives.
    ///
    /// # Errors
    /// `ValidationError` for an id that is not there, and for expressions that refer to themselves or do not work out.
    pub(super) fn points(&mut self, id: &str) -> Result<Points, ApiError> {
        if let Some(points) = self.done.get(id) {
            return Ok(points.clone());
        }
        let queries = self.queries;
        let query = queries.iter().find(|query| query.id == id);
        let query =
            query.ok_or_else(|| ApiError::validation(format!("There is no query with the Id '{id}'.")))?;
        if self.under_way.contains(&id) {
            return Err(ApiError::validation(format!(
                "The expression '{id}' refers to itself."
            )));
        }
        self.under_way.push(&query.id);
        let points = match &query.source {
            Source::Stat(stat) => stat.points(self.metrics, self.range),
            Source::Expression { read, .. } => math::evaluate(read, self)?,
        };
        self.under_way.pop();
        self.done.insert(&query.id, points.clone());
        Ok(points)
    }

    /// The shortest period of the metrics, in the lab's seconds.
    pub(super) fn step(&self) -> i64 {
        self.range.period(period(self.queries))
    }
}

/// The shortest period of queries, in seconds of AWS.
pub(super) fn period(queries: &[Query]) -> i64 {
    let periods = queries.iter().filter_map(|query| match &query.source {
        Source::Stat(stat) => Some(stat.period),
        Source::Expression { .. } => None,
    });
    periods.min().unwrap_or(60)
}

impl Stat {
    fn points(&self, metrics: &Metrics, range: Range) -> Points {
        let found = metrics.matching(
            &self.namespace,
            &self.name,
            &borrowed(&self.dimensions),
            self.unit,
        );
        let periods = periods(&found, range.from, range.to, range.period(self.period));
        periods
            .into_iter()
            .filter_map(|(at, summary)| Some((at, self.statistic.of(&summary)?)))
            .collect()
    }
}
