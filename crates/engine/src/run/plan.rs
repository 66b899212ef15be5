//! What a run is asked to do, typed: nothing later looks at command lines, INI files or settings.

use std::path::PathBuf;

use crate::value::{Map, Value};

/// When the steady-state hypothesis is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HypothesisStrategy {
    /// Before and after the method.
    #[default]
    Default,
    /// Before the method only.
    BeforeMethod,
    /// After the method only.
    AfterMethod,
    /// While the method runs, again and again.
    DuringMethod,
    /// Before, during and after the method.
    Continuously,
    /// Never.
    Skip,
}

impl HypothesisStrategy {
    /// The names that a command line or a file may give.
    pub const NAMES: [&'static str; 6] = [
        "default",
        "before-method-only",
        "after-method-only",
        "during-method-only",
        "continuously",
        "skip",
    ];

    /// The strategy of that name. `continously` is a spelling that the Chaos Toolkit once had, and still takes.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "default" => Self::Default,
            "before-method-only" => Self::BeforeMethod,
            "after-method-only" => Self::AfterMethod,
            "during-method-only" => Self::DuringMethod,
            "continuously" | "continously" => Self::Continuously,
            "skip" => Self::Skip,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::BeforeMethod => "before-method-only",
            Self::AfterMethod => "after-method-only",
            Self::DuringMethod => "during-method-only",
            Self::Continuously => "continuously",
            Self::Skip => "skip",
        }
    }

    /// The name that the log shows: the peer's, which is another for one of them.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Continuously => "continuous",
            other => other.name(),
        }
    }

    /// Is there a check before the method?
    pub fn before(self) -> bool {
        matches!(self, Self::Default | Self::BeforeMethod | Self::Continuously)
    }

    /// Is there a check after the method?
    pub fn after(self) -> bool {
        matches!(self, Self::Default | Self::AfterMethod | Self::Continuously)
    }

    /// Are there checks while the method runs?
    pub fn during(self) -> bool {
        matches!(self, Self::DuringMethod | Self::Continuously)
    }
}

/// When rollbacks are played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RollbackStrategy {
    /// Unless the experiment failed or was interrupted.
    #[default]
    Default,
    /// Whatever happened.
    Always,
    /// Not at all.
    Never,
    /// Only when the experiment deviated.
    Deviated,
    /// A name that an experiment's runtime block or the settings gave and nobody knows: plays nothing.
    Unknown(String),
}

impl RollbackStrategy {
    /// The names that a command line or a file may give.
    pub const NAMES: [&'static str; 4] = ["default", "always", "never", "deviated"];

    /// The strategy of that name, or [`RollbackStrategy::Unknown`].
    pub fn parse(name: &str) -> Self {
        match name {
            "default" => Self::Default,
            "always" => Self::Always,
            "never" => Self::Never,
            "deviated" => Self::Deviated,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Always => "always",
            Self::Never => "never",
            Self::Deviated => "deviated",
            Self::Unknown(name) => name,
        }
    }
}

/// What is announced but not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dry {
    /// Probes are not run, and so no tolerance is checked.
    Probes,
    /// Actions are not run.
    Actions,
    /// Neither is run.
    Activities,
    /// Pauses are not taken.
    Pause,
}

impl Dry {
    /// The names of the modes.
    pub const NAMES: [&'static str; 4] = ["probes", "actions", "activities", "pause"];

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "probes" => Self::Probes,
            "actions" => Self::Actions,
            "activities" => Self::Activities,
            "pause" => Self::Pause,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probes => "probes",
            Self::Actions => "actions",
            Self::Activities => "activities",
            Self::Pause => "pause",
        }
    }
}

/// How the continuous hypothesis is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Seconds between the end of a check and the start of the next.
    pub frequency: f64,
    /// End the experiment once enough checks deviated.
    pub fail_fast: bool,
    /// How many percent of the checks so far count as enough: 0 means the first.
    pub fail_fast_ratio: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            frequency: 1.0,
            fail_fast: false,
            fail_fast_ratio: 0.0,
        }
    }
}

/// Everything a run needs to know before it starts.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What the run is known by.
    pub run_id: String,
    /// Where the experiment came from, as the user named it.
    pub source: String,
    /// The document.
    pub experiment: Map,
    /// Values of `--var` and variable files for the configuration: name -> value or definition.
    pub configuration: Map,
    /// Values of variable files for the secrets: group -> {name -> value or definition}.
    pub secrets: Map,
    /// The variable files, so that a recovery can read secrets again that are never written down.
    pub var_files: Vec<PathBuf>,
    /// When the hypothesis is checked.
    pub hypothesis: HypothesisStrategy,
    /// When rollbacks are played.
    pub rollbacks: RollbackStrategy,
    /// How the continuous hypothesis is checked.
    pub schedule: Schedule,
    /// What is announced but not done.
    pub dry: Option<Dry>,
    /// The settings file's content, with the strategies of this run as its `runtime`.
    pub settings: Map,
    /// Is there a settings file? Without one, hooks other than those that configure are shown no settings.
    pub has_settings: bool,
    /// Controls of the settings and of control files, in their order: they apply to every experiment.
    pub global_controls: Vec<Value>,
    /// What the journal says besides, at its end: what started the run, for example.
    pub annotations: Map,
}
