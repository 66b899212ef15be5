//! Does an address answer as expected, under load?

use std::time::Duration;

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::ActivityFailure;
use super::arguments::{Count, Engine, Flag, Time, Variables, variables};
use super::job::{Job, Outcome};
use super::names::PROBES;
use crate::options::{Options, duration};
use crate::run::Script;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const USUAL_TIMEOUT: Time = Time(Duration::from_secs(1));
/// What an iteration takes beside its request, at most.
const AROUND: Duration = Duration::from_secs(5);

/// Calls an address from a number of virtual users at the same time, for a while or once each, and looks whether every
/// answer has the expected status, within the timeout. It stops soon after the first that has not.
#[derive(Deserialize, JsonSchema)]
pub struct Http {
    /// The address to call, with http or https.
    endpoint: String,
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
    #[serde(default = "get")]
    method: String,
    /// The expected status. Redirects are followed, unless it is that of one.
    #[serde(default = "ok")]
    status: Count,
    /// The body of the request; none for GET and HEAD.
    #[serde(default)]
    body: String,
    /// Headers of the request.
    #[serde(default)]
    headers: Option<Variables>,
    /// The number of virtual users.
    #[serde(default = "one")]
    vus: Count,
    /// How long they call: a text such as `20s`, or seconds. Without it, or with an empty text, each calls once.
    #[serde(default)]
    duration: Option<OptionalTime>,
    /// How long an answer may take: seconds, or a text such as `500ms`.
    #[serde(default = "usual_timeout")]
    timeout: Time,
    /// Whether what k6 would have printed goes to the run's log.
    #[serde(default)]
    debug: Flag,
    /// `k6` makes the calls with the real k6, from the variable CHAOS_K6 or from PATH; `native` never does.
    #[serde(default)]
    engine: Option<Engine>,
}

/// A duration, or an empty text.
#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a duration is a text such as `20s`, or a number of seconds"
)]
enum OptionalTime {
    Time(Time),
    Text(String),
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> Count {
    Count(200)
}

fn one() -> Count {
    Count(1)
}

fn usual_timeout() -> Time {
    USUAL_TIMEOUT
}

/// The address must be one before any load is made with it.
pub(super) fn check_endpoint(endpoint: &str) -> Result<(), ActivityFailure> {
    let wrong = || {
        ActivityFailure::Argument(format!(
            "the endpoint {endpoint:?} is not an address such as https://example.com/"
        ))
    };
    let url = url::Url::parse(endpoint).map_err(|_| wrong())?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(()),
        _ => Err(wrong()),
    }
}

impl Http {
    fn check(&self) -> Result<String, ActivityFailure> {
        check_endpoint(&self.endpoint)?;
        if !(100..=999).contains(&self.status.0) {
            let text = format!("the expected status {} is not one from 100 to 999", self.status.0);
            return Err(ActivityFailure::Argument(text));
        }
        if self.timeout.0.is_zero() {
            return Err(ActivityFailure::Argument(
                "the timeout must be more than 0".to_owned(),
            ));
        }
        let method = self.method.to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            let text = format!(
                "the method {:?} is not one of {}",
                self.method,
                METHODS.join(", ")
            );
            return Err(ActivityFailure::Argument(text));
        }
        Ok(method)
    }

    fn time(&self) -> Result<Option<Duration>, ActivityFailure> {
        match &self.duration {
            None => Ok(None),
            Some(OptionalTime::Time(time)) => Ok(Some(time.0)),
            Some(OptionalTime::Text(text)) if text.trim().is_empty() => Ok(None),
            Some(OptionalTime::Text(text)) => {
                let text =
                    format!("the duration {text:?} is not one such as \"20s\", nor a number of seconds");
                Err(ActivityFailure::Argument(text))
            }
        }
    }

    /// The script, with its load and its request in it.
    fn script(&self) -> Result<String, ActivityFailure> {
        let method = self.check()?;
        let grace = duration::show(self.timeout.0.saturating_add(AROUND));
        let scenario = match self.time()? {
            Some(time) => json!({
                "executor": "constant-vus", "vus": self.vus.0, "duration": duration::show(time), "gracefulStop": grace,
            }),
            None => json!({
                "executor": "per-vu-iterations", "vus": self.vus.0, "iterations": 1, "maxDuration": grace,
                "gracefulStop": "0s",
            }),
        };
        let has_body = !self.body.is_empty() && !["GET", "HEAD"].contains(&method.as_str());
        let headers: serde_json::Map<String, serde_json::Value> = self
            .headers
            .iter()
            .flat_map(variables)
            .map(|(name, text)| (name, text.into()))
            .collect();
        let mut parameters = json!({"headers": headers, "timeout": self.timeout.0.as_secs_f64() * 1000.0});
        if (300..400).contains(&self.status.0) {
            parameters["redirects"] = 0.into();
        }
        let probe = json!({
            "method": method, "url": self.endpoint, "body": has_body.then_some(&self.body), "status": self.status.0,
            "parameters": parameters,
            "options": {
                "scenarios": {"probe": scenario},
                "discardResponseBodies": true,
                "thresholds": {"failures": [{"threshold": "rate<=0", "abortOnFail": true}]},
            },
        });
        Ok(format!(
            "import http from 'k6/http';\nimport {{ Rate }} from 'k6/metrics';\n\nconst probe = {probe};\nconst failures = new \
             Rate('failures');\n\nexport const options = probe.options;\n\nexport default function () {{\n  const response = \
             http.request(probe.method, probe.url, probe.body, probe.parameters);\n  failures.add(response.status !== \
             probe.status);\n}}\n"
        ))
    }
}

/// True when there were answers and none of them failed.
fn all_as_expected(outcome: &Outcome) -> bool {
    let failures = outcome.summary.pointer("/metrics/failures");
    let count = |name: &str| {
        failures
            .and_then(|failures| failures.get(name))
            .and_then(serde_json::Value::as_f64)
    };
    // a rate counts what was true as passes: here, that an answer was not as expected
    count("passes") == Some(0.0)
        && count("fails").is_some_and(|answers| answers > 0.0)
        && outcome.crossed.is_empty()
}

impl NativeActivity for Http {
    const MODULE: &'static str = PROBES;
    const FUNCTION: &'static str = "http";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str =
        "True when every answer had the expected status within the timeout, else false.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let job = Job {
            script: Script::Text {
                name: "probe.js".to_owned(),
                source: self.script()?,
            },
            environ: Default::default(),
            overrides: Options::default(),
            log_file: None,
            debug: self.debug.0,
            engine: self.engine,
        };
        let outcome = job.run(&context).await?;
        tracing::debug!("{}: {}", self.endpoint, outcome.summary);
        Ok(all_as_expected(&outcome).into())
    }
}
