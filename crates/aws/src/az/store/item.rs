//! One item of the state table.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

pub(super) const NAMESPACE: &str = "namespace";
pub(super) const KEY: &str = "key";
pub(super) const RESOURCE_KEY: &str = "resourceKey";
pub(super) const RESOURCE_TYPE: &str = "resourceType";
pub(super) const CREATED: &str = "createdTime";
pub(super) const STATE: &str = "state";
pub(super) const SAVED_BY: &str = "savedBy";

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// What was there before a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Which experiments it belongs to.
    pub namespace: String,
    /// The resource's type.
    pub kind: String,
    /// The resource, unique in its type.
    pub key: String,
    /// When it was saved, in seconds since 1970.
    pub created: i64,
    /// The bytes, usually JSON.
    pub state: Vec<u8>,
}

impl State {
    /// A state as of now.
    pub fn new(
        namespace: impl Into<String>,
        kind: impl Into<String>,
        key: impl Into<String>,
        state: Vec<u8>,
    ) -> Self {
        Self {
            namespace: namespace.into(),
            kind: kind.into(),
            key: key.into(),
            created: Self::now(),
            state,
        }
    }

    /// The time that a state saved now has.
    pub fn now() -> i64 {
        chrono::Utc::now().timestamp()
    }

    /// The range key of its item.
    pub fn item_key(&self) -> String {
        format!("/{}/{}/{}", self.namespace, self.kind, self.key)
    }

    pub(super) fn to_item(&self, call: &str) -> Item {
        let attributes = [
            (NAMESPACE, text(&self.namespace)),
            (KEY, text(&self.item_key())),
            (RESOURCE_KEY, text(&self.key)),
            (RESOURCE_TYPE, text(&self.kind)),
            (CREATED, AttributeValue::N(self.created.to_string())),
            (STATE, AttributeValue::B(Blob::new(self.state.clone()))),
            (SAVED_BY, text(call)),
        ];
        attributes.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// None for an item that lacks an attribute, which no program writes.
    pub(super) fn from_item(item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_s().ok().cloned();
        Some(Self {
            namespace: text(NAMESPACE)?,
            kind: text(RESOURCE_TYPE)?,
            key: text(RESOURCE_KEY)?,
            created: item.get(CREATED)?.as_n().ok()?.parse().ok()?,
            state: item.get(STATE)?.as_b().ok()?.as_ref().to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_as_aws_fail_az_writes_it() {
        let state = State {
            created: 1_700_000_000,
            ..State::new("n", "auto-scaling-group", "web", b"{}".to_vec())
        };
        let item = state.to_item("call");
        assert_eq!(item["key"], text("/n/auto-scaling-group/web"));
        assert_eq!(item["createdTime"], AttributeValue::N("1700000000".to_owned()));
        assert_eq!(item["state"], AttributeValue::B(Blob::new("{}")));
        assert_eq!(item["resourceKey"], text("web"));
        assert_eq!(item["resourceType"], text("auto-scaling-group"));
        let mut theirs = item;
        theirs.remove("savedBy");
        assert_eq!(State::from_item(&theirs), Some(state));
    }
}
