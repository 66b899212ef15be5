//! The experiment as the journal shows it: a shallow copy of the one that was started.

use crate::value::{Map, Value};

/// Which keys the journal shows, and where their values are.
///
/// What a hook changes inside a list or a mapping shows in the journal; a key that it sets, replaces by plain data or
/// removes at the top of the experiment does not. So only plain data is kept here, and what the live experiment lost.
#[derive(Clone, Debug, Default)]
pub struct Shown(Vec<(String, Option<Value>)>);

impl Shown {
    /// Of an experiment that is about to run.
    pub fn of(experiment: &Map) -> Self {
        let kept = |value: &Value| Some(value).filter(|value| !is_container(value)).cloned();
        Self(
            experiment
                .iter()
                .map(|(key, value)| (key.clone(), kept(value)))
                .collect(),
        )
    }

    /// Just this, whatever the live experiment becomes.
    pub fn all_of(experiment: Map) -> Self {
        Self(
            experiment
                .into_iter()
                .map(|(key, value)| (key, Some(value)))
                .collect(),
        )
    }

    /// Keeps what the experiment is about to lose.
    pub fn keep_lost(&mut self, before: &Map, after: &Map) {
        for (key, own) in &mut self.0 {
            if own.is_none() && !after.get(key).is_some_and(is_container) {
                *own = before.get(key).cloned();
            }
        }
    }

    /// The entries, with the values that the live experiment still has.
    pub fn entries<'a>(&'a self, live: &'a Map) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0
            .iter()
            .filter_map(|(key, own)| Some((key.as_str(), own.as_ref().or_else(|| live.get(key))?)))
    }

    /// The experiment as a mapping of its own.
    pub fn to_map(&self, live: &Map) -> Map {
        self.entries(live)
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect()
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    fn parsed(text: &str) -> Map {
        json::parse(text).unwrap().as_map().unwrap().clone()
    }

    #[test]
    fn nested_changes_show_and_changes_at_the_top_do_not() {
        let before = parsed(r#"{"title": "a", "method": [1], "tags": ["x"]}"#);
        let mut shown = Shown::of(&before);
        let after = parsed(r#"{"title": "b", "method": [1, 2], "tags": null, "new": 1}"#);
        shown.keep_lost(&before, &after);
        let expected = parsed(r#"{"title": "a", "method": [1, 2], "tags": ["x"]}"#);
        assert_eq!(shown.to_map(&after), expected);
    }
}
