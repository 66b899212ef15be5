//! Thresholds as options state them; what an expression means is the business of `metrics`.

use std::time::Duration;

use serde_json::{Value, json};

use super::OptionsError;
use super::value::{OptionValue, member, object, read_option};

/// One threshold of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Such as `p(95)<500`.
    pub expression: String,
    /// Ends the test when it is crossed.
    pub abort_on_fail: bool,
    /// How long the test runs before crossing it ends the test.
    pub delay_abort_eval: Duration,
}

impl Threshold {
    /// A threshold that does not end the test.
    pub fn new(expression: impl Into<String>) -> Self {
        Self {
            expression: expression.into(),
            abort_on_fail: false,
            delay_abort_eval: Duration::ZERO,
        }
    }
}

impl OptionValue for Threshold {
    fn read(value: &Value, at: &str) -> Result<Self, OptionsError> {
        if let Value::String(expression) = value {
            return Ok(Self::new(expression));
        }
        let wrong = |_| {
            let expected = "a text such as \"p(95)<500\", or an object with `threshold`, `abortOnFail`, `delayAbortEval`";
            OptionsError::kind(at, value, expected)
        };
        let stated = object(value, at).map_err(wrong)?;
        let expression = read_option(member(stated, "threshold"), &format!("{at}.threshold"))?;
        let abort = read_option(member(stated, "abortOnFail"), &format!("{at}.abortOnFail"))?;
        let delay = read_option(member(stated, "delayAbortEval"), &format!("{at}.delayAbortEval"))?;
        Ok(Self {
            expression: expression.ok_or_else(|| {
                OptionsError::missing(format!("{at}.threshold"), "a text such as \"p(95)<500\"")
            })?,
            abort_on_fail: abort.unwrap_or_default(),
            delay_abort_eval: delay.unwrap_or_default(),
        })
    }

    fn show(&self) -> Value {
        if !self.abort_on_fail {
            return Value::from(self.expression.as_str());
        }
        let delay = match self.delay_abort_eval {
            Duration::ZERO => Value::Null,
            delay => delay.show(),
        };
        json!({"threshold": self.expression, "abortOnFail": true, "delayAbortEval": delay})
    }
}
