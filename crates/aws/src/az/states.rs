//! States one by one, for whoever keeps their own in the same table.

use serde::Serialize;

use super::{FailAz, State};
use crate::AwsError;

/// A state as `state-read` prints it.
#[derive(Serialize)]
struct Shown<'a> {
    namespace: &'a str,
    r#type: &'a str,
    key: &'a str,
    state: String,
}

impl FailAz {
    /// Saves any bytes.
    ///
    /// # Errors
    /// Also when there is a state of that type and key.
    pub async fn save_state(
        &self,
        namespace: &str,
        kind: &str,
        key: &str,
        data: Vec<u8>,
    ) -> Result<(), AwsError> {
        self.store.ensure(&self.log).await?;
        self.store.save(&State::new(namespace, kind, key, data)).await
    }

    /// The states of a namespace, the oldest first; only those of a type or a key where these are given.
    pub async fn states(
        &self,
        namespace: &str,
        kind: Option<&str>,
        key: Option<&str>,
    ) -> Result<Vec<State>, AwsError> {
        if !self.store.exists().await? {
            return Ok(Vec::new());
        }
        let mut states = self.store.read(namespace).await?;
        states.retain(|state| {
            kind.is_none_or(|kind| state.kind == kind) && key.is_none_or(|key| state.key == key)
        });
        Ok(states)
    }

    /// Removes a state without restoring anything.
    ///
    /// # Errors
    /// Also when there is no such state.
    pub async fn delete_state(&self, namespace: &str, kind: &str, key: &str) -> Result<(), AwsError> {
        let state = match self.store.exists().await? {
            true => self.store.get(namespace, kind, key).await?,
            false => None,
        };
        let state = state.ok_or_else(|| {
            AwsError::because(format!(
                "there is no state of {kind} {key} in namespace {namespace}"
            ))
        })?;
        self.store.remove(&state).await?;
        self.log.say(format!("Removed {}", state.item_key()));
        Ok(())
    }
}

/// States as one line of JSON, with the escapes that Go's encoder writes.
pub fn to_json(states: &[State]) -> Result<String, serde_json::Error> {
    let shown: Vec<Shown<'_>> = states
        .iter()
        .map(|state| Shown {
            namespace: &state.namespace,
            r#type: &state.kind,
            key: &state.key,
            state: String::from_utf8_lossy(&state.state).into_owned(),
        })
        .collect();
    let json = serde_json::to_string(&shown)?;
    let escaped = json.chars().map(|c| match c {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", c as u32),
        other => other.to_string(),
    });
    Ok(escaped.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_shown_as_aws_fail_az_shows_them() {
        let state = State::new("n", "t", "k", br#"{"a":"<&>"}"#.to_vec());
        assert_eq!(
            to_json(&[state]).unwrap(),
            r#"[{"namespace":"n","type":"t","key":"k","state":"{\"a\":\"\u003c\u0026\u003e\"}"}]"#
        );
        assert_eq!(to_json(&[]).unwrap(), "[]");
    }
}
