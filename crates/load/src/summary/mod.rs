//! What is told at the end of a test.

mod build;
mod groups;
mod journal;
mod json;
mod settings;
mod text;

use std::time::Duration;

use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

pub use groups::{Check, Group};
pub use settings::{SettingsError, SummarySettings};
pub use text::TextSettings;

use crate::metrics::{Contains, Crossed, Kind};

#[cfg(test)]
mod tests;

/// Everything that is told at the end of a test: for people ([`Summary::text`]), for the script
/// ([`Summary::handle_summary_data`]), for a file ([`Summary::export`]) and for an experiment's journal
/// ([`Summary::for_journal`]).
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// How long the test ran; in JSON as seconds.
    #[serde(rename = "duration", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Each metric that had samples or has thresholds, with its sub-metrics behind it.
    pub metrics: Vec<Metric>,
    /// The tree of groups and checks.
    pub root_group: Group,
    /// All checks by name, whatever their group, by first appearance: so k6 lists them.
    pub checks: IndexMap<String, Check>,
    pub settings: SummarySettings,
    pub state: State,
}

/// One metric, or sub-metric, of a [`Summary`].
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    pub name: String,
    pub kind: Kind,
    pub contains: Contains,
    /// What k6 gives for this kind, by its names; of a trend what the settings ask for.
    pub values: IndexMap<String, f64>,
    /// What the journal gives.
    pub journal: IndexMap<String, f64>,
    pub thresholds: Vec<ThresholdResult>,
}

/// How a threshold ended.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdResult {
    /// As the script has it.
    pub expression: String,
    /// What it looks at, as the script has it: `p(95)`.
    pub aggregation: String,
    /// `None` where k6 has no value either, such as for a rate without samples; then the threshold is met.
    pub value: Option<f64>,
    pub ok: bool,
}

/// What `data.state`, `data.options.noColor` and `data.setup_data` of handleSummary tell.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    pub no_colour: bool,
    /// What `setup()` gave back.
    pub setup_data: Option<Value>,
}

impl Summary {
    /// Sets what only the caller knows of the terminal and of `setup()`.
    pub fn with_state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// The thresholds that failed, in the order of metrics. A test with any has failed.
    pub fn crossed(&self) -> Vec<Crossed> {
        let of = |metric: &Metric, result: &ThresholdResult| Crossed {
            metric: metric.name.clone(),
            expression: result.expression.clone(),
        };
        let failed = |metric: &Metric| -> Vec<_> {
            let results = metric.thresholds.iter().filter(|result| !result.ok);
            results.map(|result| of(metric, result)).collect()
        };
        self.metrics.iter().flat_map(failed).collect()
    }

    /// The metric, or sub-metric, of this name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
