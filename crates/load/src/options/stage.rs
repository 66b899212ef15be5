//! Stages of a load that changes.

use std::time::Duration;

use serde_json::{Value, json};

use super::value::{OptionValue, member, object};
use super::{OptionsError, duration};

/// One stage: in `duration`, the number of virtual users or the rate moves evenly to `target`. A stage of no duration
/// jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    pub duration: Duration,
    /// Virtual users, or iterations per time unit.
    pub target: u64,
}

impl Stage {
    /// Reads `10s:5`, as on k6's command line.
    ///
    /// # Errors
    /// When it is not written like that. `at` is what the text was given as.
    pub fn from_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        let wrong = || {
            OptionsError::kind(
                at,
                format!("{text:?}"),
                "a stage such as \"10s:5\" (duration:target)",
            )
        };
        let (time, target) = text.split_once(':').ok_or_else(wrong)?;
        Ok(Self {
            duration: duration::parse(time.trim()).map_err(|_| wrong())?,
            target: target.trim().parse().map_err(|_| wrong())?,
        })
    }
}

impl OptionValue for Stage {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let stage = object(value, at)?;
        let (time, target) = (member(stage, "duration"), member(stage, "target"));
        if time.is_null() {
            return Err(OptionsError::missing(
                format!("{at}.duration"),
                duration::DurationError::Unreadable.to_string(),
            ));
        }
        if target.is_null() {
            return Err(OptionsError::missing(
                format!("{at}.target"),
                "a whole number of zero or more",
            ));
        }
        Ok(Self {
            duration: Duration::read(time, &format!("{at}.duration"))?,
            target: u64::read(target, &format!("{at}.target"))?,
        })
    }

    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        Self::from_text(text, at)
    }

    fn show(&self) -> Value {
        json!({"duration": duration::show(self.duration), "target": self.target})
    }
}

/// How long all stages take, at most [`duration::LONGEST`].
pub(super) fn total(stages: &[Stage]) -> Duration {
    let sum = stages
        .iter()
        .fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.duration));
    sum.min(duration::LONGEST)
}

/// The highest of the start and all targets.
pub(super) fn highest(start: u64, stages: &[Stage]) -> u64 {
    stages.iter().map(|stage| stage.target).fold(start, u64::max)
}
