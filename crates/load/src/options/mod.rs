//! The options of a test, as k6 names and judges them, and the scenarios they plan.
//!
//! [`Options`] come from a script, from `K6_…` variables and from whoever runs it; the stronger ones override the
//! weaker ones. [`Options::plan`] turns what is left into scenarios. [`schedule`] says when a scenario's virtual users
//! start and stop, and when its iterations are due.

mod derive;
pub mod duration;
mod error;
mod network;
mod plan;
mod read;
mod requirements;
mod scenario;
pub mod schedule;
mod stage;
#[cfg(test)]
mod tests;
mod threshold;
mod transport;
mod validate;
mod value;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

pub use derive::DEFAULT_SCENARIO;
pub use error::OptionsError;
pub use network::{Cidr, HostAddress, HostPatterns, Hosts};
pub use plan::{Executor, ScenarioPlan};
pub use requirements::{Requirements, VuStep};
pub use scenario::{ExecutorKind, Scenario};
pub use stage::Stage;
pub use threshold::Threshold;
pub use transport::{Dns, TlsAuth, TlsVersion, TlsVersions};

/// What a trend shows in the summary when `summaryTrendStats` is not set.
pub const DEFAULT_TREND_STATS: [&str; 6] = ["avg", "min", "med", "max", "p(90)", "p(95)"];
/// The tags that samples carry when `systemTags` is not set.
pub const DEFAULT_SYSTEM_TAGS: [&str; 14] = [
    "check",
    "error",
    "error_code",
    "expected_response",
    "group",
    "method",
    "name",
    "proto",
    "scenario",
    "service",
    "status",
    "subproto",
    "tls_version",
    "url",
];
/// The tags that samples carry only when `systemTags` names them.
pub const OTHER_SYSTEM_TAGS: [&str; 4] = ["ip", "iter", "ocsp_status", "vu"];

value::members! {
    /// Every option of k6; `None` is "not set".
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Options {
        /// Refused when true: there is nobody to resume a test.
        paused: bool = "paused" / "K6_PAUSED",
        /// Virtual users; 1 by default.
        vus: u64 = "vus" / "K6_VUS",
        /// How long the virtual users iterate; with `iterations`, the longest time for them.
        duration: Duration = "duration" / "K6_DURATION",
        /// Iterations in all, shared among the virtual users.
        iterations: u64 = "iterations" / "K6_ITERATIONS",
        /// How the number of virtual users changes.
        stages: Vec<Stage> = "stages" / "K6_STAGES",
        /// Scenarios by name.
        scenarios: IndexMap<String, Scenario> = "scenarios",
        /// Leaves out `setup()`.
        no_setup: bool = "noSetup" / "K6_NO_SETUP",
        /// How long `setup()` may take; 60 s by default.
        setup_timeout: Duration = "setupTimeout" / "K6_SETUP_TIMEOUT",
        /// Leaves out `teardown()`.
        no_teardown: bool = "noTeardown" / "K6_NO_TEARDOWN",
        /// How long `teardown()` may take; 60 s by default.
        teardown_timeout: Duration = "teardownTimeout" / "K6_TEARDOWN_TIMEOUT",
        /// How long `handleSummary()` may take; 120 s by default.
        handle_summary_timeout: Duration = "handleSummaryTimeout" / "K6_HANDLE_SUMMARY_TIMEOUT",
        /// Requests per second of all virtual users together; zero or less is no limit.
        rps: i64 = "rps" / "K6_RPS",
        /// How names are resolved.
        dns: Dns = "dns" / "K6_DNS",
        /// How many redirects a request follows; 10 by default.
        max_redirects: i64 = "maxRedirects" / "K6_MAX_REDIRECTS",
        /// The header `User-Agent` of requests that set none.
        user_agent: String = "userAgent" / "K6_USER_AGENT",
        /// Requests of one `http.batch` at a time; 20 by default, zero or less is no limit.
        batch: i64 = "batch" / "K6_BATCH",
        /// The same for each host; 6 by default, zero or less is no limit.
        batch_per_host: i64 = "batchPerHost" / "K6_BATCH_PER_HOST",
        /// Logs requests and responses: with bodies when `full`, else without.
        http_debug: String = "httpDebug" / "K6_HTTP_DEBUG",
        /// Takes any certificate.
        insecure_skip_tls_verify: bool = "insecureSkipTLSVerify" / "K6_INSECURE_SKIP_TLS_VERIFY",
        /// Names of cipher suites; taken, but not honoured, which a warning tells.
        tls_cipher_suites: Vec<String> = "tlsCipherSuites" / "K6_TLS_CIPHER_SUITES",
        /// The versions of TLS to use.
        tls_version: TlsVersions = "tlsVersion",
        /// Client certificates.
        tls_auth: Vec<TlsAuth> = "tlsAuth",
        /// A failed request throws, instead of only having an error.
        throw: bool = "throw" / "K6_THROW",
        /// Thresholds by metric, or by metric with tags: `http_req_duration{group:::login}`.
        thresholds: IndexMap<String, Vec<Threshold>> = "thresholds",
        /// Ranges of addresses that must not be called.
        blacklist_ips: Vec<Cidr> = "blacklistIPs" / "K6_BLACKLIST_IPS",
        /// Names that must not be called.
        block_hostnames: HostPatterns = "blockHostnames" / "K6_BLOCK_HOSTNAMES",
        /// Addresses by name, before any resolver is asked.
        hosts: Hosts = "hosts",
        /// A connection for every request.
        no_connection_reuse: bool = "noConnectionReuse" / "K6_NO_CONNECTION_REUSE",
        /// New connections in every iteration.
        no_vu_connection_reuse: bool = "noVUConnectionReuse" / "K6_NO_VU_CONNECTION_REUSE",
        /// An iteration that ends sooner is followed by a pause.
        min_iteration_duration: Duration = "minIterationDuration" / "K6_MIN_ITERATION_DURATION",
        /// Of k6's cloud; ignored.
        cloud: Value = "cloud",
        /// Of extensions; ignored.
        ext: Value = "ext",
        /// The columns of trends in the summary.
        summary_trend_stats: Vec<String> = "summaryTrendStats" / "K6_SUMMARY_TREND_STATS",
        /// The unit of times in the summary: `s`, `ms` or `us`.
        summary_time_unit: String = "summaryTimeUnit" / "K6_SUMMARY_TIME_UNIT",
        /// The tags that samples carry by themselves.
        system_tags: SystemTags = "systemTags" / "K6_SYSTEM_TAGS",
        /// Tags for all samples.
        tags: IndexMap<String, String> = "tags" / "K6_TAGS",
        /// Of k6's own channels; ignored.
        metric_samples_buffer_size: i64 = "metricSamplesBufferSize" / "K6_METRIC_SAMPLES_BUFFER_SIZE",
        /// Cookies live on from one iteration to the next.
        no_cookies_reset: bool = "noCookiesReset" / "K6_NO_COOKIES_RESET",
        /// Bodies of responses are read and dropped, unless a request asks for its own.
        discard_response_bodies: bool = "discardResponseBodies" / "K6_DISCARD_RESPONSE_BODIES",
    }
    plus {
        /// What was set but does not do what the user may expect.
        warnings: Vec<String>,
    }
}

/// The names of `systemTags`, those that exist.
pub type SystemTags = read::TagNames;

impl Options {
    /// These options, overridden by stronger ones, as k6 does: options are replaced one by one, but a stronger layer
    /// that sets `duration`, `iterations`, `stages` or `scenarios` drops all four of the weaker one.
    #[must_use]
    pub fn overridden_by(mut self, stronger: Self) -> Self {
        if stronger.makes_load() {
            self.drop_load();
        }
        let mut result = stronger;
        result.dns = match (result.dns.take(), self.dns.take()) {
            (Some(stronger), Some(weaker)) => Some(stronger.or(weaker)),
            (one, other) => one.or(other),
        };
        result.tags = result.tags.filter(|tags| !tags.is_empty());
        let stronger_warnings = std::mem::take(&mut result.warnings);
        result.warnings = std::mem::take(&mut self.warnings);
        result.warnings.extend(stronger_warnings);
        result.fill_from(self);
        result
    }

    /// Does this layer say how the load is made? `vus` alone does not, as in k6.
    fn makes_load(&self) -> bool {
        self.duration.is_some()
            || self.iterations.is_some()
            || self.stages.is_some()
            || self.scenarios.is_some()
    }

    fn drop_load(&mut self) {
        if self.scenarios.is_some() {
            let text =
                "the scenarios of the script are not run: the load is given by stronger options".to_owned();
            self.warnings.push(text);
        }
        (self.duration, self.iterations, self.stages, self.scenarios) = (None, None, None, None);
    }

    /// The options as JSON, in the shape that k6 gives to `exec.test.options` and to `handleSummary()`: all of them,
    /// `null` when not set. `scenarios` are those that run, even when they were given by `vus`, `duration` and so on.
    ///
    /// # Errors
    /// As [`Options::plan`].
    pub fn to_json(&self) -> Result<Value, OptionsError> {
        let shown = |name: &&str| ((*name).to_owned(), self.shown(name));
        let mut shown: serde_json::Map<String, Value> = Self::NAMES.iter().map(shown).collect();
        let derived = self.derived()?;
        shown.insert(
            "scenarios".to_owned(),
            value::OptionValue::show(&derived.scenarios),
        );
        let dns = self.dns.clone().unwrap_or_default();
        shown.insert("dns".to_owned(), value::OptionValue::show(&dns));
        if self.system_tags.is_none() {
            shown.insert(
                "systemTags".to_owned(),
                DEFAULT_SYSTEM_TAGS.iter().copied().collect(),
            );
        }
        if self.summary_trend_stats.is_none() {
            shown.insert(
                "summaryTrendStats".to_owned(),
                DEFAULT_TREND_STATS.iter().copied().collect(),
            );
        }
        if let Some(iterations) = derived.iterations {
            shown.insert("iterations".to_owned(), iterations.into());
        }
        Ok(Value::Object(shown))
    }
}
