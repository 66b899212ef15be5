//! Secret values never reach a line.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use chaos_engine::value::{Value, json};

/// Shorter values are left alone: they would hide ordinary words and numbers.
const SHORTEST: usize = 4;

/// The secret values of this run; clones share them, so that values can be added while the log is in use.
#[derive(Clone, Default)]
pub struct Scrubber {
    /// Longest first, so that a secret within another does not leave the other's rest.
    values: Arc<RwLock<Vec<String>>>,
}

impl Scrubber {
    /// Hides `secret` from now on, also as it looks within JSON; values under 4 characters are ignored.
    pub fn add(&self, secret: &str) {
        let secret = secret.trim();
        if secret.chars().count() < SHORTEST {
            return;
        }
        let mut quoted = String::new();
        json::write_text(&mut quoted, secret);
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.push(secret.to_owned());
        values.push(quoted[1..quoted.len() - 1].to_owned());
        values.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
    }

    /// Hides every text and number in `value`, at any depth.
    pub fn add_all(&self, value: &Value) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.add_all(item)),
            Value::Map(map) => map.values().for_each(|item| self.add_all(item)),
            Value::Null | Value::Bool(_) => {}
            Value::Bytes(bytes) => self.add(&String::from_utf8_lossy(bytes)),
            other => self.add(&chaos_engine::value::python::text(other)),
        }
    }

    /// `text` with `***` in place of each secret.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let mut clean = Cow::Borrowed(text);
        for secret in values.iter().filter(|secret| text.contains(secret.as_str())) {
            clean = Cow::Owned(clean.replace(secret.as_str(), "***"));
        }
        clean
    }

    /// `value` with `***` in place of each secret in its texts, at any depth; names are left as they are.
    pub fn scrub_value(&self, value: Value) -> Value {
        match value {
            Value::Text(text) => self.scrub(&text).into_owned().into(),
            Value::List(items) => items
                .into_iter()
                .map(|item| self.scrub_value(item))
                .collect::<Vec<_>>()
                .into(),
            Value::Map(map) => {
                let scrubbed = map.into_iter().map(|(name, item)| (name, self.scrub_value(item)));
                Value::Map(scrubbed.collect())
            }
            other => other,
        }
    }
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scrubber(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_and_nested_secrets_are_hidden_for_every_clone() {
        let scrubber = Scrubber::default();
        let clone = scrubber.clone();
        assert_eq!(clone.scrub("token hunter22"), "token hunter22");
        scrubber.add_all(
            &json::parse(r#"{"g": {"a": "hunter2", "b": ["hunter22", 12345, "abc", true]}}"#).unwrap(),
        );
        assert_eq!(
            clone.scrub("hunter22, hunter2 and 12345 but abc, true"),
            "***, *** and *** but abc, true"
        );
    }

    #[test]
    fn a_journal_is_masked_at_any_depth() {
        let scrubber = Scrubber::default();
        scrubber.add("hunter2");
        let journal = json::parse(r#"{"run": [{"output": {"hunter2": "is hunter2", "n": 1}}]}"#).unwrap();
        assert_eq!(
            scrubber.scrub_value(journal),
            json::parse(r#"{"run": [{"output": {"hunter2": "is ***", "n": 1}}]}"#).unwrap()
        );
    }

    #[test]
    fn a_secret_of_several_lines_is_hidden_within_json_as_well() {
        let scrubber = Scrubber::default();
        scrubber.add("-----BEGIN\n\"key\"\n");
        assert_eq!(scrubber.scrub("got -----BEGIN\n\"key\"\n"), "got ***\n");
        assert_eq!(scrubber.scrub(r#"{"k":"-----BEGIN\n\"key\""}"#), r#"{"k":"***"}"#);
        assert!(!format!("{scrubber:?}").contains("key"));
    }
}
