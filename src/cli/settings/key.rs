//! Dotted keys: `auths.example\.com.type`, `list[0].name`.

use std::str::FromStr;

use chaos_engine::value::Value;

/// One step down into the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Entry of a mapping.
    Name(String),
    /// Item of a sequence, from 0.
    Index(usize),
}

impl Step {
    /// What this step leads to.
    pub fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Name(name) => value.get(name),
            Self::Index(index) => value.as_list()?.get(*index),
        }
    }

    /// The same, to be changed.
    pub fn of_mut<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
        match (self, value) {
            (Self::Name(name), Value::Map(map)) => map.get_mut(name),
            (Self::Index(index), Value::List(items)) => items.get_mut(*index),
            _ => None,
        }
    }

    /// Takes it out; what follows moves up.
    pub fn remove_from(&self, value: &mut Value) -> Option<Value> {
        match (self, value) {
            (Self::Name(name), Value::Map(map)) => map.shift_remove(name),
            (Self::Index(index), Value::List(items)) if *index < items.len() => Some(items.remove(*index)),
            _ => None,
        }
    }
}

/// The way to an entry. A dot after a backslash belongs to the name; backslashes themselves are dropped, so that
/// `\.` and `\\.` (which shells need in some quotes) mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(Vec<Step>);

/// A key that no settings can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{key}' is not a key: {reason}")]
pub struct KeyError {
    key: String,
    reason: &'static str,
}

impl Key {
    /// From the outermost on; at least one.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<Self, KeyError> {
        let refuse = |reason| KeyError {
            key: key.to_owned(),
            reason,
        };
        let mut steps = Vec::new();
        for part in parts(key) {
            let (name, indexes) = split_indexes(&part).map_err(refuse)?;
            if name.is_empty() {
                return Err(refuse("a name is missing; names are parted by single dots"));
            }
            steps.push(Step::Name(name.to_owned()));
            steps.extend(indexes.into_iter().map(Step::Index));
        }
        Ok(Self(steps))
    }
}

/// The names between unescaped dots, without backslashes.
fn parts(key: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in key.chars() {
        match (c, parts.last_mut()) {
            ('.', _) if !escaped => parts.push(String::new()),
            ('\\', _) => {}
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
        escaped = c == '\\';
    }
    parts
}

/// `name[1][2]` into `name` and 1, 2.
fn split_indexes(part: &str) -> Result<(&str, Vec<usize>), &'static str> {
    let mut name = part;
    let mut indexes = Vec::new();
    while let Some((before, digits)) = name.strip_suffix(']').and_then(|open| open.rsplit_once('[')) {
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            break;
        }
        let index = digits
            .parse()
            .map_err(|_| "the number in brackets is missing or too large")?;
        indexes.insert(0, index);
        name = before;
    }
    Ok((name, indexes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            "[a-z.:\\[ ]{1,8}".prop_map(Step::Name),
            (0usize..100).prop_map(Step::Index)
        ]
    }

    fn write(steps: &[Step]) -> String {
        let mut key = String::new();
        for step in steps {
            match step {
                Step::Name(name) if key.is_empty() => key = name.replace('.', "\\."),
                Step::Name(name) => key += &format!(".{}", name.replace('.', "\\\\.")),
                Step::Index(index) => key += &format!("[{index}]"),
            }
        }
        key
    }

    proptest! {
        #[test]
        fn a_written_key_is_read_back(name in "[a-z.]{1,8}", more in prop::collection::vec(step(), 0..6)) {
            let steps: Vec<Step> = std::iter::once(Step::Name(name)).chain(more).collect();
            prop_assert_eq!(write(&steps).parse::<Key>(), Ok(Key(steps)));
        }

        #[test]
        fn any_text_is_a_key_or_an_error(key in "[a.\\\\\\[\\]0-9é]{0,12}") {
            if let Ok(key) = key.parse::<Key>() {
                prop_assert!(!key.steps().is_empty());
            }
        }
    }
}
