//! Arguments as experiments write them; what was substituted is text.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::options::{Options, OptionsError, Stage, duration};

/// A whole number; substitution makes text of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(try_from = "NumberOrText", into = "u64")]
pub struct Count(pub u64);

/// A number, or the text of one.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number, or a text with one, is wanted")]
pub enum NumberOrText {
    /// `5`.
    Number(serde_json::Number),
    /// `"5"`.
    Text(String),
}

impl std::fmt::Display for NumberOrText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl TryFrom<NumberOrText> for Count {
    type Error = String;

    fn try_from(stated: NumberOrText) -> Result<Self, String> {
        let count = match &stated {
            NumberOrText::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            NumberOrText::Text(text) => text.trim().parse().ok(),
        };
        count
            .map(Self)
            .ok_or_else(|| format!("{stated} is not a whole number of zero or more"))
    }
}

fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0 && number < u64::MAX as f64).then_some(number as u64)
}

impl From<Count> for u64 {
    fn from(count: Count) -> Self {
        count.0
    }
}

/// How long: a number of seconds, or a text such as `30s`, `1m30s`, `500ms` or `1d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub struct Time(pub Duration);

impl TryFrom<NumberOrText> for Time {
    type Error = String;

    fn try_from(stated: NumberOrText) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{stated} is not a duration: write seconds, or a text such as \"30s\", \"1m30s\" or \"500ms\""
            )
        };
        let seconds = match &stated {
            NumberOrText::Number(number) => number.as_f64(),
            NumberOrText::Text(text) => text.trim().parse().ok(),
        };
        let time = match (seconds, &stated) {
            (Some(seconds), _) => duration::from_millis(seconds * 1000.0).ok(),
            (None, NumberOrText::Text(text)) => duration::parse(text.trim()).ok(),
            _ => None,
        };
        time.map(Self).ok_or_else(wrong)
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        duration::show(time.0)
    }
}

/// Yes or no; substitution makes text of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(try_from = "BoolOrText", into = "bool")]
pub struct Flag(pub bool);

/// A boolean, or the text of one.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "true or false is wanted")]
pub enum BoolOrText {
    /// `true`.
    Bool(bool),
    /// `"true"`.
    Text(String),
}

impl TryFrom<BoolOrText> for Flag {
    type Error = String;

    fn try_from(stated: BoolOrText) -> Result<Self, String> {
        match stated {
            BoolOrText::Bool(flag) => Ok(Self(flag)),
            BoolOrText::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Ok(Self(true)),
                "" | "false" | "no" | "0" => Ok(Self(false)),
                _ => Err(format!("{text:?} is not true or false")),
            },
        }
    }
}

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        flag.0
    }
}

/// Stages: a list of `{duration, target}`, a list of texts such as `10s:5`, or one text such as `10s:5,20s:0`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "stages are a list of {duration, target}, or a text such as `10s:5,20s:0`"
)]
pub enum Stages {
    /// `10s:5,20s:0`.
    Text(String),
    /// Stage by stage.
    List(Vec<StageArgument>),
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a stage is {duration, target}, or a text such as `10s:5`"
)]
pub enum StageArgument {
    /// `10s:5`.
    Text(String),
    /// Its parts.
    Parts {
        /// How long it takes.
        duration: Time,
        /// The number of virtual users at its end.
        target: Count,
    },
}

impl Stages {
    /// The stages one by one.
    ///
    /// # Errors
    /// A text that is not like `10s:5`.
    pub fn read(&self) -> Result<Vec<Stage>, OptionsError> {
        match self {
            Self::Text(text) => text
                .split(',')
                .map(|stage| Stage::from_text(stage.trim(), "stages"))
                .collect(),
            Self::List(stages) => stages.iter().map(StageArgument::read).collect(),
        }
    }
}

impl StageArgument {
    fn read(&self) -> Result<Stage, OptionsError> {
        match self {
            Self::Text(text) => Stage::from_text(text, "stages"),
            Self::Parts { duration, target } => Ok(Stage {
                duration: duration.0,
                target: target.0,
            }),
        }
    }
}

/// Which program runs the test: `native` is this one, `k6` the real k6, from CHAOS_K6 or PATH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    // no doc comments here: with them, the reference page would only say that this is text
    Native,
    K6,
}

/// Environment variables; what is not text is written as text.
pub type Variables = BTreeMap<String, serde_json::Value>;

/// The variables as text.
pub(super) fn variables(stated: &Variables) -> impl Iterator<Item = (String, String)> + '_ {
    stated.iter().map(|(name, value)| {
        let text = match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (name.clone(), text)
    })
}

/// The ways to give a load, as options that override those of the script.
pub(super) fn load(
    vus: Option<Count>,
    duration: Option<Time>,
    iterations: Option<Count>,
    stages: Option<&Stages>,
) -> Result<Options, OptionsError> {
    Ok(Options {
        vus: vus.map(|count| count.0),
        duration: duration.map(|time| time.0),
        iterations: iterations.map(|count| count.0),
        stages: stages.map(Stages::read).transpose()?,
        ..Options::default()
    })
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    fn read<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_may_be_text() {
        for five in [json!(5), json!("5"), json!(5.0), json!(" 5 ")] {
            assert_eq!(read(five), Ok(Count(5)));
        }
        assert_eq!(
            read::<Count>(json!("x")),
            Err("\"x\" is not a whole number of zero or more".to_owned())
        );
        for wrong in [
            json!(-1),
            json!(1.5),
            json!("1.5"),
            json!([]),
            json!(null),
            json!(1e300),
        ] {
            assert!(read::<Count>(wrong).is_err());
        }
    }

    #[test]
    fn durations_are_texts_or_seconds() {
        let seconds = |seconds| Ok(Time(Duration::from_secs_f64(seconds)));
        assert_eq!(read(json!("1m30s")), seconds(90.0));
        assert_eq!(read(json!(2)), seconds(2.0));
        assert_eq!(read(json!(0.5)), seconds(0.5));
        assert_eq!(read(json!("3")), seconds(3.0));
        for wrong in [
            json!("5x"),
            json!(-1),
            json!("NaN"),
            json!("inf"),
            json!({}),
            json!(""),
        ] {
            assert!(read::<Time>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn flags_may_be_text() {
        assert_eq!(read(json!(true)), Ok(Flag(true)));
        assert_eq!(read(json!("False")), Ok(Flag(false)));
        assert!(read::<Flag>(json!("maybe")).is_err());
    }

    #[test]
    fn stages_have_three_forms() {
        let stages = |value| {
            read::<Stages>(value)
                .unwrap()
                .read()
                .map_err(|error| error.to_string())
        };
        let expected = stages(json!("10s:5,20s:0")).unwrap();
        assert_eq!(expected.len(), 2);
        assert_eq!(stages(json!(["10s:5", "20s:0"])).unwrap(), expected);
        let parts = json!([{"duration": 10, "target": "5"}, {"duration": "20s", "target": 0}]);
        assert_eq!(stages(parts).unwrap(), expected);
        let error = stages(json!("10s")).unwrap_err();
        assert_eq!(
            error,
            "stages: \"10s\" is not a stage such as \"10s:5\" (duration:target)"
        );
        assert!(read::<Stages>(json!(5)).is_err());
    }
}
