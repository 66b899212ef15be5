//! The resolved configuration and secrets that substitution looks names up in.

use crate::value::{Map, Value};

/// Configuration first, then the entries of the secret groups in their order.
#[derive(Clone, Default)]
pub struct Scope {
    /// `configuration`, resolved: name -> value.
    pub configuration: Map,
    /// `secrets`, resolved: group -> {name -> value}.
    pub secrets: Map,
}

impl Scope {
    /// The value of a name: a configuration entry, else the first secret group's entry of that name.
    pub fn lookup(&self, name: &str) -> Option<&Value> {
        self.configuration.get(name).or_else(|| {
            self.secrets
                .values()
                .filter_map(Value::as_map)
                .find_map(|group| group.get(name))
        })
    }

    /// True when there is nothing to look up, in which case arguments are not substituted at all.
    pub fn is_empty(&self) -> bool {
        self.configuration.is_empty() && self.secrets.is_empty()
    }

    /// The entries of the named groups merged in order, as a Python function's `secrets` parameter gets them;
    /// unknown groups are ignored.
    pub fn secrets_of(&self, groups: &[Value]) -> Map {
        groups
            .iter()
            .filter_map(Value::as_str)
            .filter_map(|name| self.secrets.get(name)?.as_map())
            .flat_map(|group| group.iter().map(|(name, value)| (name.clone(), value.clone())))
            .collect()
    }
}

impl std::fmt::Debug for Scope {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope")
            .field("configuration", &self.configuration.keys().collect::<Vec<_>>())
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .finish()
    }
}
