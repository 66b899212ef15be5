//! A script of the user's.

use std::path::PathBuf;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::ActivityFailure;
use super::arguments::{Count, Engine, Flag, Stages, Time, Variables, load, variables};
use super::job::Job;
use super::names::ACTIONS;
use crate::run::Script;

/// Runs a k6 script and waits for its end. `vus`, `duration`, `iterations` and `stages` override the script's own
/// options, as on k6's command line; without any of them the script's options count. The variables `K6_VUS`,
/// `K6_DURATION` and so on count as they do for k6. The activity fails when a threshold of the script is crossed, when
/// the script cannot be loaded, throws in `setup()`, or ends the test by itself; the journal has the summary all the same,
/// also of a load that the run cut short.
#[derive(Deserialize, JsonSchema)]
pub struct RunScript {
    /// The path of the script, from the working folder.
    script_path: String,
    /// The number of virtual users.
    #[serde(default)]
    vus: Option<Count>,
    /// How long they run: a text such as `1m30s`, or seconds. With `iterations`, the longest time for these.
    #[serde(default)]
    duration: Option<Time>,
    /// A file for what k6 would have printed: the script's console, then the summary. An existing one is replaced.
    #[serde(default)]
    log_file: Option<String>,
    /// Whether the same goes to the run's log.
    #[serde(default)]
    debug: Flag,
    /// How the number of virtual users changes: a list of `{duration, target}`, or a text such as `10s:5,20s:0`.
    #[serde(default)]
    stages: Option<Stages>,
    /// How many iterations there are in all, shared among the virtual users.
    #[serde(default)]
    iterations: Option<Count>,
    /// Variables for the script's `__ENV`, besides those of the environment.
    #[serde(default)]
    environ: Option<Variables>,
    /// `k6` runs the script with the real k6, from the variable CHAOS_K6 or from PATH; `native` never does. Without it,
    /// the real k6 is taken when CHAOS_K6 is set.
    #[serde(default)]
    engine: Option<Engine>,
}

impl NativeActivity for RunScript {
    const MODULE: &'static str = ACTIONS;
    const FUNCTION: &'static str = "run_script";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "The summary: `duration` in seconds, `metrics` by name, `checks`, `thresholds` with \
                                   whether each was met, and `http_req_failed`.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let overrides = load(self.vus, self.duration, self.iterations, self.stages.as_ref());
        let job = Job {
            script: Script::File(PathBuf::from(&self.script_path)),
            environ: self.environ.iter().flat_map(variables).collect(),
            overrides: overrides.map_err(ActivityFailure::from)?,
            log_file: self.log_file.map(PathBuf::from),
            debug: self.debug.0,
            engine: self.engine,
        };
        let outcome = job.run(&context).await?;
        Ok(outcome.judged()?.into())
    }
}
