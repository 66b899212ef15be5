//! Questions about proxies.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::api::{Api, ToxiproxyError};

const MODULE: &str = "chaostoxi.proxy.probes";

/// Tells whether Toxiproxy has a proxy of that name.
#[derive(Deserialize, JsonSchema)]
pub struct ProxyExist {
    /// The proxy's name.
    proxy_name: String,
}

impl NativeActivity for ProxyExist {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "proxy_exist";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when the proxy exists.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let path = ["proxies", &self.proxy_name];
        let answer = Api::of(&context)?.call("GET", &path, None).await?;
        if !answer.is_success() {
            return Ok(false.into());
        }
        let proxy = answer.object()?;
        Ok((answer.text(&proxy, "name")? == self.proxy_name).into())
    }
}

/// Reads one attribute of a proxy, for example `listen`, `upstream`, `enabled` or `toxics`.
#[derive(Deserialize, JsonSchema)]
pub struct GetProxyAttribute {
    /// The proxy's name.
    proxy_name: String,
    /// The attribute's name, as Toxiproxy spells it.
    attribute: String,
}

impl NativeActivity for GetProxyAttribute {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_proxy_attribute";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The attribute's value; null when there is no such proxy.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let path = ["proxies", &self.proxy_name];
        let answer = Api::of(&context)?.call("GET", &path, None).await?;
        if !answer.is_success() {
            return Ok(Value::Null);
        }
        let mut proxy = answer.object()?;
        match proxy.swap_remove(&self.attribute) {
            Some(value) => Ok(value),
            None => Err(ToxiproxyError::NoAttribute {
                proxy: self.proxy_name,
                attribute: self.attribute,
                known: proxy.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
            }
            .into()),
        }
    }
}
