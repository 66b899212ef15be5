//! Actions on toxics: what a proxy does to the data that goes through it.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::Api;

const MODULE: &str = "chaostoxi.toxic.actions";

/// Adds a toxic of any type to a proxy, with whatever attributes that type has in Toxiproxy.
#[derive(Deserialize, JsonSchema)]
pub struct CreateToxic {
    /// The name of the proxy that gets it.
    for_proxy: String,
    /// The new toxic's name.
    toxic_name: String,
    /// Its type, as Toxiproxy spells it, for example `latency` or `reset_peer`.
    toxic_type: String,
    /// Which way it works: `downstream` on what the client gets, `upstream` on what it sends.
    #[serde(default = "downstream")]
    stream: String,
    /// How many of the connections it affects, from 0.0 to 1.0.
    #[serde(default = "all")]
    toxicity: f64,
    /// The attributes of its type.
    #[serde(default)]
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
}

fn downstream() -> String {
    "downstream".to_owned()
}

fn all() -> f64 {
    1.0
}

impl NativeActivity for CreateToxic {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "create_toxic";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = CREATED;
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let wanted = json!({
            "name": self.toxic_name,
            "type": self.toxic_type,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": self.attributes,
        });
        let path = ["proxies", &self.for_proxy, "toxics"];
        let answer = Api::of(&context)?.call("POST", &path, Some(&wanted)).await?;
        let toxic = answer.object()?;
        Ok((answer.text(&toxic, "name")? == self.toxic_name).into())
    }
}

const CREATED: &str = "True when Toxiproxy has made the toxic under that name.";

/// The attributes of one type of toxic, which are arguments of the action that makes it. Their doc comment is the
/// action's documentation; they are serialized under the names that Toxiproxy gives them.
pub trait ToxicKind: DeserializeOwned + Serialize + JsonSchema + 'static {
    /// The function that makes such a toxic.
    const FUNCTION: &'static str;
    /// The type's name in Toxiproxy.
    const TYPE: &'static str;
}

// Without a doc comment, as the reference page shows that of the kind.
#[derive(Deserialize, JsonSchema)]
#[serde(bound = "K: ToxicKind")]
pub struct CreateToxicOf<K: ToxicKind> {
    /// The name of the proxy that gets it.
    for_proxy: String,
    /// The new toxic's name.
    toxic_name: String,
    #[serde(flatten)]
    attributes: K,
}

impl<K: ToxicKind> NativeActivity for CreateToxicOf<K> {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = K::FUNCTION;
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = CREATED;
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let attributes = serde_json::to_value(&self.attributes);
        let attributes = attributes.map_err(|error| ActivityError::failed(error.to_string()))?;
        let toxic = CreateToxic {
            for_proxy: self.for_proxy,
            toxic_name: self.toxic_name,
            toxic_type: K::TYPE.to_owned(),
            stream: downstream(),
            toxicity: all(),
            attributes: attributes.as_object().cloned(),
        };
        toxic.run(context).await
    }
}

/// Removes a toxic from a proxy.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteToxic {
    /// The name of the proxy that has it.
    for_proxy: String,
    /// The toxic's name.
    toxic_name: String,
}

impl NativeActivity for DeleteToxic {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_toxic";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "True when the toxic was removed, false when Toxiproxy refused.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let path = ["proxies", &self.for_proxy, "toxics", &self.toxic_name];
        let answer = Api::of(&context)?.call("DELETE", &path, None).await?;
        Ok(answer.accepted().into())
    }
}
