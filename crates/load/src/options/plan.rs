//! The scenarios that a test runs.

use std::time::Duration;

use indexmap::IndexMap;

use super::duration::{LONGEST, show};
use super::stage::{Stage, highest, total};

/// A scenario with all its numbers set and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioPlan {
    pub name: String,
    pub executor: Executor,
    /// The exported function to run.
    pub exec: String,
    /// Added to `__ENV`.
    pub env: IndexMap<String, String>,
    /// Added to all samples.
    pub tags: IndexMap<String, String>,
    /// After the start of the test.
    pub start_time: Duration,
    /// What unfinished iterations are given at the end.
    pub graceful_stop: Duration,
}

/// How virtual users run iterations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executor {
    /// `vus` virtual users iterate for `duration`.
    ConstantVus { vus: u64, duration: Duration },
    /// The number of virtual users follows the stages.
    RampingVus {
        start_vus: u64,
        stages: Vec<Stage>,
        /// What an unfinished iteration is given when its virtual user is taken away.
        graceful_ramp_down: Duration,
    },
    /// `iterations` in all; a virtual user takes the next when it is free.
    SharedIterations {
        vus: u64,
        iterations: u64,
        max_duration: Duration,
    },
    /// Each virtual user runs `iterations`.
    PerVuIterations {
        vus: u64,
        iterations: u64,
        max_duration: Duration,
    },
    /// `rate` iterations start every `time_unit`.
    ConstantArrivalRate {
        rate: u64,
        time_unit: Duration,
        duration: Duration,
        pre_allocated_vus: u64,
        max_vus: u64,
    },
    /// The rate at which iterations start follows the stages.
    RampingArrivalRate {
        start_rate: u64,
        time_unit: Duration,
        stages: Vec<Stage>,
        pre_allocated_vus: u64,
        max_vus: u64,
    },
}

impl Executor {
    /// The name in scripts, such as `constant-vus`.
    pub fn name(&self) -> &'static str {
        use super::ExecutorKind as Kind;
        let kind = match self {
            Self::ConstantVus { .. } => Kind::ConstantVus,
            Self::RampingVus { .. } => Kind::RampingVus,
            Self::SharedIterations { .. } => Kind::SharedIterations,
            Self::PerVuIterations { .. } => Kind::PerVuIterations,
            Self::ConstantArrivalRate { .. } => Kind::ConstantArrivalRate,
            Self::RampingArrivalRate { .. } => Kind::RampingArrivalRate,
        };
        kind.name()
    }

    /// How long iterations may start.
    pub fn duration(&self) -> Duration {
        match self {
            Self::ConstantVus { duration, .. } | Self::ConstantArrivalRate { duration, .. } => *duration,
            Self::SharedIterations { max_duration, .. } | Self::PerVuIterations { max_duration, .. } => {
                *max_duration
            }
            Self::RampingVus { stages, .. } | Self::RampingArrivalRate { stages, .. } => total(stages),
        }
    }

    fn description(&self) -> (String, Option<String>) {
        let time = show(self.duration());
        match self {
            Self::ConstantVus { vus, .. } => (format!("{vus} looping VUs for {time}"), None),
            Self::RampingVus {
                start_vus,
                stages,
                graceful_ramp_down,
            } => {
                let (most, count) = (highest(*start_vus, stages), stages.len());
                let fact = format!("gracefulRampDown: {}", show(*graceful_ramp_down));
                (
                    format!("Up to {most} looping VUs for {time} over {count} stages"),
                    Some(fact),
                )
            }
            Self::SharedIterations { vus, iterations, .. } => {
                let text = format!("{iterations} iterations shared among {vus} VUs");
                (text, Some(format!("maxDuration: {time}")))
            }
            Self::PerVuIterations { vus, iterations, .. } => {
                let text = format!("{iterations} iterations for each of {vus} VUs");
                (text, Some(format!("maxDuration: {time}")))
            }
            Self::ConstantArrivalRate {
                rate,
                time_unit,
                pre_allocated_vus,
                max_vus,
                ..
            } => {
                let rate = if *max_vus == 0 {
                    0.0
                } else {
                    per_second(*rate, *time_unit)
                };
                let fact = range(*pre_allocated_vus, *max_vus);
                (format!("{rate:.2} iterations/s for {time}"), Some(fact))
            }
            Self::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
                pre_allocated_vus,
                max_vus,
            } => {
                let rate = per_second(highest(*start_rate, stages), *time_unit);
                let text = format!(
                    "Up to {rate:.2} iterations/s for {time} over {} stages",
                    stages.len()
                );
                (text, Some(range(*pre_allocated_vus, *max_vus)))
            }
        }
    }
}

fn range(least: u64, most: u64) -> String {
    if most > least {
        format!("maxVUs: {least}-{most}")
    } else {
        format!("maxVUs: {least}")
    }
}

/// Iterations per second.
pub(super) fn per_second(rate: u64, time_unit: Duration) -> f64 {
    rate as f64 / time_unit.as_secs_f64()
}

impl ScenarioPlan {
    /// The most virtual users it can have at a time.
    pub fn max_vus(&self) -> u64 {
        match &self.executor {
            Executor::ConstantVus { vus, .. }
            | Executor::SharedIterations { vus, .. }
            | Executor::PerVuIterations { vus, .. } => *vus,
            Executor::RampingVus {
                start_vus, stages, ..
            } => highest(*start_vus, stages),
            Executor::ConstantArrivalRate { max_vus, .. } | Executor::RampingArrivalRate { max_vus, .. } => {
                *max_vus
            }
        }
    }

    /// The virtual users to make before the test starts: all that it plans to have at some time, without those that an
    /// arrival rate adds when it needs them.
    pub fn initial_vus(&self) -> u64 {
        match &self.executor {
            Executor::ConstantArrivalRate {
                pre_allocated_vus, ..
            }
            | Executor::RampingArrivalRate {
                pre_allocated_vus, ..
            } => *pre_allocated_vus,
            _ => self.max_vus(),
        }
    }

    /// From its start to the end of its graceful stop; `start_time` does not count.
    pub fn max_duration(&self) -> Duration {
        self.executor
            .duration()
            .saturating_add(self.graceful_stop)
            .min(LONGEST)
    }

    /// As k6 tells it before a test: `2 looping VUs for 2s (gracefulStop: 30s)`.
    pub fn describe(&self) -> String {
        let (text, fact) = self.executor.description();
        let mut facts: Vec<String> = fact.into_iter().collect();
        if self.exec != "default" {
            facts.push(format!("exec: {}", self.exec));
        }
        for (name, time) in [
            ("startTime", self.start_time),
            ("gracefulStop", self.graceful_stop),
        ] {
            if !time.is_zero() {
                facts.push(format!("{name}: {}", show(time)));
            }
        }
        if facts.is_empty() {
            return text;
        }
        format!("{text} ({})", facts.join(", "))
    }
}
