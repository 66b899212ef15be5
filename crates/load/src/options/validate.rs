//! From options to checked scenarios, by k6's rules.

use std::time::Duration;

use super::derive::Derived;
use super::plan::{Executor, ScenarioPlan};
use super::scenario::{ExecutorKind, Scenario};
use super::stage::{Stage, highest};
use super::{Options, OptionsError, duration};

/// The shortest run k6 accepts.
const SHORTEST: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_secs(30);
const LONGEST_ITERATIONS: Duration = Duration::from_secs(600);
/// More concurrent virtual users than that are refused.
const MOST_VUS: u64 = 100_000_000;

impl Options {
    /// The scenarios to run, by start time and then by name, as k6 orders them.
    ///
    /// # Errors
    /// When two options each say how the load is made, or a number makes no sense; the error names the option.
    pub fn plan(&self) -> Result<Vec<ScenarioPlan>, OptionsError> {
        if self.setup_timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(OptionsError::value(
                "options.setupTimeout",
                "it must be more than 0",
            ));
        }
        let derived = self.derived()?;
        if derived.short && self.duration.is_some_and(|time| time.is_zero()) && self.iterations.is_none() {
            return Err(OptionsError::value("options.duration", "it must be more than 0"));
        }
        let mut plans = planned(derived)?;
        plans.sort_by(|a, b| (a.start_time, &a.name).cmp(&(b.start_time, &b.name)));
        Ok(plans)
    }

    /// What [`Options::plan`] does that a user may not expect, such as running a script once because `stages` is empty.
    pub fn plan_warnings(&self) -> Vec<String> {
        self.derived()
            .ok()
            .and_then(|derived| derived.warning)
            .into_iter()
            .collect()
    }
}

fn planned(derived: Derived) -> Result<Vec<ScenarioPlan>, OptionsError> {
    let short = derived.short;
    let check = |(name, scenario): (String, Scenario)| {
        let at = if short {
            "options".to_owned()
        } else {
            format!("options.scenarios.{name}")
        };
        Checked { scenario, at, short }.plan(name)
    };
    derived.scenarios.into_iter().map(check).collect()
}

struct Checked {
    scenario: Scenario,
    at: String,
    short: bool,
}

impl Checked {
    /// The path of a member; the short options have other names for some.
    fn path(&self, member: &str) -> String {
        let member = match (self.short, member) {
            (true, "startVUs") => "vus",
            (true, "maxDuration") => "duration",
            (_, member) => member,
        };
        format!("{}.{member}", self.at)
    }

    fn wrong(&self, member: &str, reason: impl Into<String>) -> OptionsError {
        OptionsError::value(self.path(member), reason)
    }

    fn plan(self, name: String) -> Result<ScenarioPlan, OptionsError> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_allowed) {
            let reason = "the name of a scenario may only have latin letters, digits, underscores and dashes";
            return Err(OptionsError::value(self.at, reason));
        }
        if self.scenario.exec.as_deref() == Some("") {
            return Err(self.wrong("exec", "it must name an exported function"));
        }
        let executor = self.executor()?;
        let stated = self.scenario;
        Ok(ScenarioPlan {
            name,
            executor,
            exec: stated.exec.unwrap_or_else(|| "default".to_owned()),
            env: stated.env.unwrap_or_default(),
            tags: stated.tags.unwrap_or_default(),
            start_time: stated.start_time.unwrap_or_default(),
            graceful_stop: stated.graceful_stop.unwrap_or(GRACE),
        })
    }

    fn executor(&self) -> Result<Executor, OptionsError> {
        match self.scenario.executor {
            ExecutorKind::ConstantVus => Ok(Executor::ConstantVus {
                vus: self.vus()?,
                duration: self.duration()?,
            }),
            ExecutorKind::RampingVus => self.ramping_vus(),
            ExecutorKind::SharedIterations => self.shared_iterations(),
            ExecutorKind::PerVuIterations => self.per_vu_iterations(),
            ExecutorKind::ConstantArrivalRate => self.constant_arrival_rate(),
            ExecutorKind::RampingArrivalRate => self.ramping_arrival_rate(),
        }
    }

    fn vus(&self) -> Result<u64, OptionsError> {
        match self.scenario.vus.unwrap_or(1) {
            0 => Err(self.wrong("vus", "the number of virtual users must be more than 0")),
            vus => Ok(vus),
        }
    }

    fn duration(&self) -> Result<Duration, OptionsError> {
        let time = self.scenario.duration;
        let expected = duration::DurationError::Unreadable.to_string();
        let time = time.ok_or_else(|| OptionsError::missing(self.path("duration"), expected))?;
        self.long_enough("duration", time)
    }

    fn max_duration(&self) -> Result<Duration, OptionsError> {
        self.long_enough(
            "maxDuration",
            self.scenario.max_duration.unwrap_or(LONGEST_ITERATIONS),
        )
    }

    fn long_enough(&self, member: &str, time: Duration) -> Result<Duration, OptionsError> {
        if time < SHORTEST {
            return Err(self.wrong(
                member,
                format!("it must be at least 1s, but is {}", duration::show(time)),
            ));
        }
        Ok(time)
    }

    fn shared_iterations(&self) -> Result<Executor, OptionsError> {
        let (vus, iterations) = (self.vus()?, self.scenario.iterations.unwrap_or(1));
        if iterations < vus {
            let reason =
                format!("{iterations} iterations are fewer than the {vus} virtual users that share them");
            return Err(self.wrong("iterations", reason));
        }
        Ok(Executor::SharedIterations {
            vus,
            iterations,
            max_duration: self.max_duration()?,
        })
    }

    fn per_vu_iterations(&self) -> Result<Executor, OptionsError> {
        let iterations = self.scenario.iterations.unwrap_or(1);
        if iterations == 0 {
            return Err(self.wrong("iterations", "it must be more than 0"));
        }
        Ok(Executor::PerVuIterations {
            vus: self.vus()?,
            iterations,
            max_duration: self.max_duration()?,
        })
    }

    fn stages(&self) -> Result<Vec<Stage>, OptionsError> {
        let stages = self.scenario.stages.clone().unwrap_or_default();
        if stages.is_empty() {
            let expected = "a list with at least one stage, such as {duration: \"30s\", target: 10}";
            return Err(OptionsError::missing(self.path("stages"), expected));
        }
        Ok(stages)
    }

    fn ramping_vus(&self) -> Result<Executor, OptionsError> {
        let (start_vus, stages) = (self.scenario.start_vus.unwrap_or(1), self.stages()?);
        if highest(start_vus, &stages) == 0 {
            let reason =
                "the number of virtual users at the start, or the target of a stage, must be more than 0";
            return Err(self.wrong("stages", reason));
        }
        if start_vus > MOST_VUS {
            return Err(self.wrong(
                "startVUs",
                format!("at most {MOST_VUS} virtual users are possible"),
            ));
        }
        if let Some(place) = stages.iter().position(|stage| stage.target > MOST_VUS) {
            let reason = format!("at most {MOST_VUS} virtual users are possible");
            return Err(self.wrong(&format!("stages[{place}].target"), reason));
        }
        Ok(Executor::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down: self.scenario.graceful_ramp_down.unwrap_or(GRACE),
        })
    }

    fn time_unit(&self) -> Result<Duration, OptionsError> {
        match self.scenario.time_unit.unwrap_or(SHORTEST) {
            Duration::ZERO => Err(self.wrong("timeUnit", "it must be more than 0")),
            time => Ok(time),
        }
    }

    /// Those made before the start, and the most there can be.
    fn pool(&self) -> Result<(u64, u64), OptionsError> {
        let made = self.scenario.pre_allocated_vus;
        let expected = "the number of virtual users to make before the start";
        let made = made.ok_or_else(|| OptionsError::missing(self.path("preAllocatedVUs"), expected))?;
        let most = self.scenario.max_vus.unwrap_or(made);
        if most < made {
            let reason = format!("it is {most}, less than preAllocatedVUs ({made})");
            return Err(self.wrong("maxVUs", reason));
        }
        Ok((made, most))
    }

    fn constant_arrival_rate(&self) -> Result<Executor, OptionsError> {
        let rate = match self.scenario.rate {
            None => {
                return Err(OptionsError::missing(
                    self.path("rate"),
                    "the iterations to start in each timeUnit",
                ));
            }
            Some(0) => return Err(self.wrong("rate", "it must be more than 0")),
            Some(rate) => rate,
        };
        let (pre_allocated_vus, max_vus) = self.pool()?;
        Ok(Executor::ConstantArrivalRate {
            rate,
            time_unit: self.time_unit()?,
            duration: self.duration()?,
            pre_allocated_vus,
            max_vus,
        })
    }

    fn ramping_arrival_rate(&self) -> Result<Executor, OptionsError> {
        let (pre_allocated_vus, max_vus) = self.pool()?;
        Ok(Executor::RampingArrivalRate {
            start_rate: self.scenario.start_rate.unwrap_or(0),
            time_unit: self.time_unit()?,
            stages: self.stages()?,
            pre_allocated_vus,
            max_vus,
        })
    }
}
