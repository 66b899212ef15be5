//! How many virtual users a test needs, and when.

use std::time::Duration;

use super::duration::LONGEST;
use super::plan::{Executor, ScenarioPlan};
use super::schedule;

/// What is needed from a moment on, until the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VuStep {
    pub at: Duration,
    /// To be there before.
    pub planned: u64,
    /// That may be made during the test, besides those planned.
    pub unplanned: u64,
}

/// What a whole test needs; scenarios that follow one another share virtual users, as in k6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// To make before the start.
    pub initial_vus: u64,
    /// The most at a time.
    pub max_vus: u64,
    /// From the start to the end of the last graceful stop.
    pub duration: Duration,
}

impl ScenarioPlan {
    /// What this scenario needs, relative to its own start, graceful ends included.
    pub fn steps(&self) -> Vec<VuStep> {
        let end = VuStep {
            at: self.max_duration(),
            planned: 0,
            unplanned: 0,
        };
        let Executor::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } = &self.executor
        else {
            let start = VuStep {
                at: Duration::ZERO,
                planned: self.initial_vus(),
                unplanned: self.max_vus() - self.initial_vus(),
            };
            return vec![start, end];
        };
        let steps = schedule::reserved_steps(*start_vus, stages, *graceful_ramp_down, self.graceful_stop);
        let step = |(at, planned)| VuStep {
            at,
            planned,
            unplanned: 0,
        };
        steps.into_iter().map(step).collect()
    }
}

impl Requirements {
    /// Of all scenarios together.
    pub fn of(plans: &[ScenarioPlan]) -> Self {
        let mut changes: Vec<(Duration, usize, VuStep)> = Vec::new();
        for (scenario, plan) in plans.iter().enumerate() {
            let at = |step: VuStep| plan.start_time.saturating_add(step.at).min(LONGEST);
            changes.extend(plan.steps().into_iter().map(|step| (at(step), scenario, step)));
        }
        changes.sort_by_key(|(at, scenario, _)| (*at, *scenario));
        let mut now = vec![(0, 0); plans.len()];
        let (mut planned, mut unplanned) = (0_u64, 0_u64);
        let mut result = Self::default();
        let mut last = None;
        for (at, scenario, step) in changes {
            let Some(place) = now.get_mut(scenario) else {
                continue;
            };
            planned = planned.saturating_sub(place.0).saturating_add(step.planned);
            unplanned = unplanned.saturating_sub(place.1).saturating_add(step.unplanned);
            *place = (step.planned, step.unplanned);
            result.initial_vus = result.initial_vus.max(planned);
            result.max_vus = result.max_vus.max(planned.saturating_add(unplanned));
            if last.replace((planned, unplanned)) != Some((planned, unplanned)) {
                result.duration = at;
            }
        }
        result
    }
}
