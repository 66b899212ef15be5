//! The keys of `experiment.conf`: reading each as its type, with the file, section and key in every error.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::choice::Choice;
use super::error::{ConfError, FileFault, ValueFault};
use super::ini::{self, Section};
use super::variable::VarOverride;
use chaos_engine::nearest::nearest;
use chaos_engine::run::plan::Dry;

/// Every key that means something, in the order of the documentation.
pub(super) const KNOWN: [&str; 11] = [
    "experiment_path",
    "rollback_strategy",
    "hypothesis_strategy",
    "hypothesis_frequency",
    "fail_fast",
    "fail_fast_ratio",
    "var_files",
    "var_overrides",
    "journal_path",
    "dry",
    "settings",
];

/// A context's section, read key by key. An empty value counts as none, so that a context can take back what
/// DEFAULT gives; except for booleans, whose rules are configparser's `getboolean`.
pub(super) struct Keys<'a> {
    pub path: &'a Path,
    pub section: Section<'a>,
}

impl Keys<'_> {
    /// The text of a key, if there is one and it is not empty.
    pub fn text(&self, key: &'static str) -> Result<Option<String>, ConfError> {
        Ok(self.section.get(key)?.filter(|value| !value.is_empty()))
    }

    /// A name out of a few.
    pub fn choice<C: Choice>(&self, key: &'static str) -> Result<Option<C>, ConfError> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        C::from_name(&text)
            .map(Some)
            .map_err(|fault| self.bad(key, fault))
    }

    /// A boolean, as configparser's `getboolean` reads it.
    pub fn boolean(&self, key: &'static str) -> Result<Option<bool>, ConfError> {
        let Some(value) = self.section.get(key)? else {
            return Ok(None);
        };
        let parsed = parse_boolean(&value).ok_or(ValueFault::NotABoolean { value });
        parsed.map(Some).map_err(|fault| self.bad(key, fault))
    }

    /// A number within `range`, which `described` puts in words.
    pub fn number(
        &self,
        key: &'static str,
        range: RangeInclusive<f64>,
        described: &'static str,
    ) -> Result<Option<f64>, ConfError> {
        let Some(value) = self.text(key)? else {
            return Ok(None);
        };
        let number = value.parse().ok().filter(|number| range.contains(number));
        let fault = || {
            self.bad(
                key,
                ValueFault::NotANumber {
                    value,
                    range: described,
                },
            )
        };
        number.map(Some).ok_or_else(fault)
    }

    /// The dry mode; a false boolean means that the run is a real one.
    pub fn dry(&self) -> Result<Option<Dry>, ConfError> {
        match self.text("dry")? {
            Some(text) if parse_boolean(&text) == Some(false) => Ok(None),
            _ => self.choice("dry"),
        }
    }

    /// The items of a value, separated by commas or lines.
    pub fn list(&self, key: &'static str) -> Result<Vec<String>, ConfError> {
        let text = self.text(key)?.unwrap_or_default();
        let items = text.split([',', '\n']).map(str::trim);
        Ok(items.filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    /// The variables of `var_overrides`, one a line.
    pub fn variables(&self) -> Result<Vec<VarOverride>, ConfError> {
        let text = self.text("var_overrides")?.unwrap_or_default();
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        let read = |(index, line)| {
            let fault = |fault| ValueFault::Variable {
                line: index + 1,
                fault,
            };
            VarOverride::from_line(line).map_err(|error| self.bad("var_overrides", fault(error)))
        };
        lines.map(read).collect()
    }

    /// `path` if it is a readable file.
    pub fn existing(&self, key: &'static str, path: PathBuf) -> Result<PathBuf, ConfError> {
        match FileFault::of(&path) {
            Some(kind) => Err(self.bad(key, ValueFault::File { path, kind })),
            None => Ok(path),
        }
    }

    /// That what the file of that key holds cannot be used.
    pub fn unusable(&self, key: &'static str, reason: String) -> ConfError {
        self.bad(key, ValueFault::Content(reason))
    }

    /// One sentence for each key that means nothing and is not there for another one's `%(name)s`.
    pub fn unknown(&self) -> Vec<String> {
        let used = self.referenced();
        let unknown = |key: &&str| !KNOWN.contains(key) && !used.contains(*key);
        self.section
            .keys()
            .into_iter()
            .filter(unknown)
            .map(|key| self.unknown_key(key))
            .collect()
    }

    fn referenced(&self) -> BTreeSet<String> {
        let values = self
            .section
            .keys()
            .into_iter()
            .filter_map(|key| self.section.raw(key));
        values.flat_map(ini::references).collect()
    }

    fn unknown_key(&self, key: &str) -> String {
        let advice = match nearest(key, KNOWN) {
            Some(known) => format!("did you mean '{known}'?"),
            None => format!("known keys: {}", KNOWN.join(", ")),
        };
        let (path, line) = (self.path.display(), self.section.line(key));
        format!(
            "{path}:{line}: [{}] the key '{key}' is unknown and ignored; {advice}",
            self.section.name()
        )
    }

    fn bad(&self, key: &'static str, fault: ValueFault) -> ConfError {
        ConfError::BadValue {
            path: self.path.to_owned(),
            line: self.section.raw(key).map(|_| self.section.line(key)),
            section: self.section.name().to_owned(),
            key,
            fault: Box::new(fault),
        }
    }
}

fn parse_boolean(value: &str) -> Option<bool> {
    match value.to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}
