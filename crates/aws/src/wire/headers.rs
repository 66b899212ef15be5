//! Headers, and the metadata that boto3 makes of them.

use chaos_engine::value::{Map, Value};

/// Headers by their names in lower case; values of one name are joined.
pub(super) struct Headers(Map);

impl Headers {
    pub(super) fn new(headers: &[(String, String)]) -> Self {
        let mut map = Map::with_capacity(headers.len());
        for (name, value) in headers {
            match map.get_mut(&name.to_ascii_lowercase()) {
                Some(Value::Text(joined)) => {
                    joined.push_str(", ");
                    joined.push_str(value);
                }
                _ => {
                    map.insert(name.to_ascii_lowercase(), value.as_str().into());
                }
            }
        }
        Self(map)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase())?.as_str()
    }

    /// The headers whose names begin so, without that beginning.
    pub(super) fn with_prefix(&self, prefix: &str) -> Value {
        let prefix = prefix.to_ascii_lowercase();
        let stripped = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value.clone())));
        Value::Map(stripped.collect())
    }

    /// `ResponseMetadata`, begun with what the body says of itself. S3 alone has a `HostId`, which comes with its
    /// way of naming the request.
    pub(super) fn metadata(self, status: u16, retries: u32, from_body: Map, rest: bool) -> Map {
        let mut metadata = from_body;
        if !metadata.contains_key("RequestId") {
            if let Some(id) = self.get("x-amzn-requestid") {
                metadata.insert("RequestId".to_owned(), id.into());
            } else if let Some(id) = self.get("x-amz-request-id") {
                metadata.insert("RequestId".to_owned(), id.into());
                if rest {
                    let host = self.get("x-amz-id-2").unwrap_or_default();
                    metadata.insert("HostId".to_owned(), host.into());
                }
            }
        }
        metadata.insert("HTTPStatusCode".to_owned(), Value::Int(status.into()));
        metadata.insert("HTTPHeaders".to_owned(), Value::Map(self.0));
        metadata.insert("RetryAttempts".to_owned(), Value::Int(retries.into()));
        metadata
    }
}
