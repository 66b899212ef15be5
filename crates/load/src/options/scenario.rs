//! A scenario as a script states it, before defaults and checks.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::OptionsError;
use super::error::did_you_mean;
use super::stage::Stage;
use super::value::{OptionValue, member, members, object};

/// The executors, by their names in scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutorKind {
    ConstantVus,
    RampingVus,
    SharedIterations,
    #[default]
    PerVuIterations,
    ConstantArrivalRate,
    RampingArrivalRate,
}

const KINDS: [(&str, ExecutorKind); 6] = [
    ("constant-vus", ExecutorKind::ConstantVus),
    ("ramping-vus", ExecutorKind::RampingVus),
    ("shared-iterations", ExecutorKind::SharedIterations),
    ("per-vu-iterations", ExecutorKind::PerVuIterations),
    ("constant-arrival-rate", ExecutorKind::ConstantArrivalRate),
    ("ramping-arrival-rate", ExecutorKind::RampingArrivalRate),
];
/// What every executor takes.
const COMMON: [&str; 6] = ["executor", "startTime", "gracefulStop", "env", "exec", "tags"];

impl ExecutorKind {
    /// The name in scripts, such as `constant-vus`.
    pub fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    /// What this executor takes besides what all take.
    fn own_members(self) -> &'static [&'static str] {
        match self {
            Self::ConstantVus => &["vus", "duration"],
            Self::RampingVus => &["startVUs", "stages", "gracefulRampDown"],
            Self::SharedIterations | Self::PerVuIterations => &["vus", "iterations", "maxDuration"],
            Self::ConstantArrivalRate => &["rate", "timeUnit", "duration", "preAllocatedVUs", "maxVUs"],
            Self::RampingArrivalRate => &["startRate", "timeUnit", "stages", "preAllocatedVUs", "maxVUs"],
        }
    }

    fn members(self) -> Vec<&'static str> {
        COMMON.iter().chain(self.own_members()).copied().collect()
    }

    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let path = format!("{at}.executor");
        let known = KINDS.map(|(name, _)| name);
        if value.is_null() {
            return Err(OptionsError::missing(
                path,
                format!("one of {}", known.join(", ")),
            ));
        }
        let name = String::read(value, &path)?;
        if name == "externally-controlled" {
            let advice = "no one can steer it from outside; use ramping-vus with stages".to_owned();
            let path = format!("{path}: externally-controlled");
            return Err(OptionsError::NotSupported { path, advice });
        }
        let found = KINDS.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, kind)| *kind)
            .ok_or_else(|| OptionsError::UnknownExecutor {
                path,
                hint: did_you_mean(&name, &known),
                name,
                known: known.join(", "),
            })
    }
}

members! {
    /// A scenario as it is stated. Which members may be set depends on the executor.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Scenario {
        /// After the start of the test.
        start_time: Duration = "startTime",
        /// What unfinished iterations are given at the end; 30 s by default.
        graceful_stop: Duration = "gracefulStop",
        /// Added to `__ENV`.
        env: IndexMap<String, String> = "env",
        /// The exported function to run; `default` by default.
        exec: String = "exec",
        /// Added to all samples.
        tags: IndexMap<String, String> = "tags",
        vus: u64 = "vus",
        duration: Duration = "duration",
        iterations: u64 = "iterations",
        max_duration: Duration = "maxDuration",
        start_vus: u64 = "startVUs",
        graceful_ramp_down: Duration = "gracefulRampDown",
        rate: u64 = "rate",
        start_rate: u64 = "startRate",
        time_unit: Duration = "timeUnit",
        stages: Vec<Stage> = "stages",
        pre_allocated_vus: u64 = "preAllocatedVUs",
        max_vus: u64 = "maxVUs",
    }
    plus {
        executor: ExecutorKind,
    }
}

impl Scenario {
    /// One of that executor with nothing set.
    pub fn new(executor: ExecutorKind) -> Self {
        Self {
            executor,
            ..Self::default()
        }
    }

    fn set_known(&mut self, name: &str, value: &Value, at: &str) -> Result<(), OptionsError> {
        let kind = self.executor;
        let members = kind.members();
        if !members.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(OptionsError::UnknownMember {
                path: at.to_owned(),
                executor: kind.name(),
                hint: did_you_mean(name, &members),
                name: name.to_owned(),
                known: members.join(", "),
            });
        }
        self.set(name, value, &format!("{at}.{name}")).map(|_| ())
    }
}

impl OptionValue for Scenario {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let stated = object(value, at)?;
        let mut scenario = Self::new(ExecutorKind::read(member(stated, "executor"), at)?);
        for (name, value) in stated {
            match name.to_ascii_lowercase().as_str() {
                "executor" => {}
                "options" => refuse_browser(value, at)?,
                _ => scenario.set_known(name, value, at)?,
            }
        }
        Ok(scenario)
    }

    fn show(&self) -> Value {
        let shown = |name: &&'static str| {
            let value = match *name {
                "executor" => Value::from(self.executor.name()),
                name => self.shown(name),
            };
            ((*name).to_owned(), value)
        };
        Value::Object(self.executor.members().iter().map(shown).collect::<Map<_, _>>())
    }
}

/// A scenario's `options` only ever hold those of the browser.
fn refuse_browser(value: &Value, at: &str) -> Result<(), OptionsError> {
    let browser = value
        .as_object()
        .map_or(&Value::Null, |options| member(options, "browser"));
    if browser.is_null() {
        return Ok(());
    }
    Err(OptionsError::NotSupported {
        path: format!("{at}.options.browser"),
        advice: "there is no browser here; run the script with the real k6 (`engine: k6`)".to_owned(),
    })
}
