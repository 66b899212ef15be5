//! Metric math: arithmetic, comparisons, lists, and the functions SUM, AVG, MIN, MAX, ABS, CEIL, FLOOR, FILL, IF, METRICS and PERIOD. Others,
//! SEARCH and anomaly detection among them, are refused by name. Source: "Using math expressions with CloudWatch metrics".

mod read;

use super::query::{Evaluation, Points, Source};
use crate::wire::ApiError;
pub(super) use read::Expression;

/// What an expression gives.
#[derive(Clone, Debug)]
enum Found {
    Number(f64),
    Points(Points),
    List(Vec<Points>),
}

fn refuse(why: impl Into<String>) -> ApiError {
    ApiError::validation(format!("Error in expression: {}", why.into()))
}

/// The points of an expression. A lone number is a point in each period.
///
/// # Errors
/// `ValidationError` for what does not work out.
pub(super) fn evaluate(expression: &Expression, context: &mut Evaluation<'_>) -> Result<Points, ApiError> {
    match value(expression, context)? {
        Found::Points(points) => Ok(points),
        Found::Number(number) => Ok(everywhere(context).map(|at| (at, number)).collect()),
        Found::List(_) => Err(refuse("a list is no result")),
    }
}

/// The first seconds of all periods.
fn everywhere(context: &Evaluation<'_>) -> impl Iterator<Item = i64> + use<> {
    let range = context.range;
    (range.from..range.to).step_by(usize::try_from(context.step()).unwrap_or(1))
}

fn value(expression: &Expression, context: &mut Evaluation<'_>) -> Result<Found, ApiError> {
    match expression {
        Expression::Number(number) => Ok(Found::Number(*number)),
        Expression::Id(id) => Ok(Found::Points(context.points(id)?)),
        Expression::List(items) => {
            let items = items.iter().map(|item| points(value(item, context)?));
            Ok(Found::List(items.collect::<Result<_, _>>()?))
        }
        Expression::Binary(operator, left, right) => {
            let (left, right) = (value(left, context)?, value(right, context)?);
            pairwise(left, right, |a, b| operator.apply(a, b))
        }
        Expression::Call(name, arguments) => call(name, arguments, context),
    }
}

fn points(found: Found) -> Result<Points, ApiError> {
    match found {
        Found::Points(points) => Ok(points),
        _ => Err(refuse("a metric is needed here")),
    }
}

/// Points at times that both have; a number goes with each point. Results that are no numbers (division by zero) are left out.
fn pairwise(left: Found, right: Found, apply: impl Fn(f64, f64) -> f64) -> Result<Found, ApiError> {
    let finite = |(at, value): (i64, f64)| value.is_finite().then_some((at, value));
    Ok(match (left, right) {
        (Found::Number(a), Found::Number(b)) => Found::Number(apply(a, b)),
        (Found::Points(a), Found::Number(b)) => Found::Points(
            a.iter()
                .map(|(at, a)| (*at, apply(*a, b)))
                .filter_map(finite)
                .collect(),
        ),
        (Found::Number(a), Found::Points(b)) => Found::Points(
            b.iter()
                .map(|(at, b)| (*at, apply(a, *b)))
                .filter_map(finite)
                .collect(),
        ),
        (Found::Points(a), Found::Points(b)) => {
            let both = a.iter().filter_map(|(at, a)| Some((*at, apply(*a, *b.get(at)?))));
            Found::Points(both.filter_map(finite).collect())
        }
        _ => return Err(refuse("operators do not take lists; use SUM, AVG, MIN or MAX")),
    })
}

fn call(name: &str, arguments: &[Expression], context: &mut Evaluation<'_>) -> Result<Found, ApiError> {
    match (name, arguments) {
        ("SUM", [one]) => Ok(folded(value(one, context)?, |values| {
            values.iter().fold(0.0, |sum, value| sum + value)
        })),
        ("AVG", [one]) => Ok(folded(value(one, context)?, |values| {
            values.iter().sum::<f64>() / values.len() as f64
        })),
        ("MIN", [one]) => Ok(folded(value(one, context)?, |values| {
            values.iter().copied().fold(f64::INFINITY, f64::min)
        })),
        ("MAX", [one]) => Ok(folded(value(one, context)?, |values| {
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        })),
        ("ABS", [one]) => pairwise(value(one, context)?, Found::Number(0.0), |value, _| value.abs()),
        ("CEIL", [one]) => pairwise(value(one, context)?, Found::Number(0.0), |value, _| value.ceil()),
        ("FLOOR", [one]) => pairwise(value(one, context)?, Found::Number(0.0), |value, _| value.floor()),
        ("FILL", [one, with]) => fill(points(value(one, context)?)?, with, context),
        ("IF", [test, yes, no]) => branch(value(test, context)?, value(yes, context)?, value(no, context)?),
        ("METRICS", []) => metrics(context),
        ("PERIOD", [Expression::Id(_)]) => Ok(Found::Number(context.step() as f64)),
        _ => Err(refuse(format!(
            "chaos-lab does not offer {name} with {} argument(s)",
            arguments.len()
        ))),
    }
}

/// One number of a metric, or one metric of a list: point by point, over those that have the point.
fn folded(found: Found, fold: impl Fn(&[f64]) -> f64) -> Found {
    match found {
        Found::Number(number) => Found::Number(number),
        Found::Points(points) => match points.is_empty() {
            true => Found::Points(points),
            false => Found::Number(fold(&points.into_values().collect::<Vec<f64>>())),
        },
        Found::List(all) => {
            let mut by_time: std::collections::BTreeMap<i64, Vec<f64>> = Default::default();
            for (at, value) in all.into_iter().flatten() {
                by_time.entry(at).or_default().push(value);
            }
            Found::Points(
                by_time
                    .into_iter()
                    .map(|(at, values)| (at, fold(&values)))
                    .collect(),
            )
        }
    }
}

/// Fills periods without values with a number, another metric's value, or (`REPEAT`) the value before.
fn fill(mut given: Points, with: &Expression, context: &mut Evaluation<'_>) -> Result<Found, ApiError> {
    let repeats = matches!(with, Expression::Id(id) if id == "REPEAT");
    let filler = if repeats {
        None
    } else {
        Some(value(with, context)?)
    };
    let mut last = None;
    for at in everywhere(context) {
        if let Some(value) = given.get(&at) {
            last = Some(*value);
            continue;
        }
        let value = match &filler {
            None => last,
            Some(Found::Number(number)) => Some(*number),
            Some(Found::Points(points)) => points.get(&at).copied(),
            Some(Found::List(_)) => return Err(refuse("FILL does not take a list")),
        };
        given.extend(value.map(|value| (at, value)));
    }
    Ok(Found::Points(given))
}

fn branch(test: Found, yes: Found, no: Found) -> Result<Found, ApiError> {
    let at = |found: &Found, at: i64| match found {
        Found::Number(number) => Some(*number),
        Found::Points(points) => points.get(&at).copied(),
        Found::List(_) => None,
    };
    match test {
        Found::Number(test) => Ok(if test != 0.0 { yes } else { no }),
        Found::Points(test) => {
            let chosen = test
                .into_iter()
                .filter_map(|(time, test)| Some((time, at(if test != 0.0 { &yes } else { &no }, time)?)));
            Ok(Found::Points(chosen.collect()))
        }
        Found::List(_) => Err(refuse("IF does not take a list")),
    }
}

/// All metrics of the request.
fn metrics(context: &mut Evaluation<'_>) -> Result<Found, ApiError> {
    let queries = context.queries;
    let stats = queries
        .iter()
        .filter(|query| matches!(query.source, Source::Stat(_)));
    let all: Result<Vec<Points>, ApiError> = stats.map(|query| context.points(&query.id)).collect();
    Ok(Found::List(all?))
}
