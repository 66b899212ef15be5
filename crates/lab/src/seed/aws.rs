//! Calls to the lab's services from inside.

use std::sync::Arc;

use chaos_lab_plain::Plain;
use chaos_lab_region::Region;
use chaos_lab_region::wire::ApiError;
use serde_json::Value;

use crate::error::Error;

/// The services of a lab.
#[derive(Clone)]
pub struct Aws {
    pub region: Arc<Region>,
    pub plain: Arc<Plain>,
}

impl Aws {
    /// Calls an operation of a service with behaviour.
    ///
    /// # Errors
    /// [`Error::Seed`] with the operation's name.
    pub async fn call(&self, service: &str, operation: &str, input: &Value) -> Result<Value, Error> {
        let answer = self.region.call(service, operation, input).await;
        answer.map_err(|source| Error::Seed {
            what: format!("{operation} of {service}"),
            source,
        })
    }

    /// Calls an operation of a plain-state service that speaks JSON.
    ///
    /// # Errors
    /// [`Error::Seed`] with the operation's name.
    pub async fn plain(&self, service: &str, target: &'static str, input: &Value) -> Result<Value, Error> {
        let answer = self.plain.call(service, target, input).await;
        answer.map_err(|source| Error::Seed {
            what: format!("{target} of {service}"),
            source,
        })
    }
}

/// The text at a JSON pointer of an answer.
///
/// # Errors
/// [`Error::Seed`] where there is none.
pub fn text(answer: &Value, pointer: &str) -> Result<String, Error> {
    let found = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| Error::Seed {
        what: pointer.to_owned(),
        source: ApiError::new("InternalFailure", format!("the answer has no {pointer}")),
    })
}

/// What AWS wants scripts to be encoded as.
pub fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
