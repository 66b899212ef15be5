//! Threshold expressions: `aggregation operator number`.

use std::fmt;

use super::{Kind, MetricError, number};

/// What of a metric a threshold looks at.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Aggregation {
    /// The last value of a gauge.
    Value,
    /// The sum of a counter.
    Count,
    /// A counter's sum per second, or the share of a rate that was not zero.
    Rate,
    /// The average of a trend.
    Avg,
    /// The smallest sample of a trend.
    Min,
    /// The largest sample of a trend.
    Max,
    /// The median of a trend.
    Med,
    /// A percentile of a trend, from 0 to 100.
    Percentile(f64),
}

impl Aggregation {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "value" => Self::Value,
            "count" => Self::Count,
            "rate" => Self::Rate,
            "avg" => Self::Avg,
            "min" => Self::Min,
            "max" => Self::Max,
            "med" => Self::Med,
            // k6 takes the bare letter for the percentile of 0.
            "p" => Self::Percentile(0.0),
            _ => Self::Percentile(number::parse_percentile(text)?),
        })
    }

    fn fits(self, kind: Kind) -> bool {
        match kind {
            Kind::Counter => matches!(self, Self::Count | Self::Rate),
            Kind::Gauge => self == Self::Value,
            Kind::Rate => self == Self::Rate,
            Kind::Trend => !matches!(self, Self::Count | Self::Rate | Self::Value),
        }
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("value"),
            Self::Count => f.write_str("count"),
            Self::Rate => f.write_str("rate"),
            Self::Avg => f.write_str("avg"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
            Self::Med => f.write_str("med"),
            Self::Percentile(number) => write!(f, "p({number})"),
        }
    }
}

/// How a threshold compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `<=`
    LessOrEqual,
    /// `<`
    Less,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
    /// `==` and `===`
    Equal,
    /// `!=`
    NotEqual,
}

/// In the order in which k6 looks for them.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::LessOrEqual),
    ("<", Operator::Less),
    (">=", Operator::GreaterOrEqual),
    (">", Operator::Greater),
    ("===", Operator::Equal),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
];

/// A parsed threshold.
#[derive(Clone, PartialEq, Debug)]
pub struct Expression {
    /// What is compared.
    pub aggregation: Aggregation,
    /// How it is compared.
    pub operator: Operator,
    /// With what it is compared.
    pub bound: f64,
    /// The aggregation as it was written: reports show it.
    pub written: String,
}

impl Expression {
    /// Reads the threshold `text` of `metric`. An aggregation that the kind of the metric has not is refused, as by k6.
    pub fn parse(metric: &str, kind: Kind, text: &str) -> Result<Self, MetricError> {
        let refuse = |problem: String| MetricError::Expression {
            metric: metric.to_owned(),
            expression: text.to_owned(),
            problem,
            example: example(kind),
        };
        let (left, operator, right) = split(text).ok_or_else(|| refuse("it has no operator".to_owned()))?;
        let aggregation = Aggregation::parse(left).ok_or_else(|| {
            refuse(format!(
                "'{left}' is no aggregation (a {kind} has {})",
                supported(kind)
            ))
        })?;
        let bound = number::parse_float(right).ok_or_else(|| refuse(format!("'{right}' is no number")))?;
        if !aggregation.fits(kind) {
            return Err(MetricError::Aggregation {
                metric: metric.to_owned(),
                expression: text.to_owned(),
                kind,
                aggregation: left.to_owned(),
                supported: supported(kind),
            });
        }
        Ok(Self {
            aggregation,
            operator,
            bound,
            written: left.to_owned(),
        })
    }

    /// Whether the value is within the threshold.
    pub fn holds(&self, value: f64) -> bool {
        match self.operator {
            Operator::LessOrEqual => value <= self.bound,
            Operator::Less => value < self.bound,
            Operator::GreaterOrEqual => value >= self.bound,
            Operator::Greater => value > self.bound,
            Operator::Equal => value == self.bound,
            Operator::NotEqual => value != self.bound,
        }
    }
}

fn split(text: &str) -> Option<(&str, Operator, &str)> {
    OPERATORS.iter().find_map(|(token, operator)| {
        let (left, right) = text.split_once(token).filter(|(_, right)| !right.is_empty())?;
        Some((left.trim(), *operator, right.trim()))
    })
}

fn supported(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "count, rate",
        Kind::Gauge => "value",
        Kind::Rate => "rate",
        Kind::Trend => "avg, min, max, med, p(number)",
    }
}

fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "count<100",
        Kind::Gauge => "value<100",
        Kind::Rate => "rate<0.01",
        Kind::Trend => "p(95)<500",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(kind: Kind, text: &str) -> (Aggregation, Operator, f64) {
        let expression = Expression::parse("m", kind, text).unwrap();
        (expression.aggregation, expression.operator, expression.bound)
    }

    #[test]
    fn reads_every_form_of_k6() {
        use Aggregation::*;
        use Operator::*;
        for (kind, text, expected) in [
            (Kind::Trend, "p(95)<500", (Percentile(95.0), Less, 500.0)),
            (
                Kind::Trend,
                " p(99.9)  <= 1e3 ",
                (Percentile(99.9), LessOrEqual, 1000.0),
            ),
            (Kind::Trend, "avg>=-1.5", (Avg, GreaterOrEqual, -1.5)),
            (Kind::Trend, "min > .5", (Min, Greater, 0.5)),
            (Kind::Trend, "max===3", (Max, Equal, 3.0)),
            (Kind::Trend, "med\t!=\t3", (Med, NotEqual, 3.0)),
            (Kind::Trend, "p<1", (Percentile(0.0), Less, 1.0)),
            (Kind::Counter, "count==0", (Count, Equal, 0.0)),
            (Kind::Counter, "rate<10", (Rate, Less, 10.0)),
            (Kind::Rate, "rate>0.99", (Rate, Greater, 0.99)),
            (Kind::Gauge, "value<1e21", (Value, Less, 1e21)),
        ] {
            assert_eq!(parsed(kind, text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_malformed_expressions_and_names_them() {
        for text in [
            "",
            "p(95)",
            "p(95)<",
            "p(95)<=",
            "<500",
            "p(95)=500",
            "p(101)<1",
            "p(95)<5OO",
            "foo<1",
            "avg<1<2",
            "avg < ",
            "p(95)<500ms",
            "avg=>1",
        ] {
            let error = Expression::parse("m", Kind::Trend, text).unwrap_err().to_string();
            assert!(
                error.contains(&format!("'{text}'")) && error.contains("p(95)<500"),
                "{error}"
            );
        }
    }

    #[test]
    fn refuses_aggregations_that_the_kind_has_not() {
        for (kind, text, possible) in [
            (Kind::Trend, "count<1", "avg, min, max, med, p(number)"),
            (Kind::Counter, "p(95)<1", "count, rate"),
            (Kind::Counter, "value<1", "count, rate"),
            (Kind::Gauge, "rate<1", "value"),
            (Kind::Rate, "count<1", "rate"),
        ] {
            let error = Expression::parse("m", kind, text).unwrap_err();
            assert!(matches!(error, MetricError::Aggregation { .. }), "{error}");
            assert!(error.to_string().ends_with(possible), "{error}");
        }
    }

    #[test]
    fn compares() {
        for (text, below, equal, above) in [
            ("value<2", true, false, false),
            ("value<=2", true, true, false),
            ("value>2", false, false, true),
            ("value>=2", false, true, true),
            ("value==2", false, true, false),
            ("value===2", false, true, false),
            ("value!=2", true, false, true),
            ("value<NaN", false, false, false),
        ] {
            let expression = Expression::parse("m", Kind::Gauge, text).unwrap();
            assert_eq!(
                [1.0, 2.0, 3.0].map(|value| expression.holds(value)),
                [below, equal, above],
                "{text}"
            );
        }
    }
}
