//! Values that are one name out of a few: strategies and dry modes, as `chaos run` names them.

use chaos_engine::nearest::nearest;
use chaos_engine::run::plan::{Dry, HypothesisStrategy, RollbackStrategy};
use serde::{Serialize, Serializer};

use super::error::ValueFault;

/// A type whose values are known by name.
pub trait Choice: Clone + 'static {
    /// The names that a file or a command line may give, in the order that people are shown.
    const NAMES: &'static [&'static str];

    /// The value's name in files and on the command line.
    fn name(&self) -> &str;

    /// The value of a name that is allowed.
    fn parse(name: &str) -> Option<Self>;

    /// The value of that name; upper and lower case differ, as for `chaos run`.
    ///
    /// # Errors
    /// When there is none: the fault has the allowed names.
    fn from_name(name: &str) -> Result<Self, ValueFault> {
        Self::parse(name).ok_or_else(|| ValueFault::NotAChoice {
            value: name.to_owned(),
            allowed: Self::NAMES.to_vec(),
            nearest: nearest(name, Self::NAMES.iter().copied()),
        })
    }
}

impl Choice for RollbackStrategy {
    const NAMES: &'static [&'static str] = &Self::NAMES;

    fn name(&self) -> &str {
        self.name()
    }

    fn parse(name: &str) -> Option<Self> {
        Some(Self::parse(name)).filter(|strategy| !matches!(strategy, Self::Unknown(_)))
    }
}

impl Choice for HypothesisStrategy {
    // `skip` can be asked for in an experiment only
    const NAMES: &'static [&'static str] = Self::NAMES.split_at(5).0;

    fn name(&self) -> &str {
        (*self).name()
    }

    fn parse(name: &str) -> Option<Self> {
        Self::parse(name)
    }

    fn from_name(name: &str) -> Result<Self, ValueFault> {
        match Self::parse(name) {
            Some(Self::Skip) => Err(ValueFault::SkipIsForTheExperiment),
            Some(strategy) => Ok(strategy),
            None => Err(ValueFault::NotAChoice {
                value: name.to_owned(),
                allowed: <Self as Choice>::NAMES.to_vec(),
                nearest: nearest(name, <Self as Choice>::NAMES.iter().copied()),
            }),
        }
    }
}

impl Choice for Dry {
    const NAMES: &'static [&'static str] = &Self::NAMES;

    fn name(&self) -> &str {
        (*self).name()
    }

    fn parse(name: &str) -> Option<Self> {
        Self::parse(name)
    }
}

/// For serde's `serialize_with`: a choice as its name.
pub(super) fn by_name<C: Choice, S: Serializer>(choice: &C, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(choice.name())
}

/// For serde's `serialize_with`: a choice as its name, or null.
pub(super) fn by_optional_name<C: Choice, S: Serializer>(
    choice: &Option<C>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    choice.as_ref().map(C::name).serialize(serializer)
}
