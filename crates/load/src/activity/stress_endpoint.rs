//! Load on one address.

use std::path::PathBuf;
use std::time::Duration;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::ActivityFailure;
use super::arguments::{Count, Engine, Flag, Stages, Time, load};
use super::job::Job;
use super::names::ACTIONS;
use crate::run::Script;

/// As many GET requests as go through, from each virtual user one after the other.
const SCRIPT: &str = "import http from 'k6/http';
import { Rate } from 'k6/metrics';

const failures = new Rate('failures');

export const options = { discardResponseBodies: true };

export default function () {
  failures.add(http.get(__ENV.CHAOS_K6_URL).status !== 200);
}
";
const A_MOMENT: Duration = Duration::from_secs(1);

/// Calls an address with GET, from a number of virtual users at the same time, each as fast as it gets answers. The
/// load goes on when calls fail, and the activity does not fail by them: the metric `failures` of the summary tells the
/// share of answers with another status than 200.
#[derive(Deserialize, JsonSchema)]
pub struct StressEndpoint {
    /// The address to call, with http or https.
    endpoint: String,
    /// The number of virtual users; 1 by default.
    #[serde(default)]
    vus: Option<Count>,
    /// How long: a text such as `1m30s`, or seconds. 1 second by default, without `iterations` and `stages`.
    #[serde(default)]
    duration: Option<Time>,
    /// A file for what k6 would have printed. An existing one is replaced.
    #[serde(default)]
    log_file: Option<String>,
    /// Whether the same goes to the run's log.
    #[serde(default)]
    debug: Flag,
    /// How the number of virtual users changes: a list of `{duration, target}`, or a text such as `10s:5,20s:0`.
    #[serde(default)]
    stages: Option<Stages>,
    /// How many requests there are in all.
    #[serde(default)]
    iterations: Option<Count>,
    /// `k6` makes the load with the real k6, from the variable CHAOS_K6 or from PATH; `native` never does.
    #[serde(default)]
    engine: Option<Engine>,
}

impl NativeActivity for StressEndpoint {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "stress_endpoint";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The summary, as of `run_script`.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        super::probe::check_endpoint(&self.endpoint)?;
        let is_bounded = self.iterations.is_some() || self.stages.is_some();
        let duration = self.duration.or_else(|| (!is_bounded).then_some(Time(A_MOMENT)));
        let vus = self.vus.or(Some(Count(1)));
        let overrides = load(vus, duration, self.iterations, self.stages.as_ref());
        let job = Job {
            script: Script::Text {
                name: "stress_endpoint.js".to_owned(),
                source: SCRIPT.to_owned(),
            },
            environ: [("CHAOS_K6_URL".to_owned(), self.endpoint)].into(),
            overrides: overrides.map_err(ActivityFailure::from)?,
            log_file: self.log_file.map(PathBuf::from),
            debug: self.debug.0,
            engine: self.engine,
        };
        let outcome = job.run(&context).await?;
        Ok(outcome.judged()?.into())
    }
}
