//! Options from a script's JSON and from environment variables.

use serde_json::Value;

use super::error::did_you_mean;
use super::value::{OptionValue, member, object};
use super::{DEFAULT_SYSTEM_TAGS, OTHER_SYSTEM_TAGS, Options, OptionsError};

/// Options of k6 that change what a test does, and are not there.
const REFUSED: [(&str, &str); 2] = [
    (
        "executionSegment",
        "a test is not divided among machines; give each its own `vus`, or run the real k6 (`engine: k6`)",
    ),
    (
        "executionSegmentSequence",
        "a test is not divided among machines; give each its own `vus`, or run the real k6 (`engine: k6`)",
    ),
];
/// Options of k6 that do not change what a test does.
const IGNORED: [&str; 1] = ["features"];
/// Variables that k6 reads and that have no effect here.
const IGNORED_VARIABLES: [&str; 2] = ["K6_LOCAL_IPS", "K6_CONSOLE_OUTPUT"];

impl Options {
    /// Reads the `options` that a script exports, as JSON. Names are taken in any case of letters and unknown ones
    /// only warn, as in k6; `null` is "not set".
    ///
    /// JSON has no NaN: who turns a script's object into JSON must give such a number as the text `"NaN"`, or it
    /// becomes `null` and is not noticed.
    ///
    /// # Errors
    /// When a value is of the wrong kind; the error names the option by its path and says what it may be.
    pub fn from_json(value: &Value) -> Result<Self, OptionsError> {
        let mut options = Self::default();
        if value.is_null() {
            return Ok(options);
        }
        for (name, value) in object(value, "options")? {
            options.read_one(name, value)?;
        }
        options.check("options.")?;
        Ok(options)
    }

    fn read_one(&mut self, name: &str, value: &Value) -> Result<(), OptionsError> {
        let path = format!("options.{name}");
        if let Some((_, advice)) = REFUSED
            .iter()
            .find(|(refused, _)| refused.eq_ignore_ascii_case(name))
        {
            return match value {
                Value::Null => Ok(()),
                _ => Err(OptionsError::NotSupported {
                    path,
                    advice: (*advice).to_owned(),
                }),
            };
        }
        let timed;
        let value = match value {
            Value::Array(stages) if name.eq_ignore_ascii_case("stages") => {
                timed = self.timed(stages);
                &timed
            }
            value => value,
        };
        if !self.set(name, value, &path)? && !IGNORED.contains(&name) {
            let hint = did_you_mean(name, Self::NAMES);
            self.warnings
                .push(format!("{path} is not an option of k6{hint}; it has no effect"));
        }
        Ok(())
    }

    /// The stages that have a duration: k6 leaves out the others.
    fn timed(&mut self, stages: &[Value]) -> Value {
        let is_timed = |stage: &Value| {
            let stated = stage.as_object();
            stated.is_none_or(|stage| !member(stage, "duration").is_null())
        };
        let (kept, dropped): (Vec<_>, Vec<_>) = stages.iter().cloned().partition(is_timed);
        if !dropped.is_empty() {
            let text = "options.stages: stages without a duration are left out, as k6 does";
            self.warnings.push(text.to_owned());
        }
        Value::Array(kept)
    }

    /// Reads the variables `K6_VUS`, `K6_DURATION` and so on; others are passed over. An empty one is "not set".
    ///
    /// # Errors
    /// When a value cannot be read; the error names the variable and says what it may be.
    pub fn from_env(variables: impl Iterator<Item = (String, String)>) -> Result<Self, OptionsError> {
        let mut options = Self::default();
        for (name, text) in variables.filter(|(name, _)| name.starts_with("K6_")) {
            if !options.set_text(&name, &text)? && IGNORED_VARIABLES.contains(&name.as_str()) {
                options.warnings.push(format!("{name} has no effect here"));
            }
        }
        options.check("K6_")?;
        Ok(options)
    }

    /// What must hold in any layer. `source` starts the names in messages.
    fn check(&mut self, source: &str) -> Result<(), OptionsError> {
        let path = |name: &str, variable: &str| match source {
            "K6_" => format!("K6_{variable}"),
            _ => format!("options.{name}"),
        };
        if self.paused == Some(true) {
            return Err(OptionsError::NotSupported {
                path: path("paused", "PAUSED"),
                advice: "nobody could resume the test; leave it out".to_owned(),
            });
        }
        if let Some(unit) = &self.summary_time_unit
            && !["s", "ms", "us", ""].contains(&unit.as_str())
        {
            let path = path("summaryTimeUnit", "SUMMARY_TIME_UNIT");
            return Err(OptionsError::kind(&path, format!("{unit:?}"), "one of s, ms, us"));
        }
        let stats = self.summary_trend_stats.iter().flatten();
        if let Some(stat) = stats.into_iter().find(|stat| !is_trend_stat(stat)) {
            let path = path("summaryTrendStats", "SUMMARY_TREND_STATS");
            let expected = "one of avg, min, med, max, count, or a percentile such as p(95)";
            return Err(OptionsError::kind(&path, format!("{stat:?}"), expected));
        }
        self.warn(&path);
        Ok(())
    }

    fn warn(&mut self, path: &dyn Fn(&str, &str) -> String) {
        if self.tls_cipher_suites.is_some() {
            let path = path("tlsCipherSuites", "TLS_CIPHER_SUITES");
            self.warnings.push(format!(
                "{path} is not honoured: the cipher suites of rustls are used"
            ));
        }
        let tags = self.system_tags.iter().flat_map(|tags| &tags.unknown);
        let path = path("systemTags", "SYSTEM_TAGS");
        let unknown = tags.map(|tag| format!("{path}: there is no system tag {tag:?}; it has no effect"));
        self.warnings.extend(unknown);
    }
}

fn is_trend_stat(stat: &str) -> bool {
    if ["avg", "min", "med", "max", "count"].contains(&stat) {
        return true;
    }
    let number = stat.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')'));
    number
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(|number| (0.0..=100.0).contains(&number))
}

/// Names of system tags. Unknown ones are kept apart, to be told; k6 drops them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagNames {
    known: Vec<String>,
    unknown: Vec<String>,
}

impl TagNames {
    /// Is the tag asked for?
    pub fn contains(&self, tag: &str) -> bool {
        self.known.iter().any(|known| known == tag)
    }

    /// The tags asked for, by name.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }
}

impl OptionValue for TagNames {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        let names = Vec::<String>::read(value, at)?
            .into_iter()
            .filter(|name| !name.is_empty());
        let is_known = |name: &String| {
            let mut all = DEFAULT_SYSTEM_TAGS.iter().chain(&OTHER_SYSTEM_TAGS);
            all.any(|known| known == name)
        };
        let (mut known, unknown): (Vec<_>, Vec<_>) = names.partition(is_known);
        known.sort();
        known.dedup();
        Ok(Self { known, unknown })
    }

    fn read_text(text: &str, at: &str) -> Result<Self, OptionsError> {
        Self::read(&text.split(',').map(str::trim).collect(), at)
    }

    fn show(&self) -> Value {
        match self.known.as_slice() {
            [] => Value::Null,
            known => known.iter().map(String::as_str).collect(),
        }
    }
}
