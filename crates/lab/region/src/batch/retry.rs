//! Which attempts are tried again.

use serde_json::Value;

use super::{integer, refused, required};
use crate::input;
use crate::wire::ApiError;

/// `retryStrategy`
#[derive(Clone, Debug)]
pub struct Strategy {
    /// How often a job is tried at the most.
    pub attempts: usize,
    rules: Vec<Rule>,
    /// `evaluateOnExit` as it was given.
    pub on_exit: Value,
}

/// `evaluateOnExit`: all patterns that are given must fit.
#[derive(Clone, Debug)]
struct Rule {
    status_reason: Option<String>,
    reason: Option<String>,
    exit_code: Option<String>,
    retry: bool,
}

/// How an attempt ended.
pub struct Ended<'a> {
    pub status_reason: &'a str,
    pub reason: &'a str,
    pub exit_code: Option<i32>,
}

impl Strategy {
    /// Reads `retryStrategy`, where it is given.
    ///
    /// # Errors
    /// `ClientException`
    pub fn read(input: &Value) -> Result<Option<Strategy>, ApiError> {
        let Some(given) = input.get("retryStrategy").filter(|given| !given.is_null()) else {
            return Ok(None);
        };
        let attempts = integer(given, "attempts")?.unwrap_or(1);
        if !(1..=10).contains(&attempts) {
            return Err(refused(format!(
                "retryStrategy.attempts is {attempts}; it must be between 1 and 10."
            )));
        }
        let rules = input::list(given, "evaluateOnExit")
            .iter()
            .map(Rule::read)
            .collect::<Result<_, _>>()?;
        let on_exit = input::list(given, "evaluateOnExit").into();
        Ok(Some(Strategy {
            attempts: usize::try_from(attempts).unwrap_or(1),
            rules,
            on_exit,
        }))
    }

    /// Whether a job that failed so many times is tried again. The first rule that fits says it; without one it is.
    pub fn wants_another(&self, attempts: usize, ended: &Ended<'_>) -> bool {
        let rule = self.rules.iter().find(|rule| rule.fits(ended));
        attempts < self.attempts && rule.is_none_or(|rule| rule.retry)
    }
}

impl Default for Strategy {
    fn default() -> Self {
        Strategy {
            attempts: 1,
            rules: Vec::new(),
            on_exit: Value::Array(Vec::new()),
        }
    }
}

impl Rule {
    fn read(given: &Value) -> Result<Rule, ApiError> {
        let pattern = |member| input::text(given, member).map(str::to_owned);
        let action = required(given, "action")?;
        if !["RETRY", "EXIT"]
            .iter()
            .any(|known| action.eq_ignore_ascii_case(known))
        {
            return Err(refused(format!(
                "The action {action} of evaluateOnExit is neither RETRY nor EXIT."
            )));
        }
        Ok(Rule {
            status_reason: pattern("onStatusReason"),
            reason: pattern("onReason"),
            exit_code: pattern("onExitCode"),
            retry: action.eq_ignore_ascii_case("RETRY"),
        })
    }

    fn fits(&self, ended: &Ended<'_>) -> bool {
        let code = ended.exit_code.map(|code| code.to_string()).unwrap_or_default();
        let pairs = [
            (&self.status_reason, ended.status_reason),
            (&self.reason, ended.reason),
            (&self.exit_code, &code),
        ];
        pairs
            .iter()
            .all(|(pattern, text)| pattern.as_ref().is_none_or(|pattern| like(pattern, text)))
    }
}

/// Patterns may end in `*`; case does not count.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    match pattern.strip_suffix('*') {
        Some(front) => text.starts_with(front),
        None => text == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn again(strategy: Value, attempts: usize, exit_code: i32) -> bool {
        let strategy = Strategy::read(&json!({ "retryStrategy": strategy }))
            .unwrap()
            .unwrap();
        strategy.wants_another(
            attempts,
            &Ended {
                status_reason: "Essential container in task exited",
                reason: "",
                exit_code: Some(exit_code),
            },
        )
    }

    #[test]
    fn attempts_are_counted_and_the_first_fitting_rule_decides() {
        assert!(again(json!({ "attempts": 3 }), 2, 1) && !again(json!({ "attempts": 3 }), 3, 1));
        let rules = json!({ "attempts": 3, "evaluateOnExit": [
            { "onExitCode": "4", "action": "exit" }, { "onStatusReason": "essential*", "action": "RETRY" }, { "onReason": "*", "action": "EXIT" },
        ]});
        assert!(again(rules.clone(), 1, 1) && !again(rules, 1, 4));
        for refused in [
            json!({ "attempts": 0 }),
            json!({ "attempts": 11 }),
            json!({ "evaluateOnExit": [{ "action": "SLEEP" }] }),
        ] {
            assert!(Strategy::read(&json!({ "retryStrategy": refused })).is_err());
        }
    }
}
