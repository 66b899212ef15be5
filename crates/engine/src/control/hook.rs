//! The moments of a run at which a control is called.

/// One hook of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// Before anything else of the run, once for each control's name.
    Configure,
    /// Before hypothesis and method.
    BeforeExperiment,
    /// After the rollbacks, with the journal as state.
    AfterExperiment,
    /// Before each check of the hypothesis.
    BeforeHypothesis,
    /// After each check of the hypothesis, with its state.
    AfterHypothesis,
    /// Before the method.
    BeforeMethod,
    /// After the method, with its records as state.
    AfterMethod,
    /// Before the rollbacks.
    BeforeRollbacks,
    /// After the rollbacks, with their records as state.
    AfterRollbacks,
    /// Before each activity.
    BeforeActivity,
    /// After each activity, with its record as state.
    AfterActivity,
    /// After everything else of the run, once for each control's name.
    Cleanup,
}

impl Hook {
    /// Its name: that of the function in a control's Python module.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configure => "configure_control",
            Self::BeforeExperiment => "before_experiment_control",
            Self::AfterExperiment => "after_experiment_control",
            Self::BeforeHypothesis => "before_hypothesis_control",
            Self::AfterHypothesis => "after_hypothesis_control",
            Self::BeforeMethod => "before_method_control",
            Self::AfterMethod => "after_method_control",
            Self::BeforeRollbacks => "before_rollback_control",
            Self::AfterRollbacks => "after_rollback_control",
            Self::BeforeActivity => "before_activity_control",
            Self::AfterActivity => "after_activity_control",
            Self::Cleanup => "cleanup_control",
        }
    }

    /// Is something still to come that it could keep from happening?
    pub(crate) fn comes_before(self) -> bool {
        matches!(
            self,
            Self::Configure
                | Self::BeforeExperiment
                | Self::BeforeHypothesis
                | Self::BeforeMethod
                | Self::BeforeRollbacks
                | Self::BeforeActivity
        )
    }
}
