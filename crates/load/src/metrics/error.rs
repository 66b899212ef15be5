use super::{Contains, Kind};

/// Why a metric or a threshold is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricError {
    #[error(
        "invalid metric name '{name}': a name has 2 to 129 ASCII letters, digits or underscores, \
         and starts with a letter or an underscore"
    )]
    Name { name: String },

    #[error(
        "metric '{name}' already exists as a {existing}, it cannot be a {asked} too: give one of them another name"
    )]
    Kind {
        name: String,
        existing: Kind,
        asked: Kind,
    },

    #[error(
        "metric '{name}' already exists with values of type {existing}, not {asked}: \
         give its second argument (isTime) the same way everywhere"
    )]
    Contains {
        name: String,
        existing: Contains,
        asked: Contains,
    },

    #[error("thresholds name the metric '{key}', but {problem}: write metric or metric{{tag:value,…}}")]
    Key { key: String, problem: &'static str },

    #[error("thresholds name the metric '{key}', but there is no metric '{name}'; there are: {known}")]
    Unknown {
        key: String,
        name: String,
        known: String,
    },

    #[error(
        "threshold '{expression}' of metric '{metric}' cannot be read: {problem}; \
         write aggregation, operator (> >= < <= == === !=) and number, such as {example}"
    )]
    Expression {
        metric: String,
        expression: String,
        problem: String,
        example: &'static str,
    },

    #[error(
        "threshold '{expression}' of metric '{metric}': a {kind} has no {aggregation}; \
         what it has: {supported}"
    )]
    Aggregation {
        metric: String,
        expression: String,
        kind: Kind,
        aggregation: String,
        supported: &'static str,
    },
}
