//! From the short ways to give a load (`vus`, `duration`, `iterations`, `stages`) to scenarios, as k6 does it.

use indexmap::IndexMap;

use super::scenario::{ExecutorKind, Scenario};
use super::{Options, OptionsError};

/// The name of the scenario that stands for the short options.
pub const DEFAULT_SCENARIO: &str = "default";

/// What the options come to.
pub(super) struct Derived {
    pub scenarios: IndexMap<String, Scenario>,
    /// Set when `vus` alone was given: k6 then shows as many iterations.
    pub iterations: Option<u64>,
    /// They were not given as `scenarios`.
    pub short: bool,
    pub warning: Option<String>,
}

impl Derived {
    fn short(scenario: Scenario) -> Self {
        Self {
            scenarios: IndexMap::from([(DEFAULT_SCENARIO.to_owned(), scenario)]),
            iterations: None,
            short: true,
            warning: None,
        }
    }
}

impl Options {
    pub(super) fn derived(&self) -> Result<Derived, OptionsError> {
        self.check_conflicts()?;
        let has_stages = self.stages.as_ref().is_some_and(|stages| !stages.is_empty());
        if self.iterations.is_some() {
            return Ok(Derived::short(self.shared_iterations()));
        }
        if self.duration.is_some() {
            return Ok(Derived::short(self.constant_vus()));
        }
        if has_stages {
            return Ok(Derived::short(self.ramping_vus()));
        }
        match (self.vus, &self.scenarios) {
            (Some(vus), scenarios) if self.stages.is_none() => Ok(once_each(vus, scenarios.is_some())),
            (_, Some(scenarios)) if !scenarios.is_empty() => Ok(Derived {
                scenarios: scenarios.clone(),
                iterations: None,
                short: false,
                warning: None,
            }),
            _ => Ok(self.single_iteration()),
        }
    }

    /// What of the options makes the load may be given one way only.
    fn check_conflicts(&self) -> Result<(), OptionsError> {
        let has_stages = self.stages.as_ref().is_some_and(|stages| !stages.is_empty());
        let given = [
            ("iterations", self.iterations.is_some()),
            ("duration", self.duration.is_some()),
            ("stages", has_stages),
            ("scenarios", self.scenarios.is_some()),
        ];
        let mut given = given.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
        let (first, rest): (_, Vec<_>) = (given.next(), given.collect());
        // `duration` bounds `iterations`; those two go together
        let second = rest
            .into_iter()
            .find(|second| (first, *second) != (Some("iterations"), "duration"));
        match (first, second) {
            (Some(first), Some(second)) => Err(OptionsError::Conflict { first, second }),
            _ => Ok(()),
        }
    }

    fn shared_iterations(&self) -> Scenario {
        Scenario {
            vus: self.vus,
            iterations: self.iterations,
            max_duration: self.duration,
            ..Scenario::new(ExecutorKind::SharedIterations)
        }
    }

    fn constant_vus(&self) -> Scenario {
        Scenario {
            vus: self.vus,
            duration: self.duration,
            ..Scenario::new(ExecutorKind::ConstantVus)
        }
    }

    fn ramping_vus(&self) -> Scenario {
        Scenario {
            start_vus: self.vus,
            stages: self.stages.clone(),
            ..Scenario::new(ExecutorKind::RampingVus)
        }
    }

    fn single_iteration(&self) -> Derived {
        let empty = [
            ("stages", self.stages.is_some()),
            ("scenarios", self.scenarios.is_some()),
        ];
        let empty = empty.iter().find(|(_, is)| *is);
        Derived {
            warning: empty
                .map(|(name, _)| format!("`{name}` is empty, so the script runs once, by one virtual user")),
            ..Derived::short(Scenario::new(ExecutorKind::PerVuIterations))
        }
    }
}

fn once_each(vus: u64, has_scenarios: bool) -> Derived {
    let scenario = Scenario {
        vus: Some(vus),
        iterations: Some(vus),
        ..Scenario::new(ExecutorKind::SharedIterations)
    };
    Derived {
        iterations: Some(vus),
        warning: has_scenarios
            .then(|| format!("`vus` ({vus}) overrides the scenarios: {vus} iterations are run")),
        ..Derived::short(scenario)
    }
}
