//! Actions on proxies.

use chaos_engine::activity::{ActivityError, Context, Kind, NativeActivity};
use chaos_engine::host::Host;
use chaos_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::{Api, ToxiproxyError};
use super::port::{leave_port, port_of};

const MODULE: &str = "chaostoxi.proxy.actions";

/// Makes a proxy, to which toxics can be added. Its port is left to later activities as `<proxy_name>_PORT`, in the
/// configuration and in the environment.
#[derive(Deserialize, JsonSchema)]
pub struct CreateProxy {
    /// The new proxy's name.
    proxy_name: String,
    /// The host that the proxy leads to; `env:NAME` takes it from an environment variable.
    upstream_host: String,
    /// The port that the proxy leads to; `env:NAME` takes it from an environment variable.
    upstream_port: Port,
    /// The address on which Toxiproxy listens for the proxy.
    #[serde(default = "everywhere")]
    listen_host: String,
    /// The port on which it listens; with 0 a free one is taken.
    #[serde(default = "any_port")]
    listen_port: Port,
    /// Whether the proxy takes connections at once.
    #[serde(default = "yes")]
    enabled: bool,
}

/// A port: a number, or text that holds or names one.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum Port {
    Number(i64),
    Text(String),
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

fn everywhere() -> String {
    "0.0.0.0".to_owned()
}

fn any_port() -> Port {
    Port::Number(0)
}

fn yes() -> bool {
    true
}

/// The text, or the variable that it names as `env:NAME`.
fn from_environment(text: String, host: &Host) -> Result<String, ToxiproxyError> {
    let Some(name) = text.strip_prefix("env:") else {
        return Ok(text);
    };
    let value = host.var(name).map(str::to_owned);
    value.ok_or_else(|| ToxiproxyError::NoVariable(name.to_owned()))
}

impl NativeActivity for CreateProxy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "create_proxy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "True.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let upstream_host = from_environment(self.upstream_host, &context.host)?;
        let upstream_port = from_environment(self.upstream_port.to_string(), &context.host)?;
        let wanted = json!({
            "name": self.proxy_name,
            "listen": format!("{}:{}", self.listen_host, self.listen_port),
            "upstream": format!("{upstream_host}:{upstream_port}"),
            "enabled": self.enabled,
        });
        let answer = Api::of(&context)?
            .call("POST", &["proxies"], Some(&wanted))
            .await?;
        let proxy = answer.object()?;
        let port = port_of(&answer, &proxy)?;
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ToxiproxyError::NoPort {
                listen: answer.text(&proxy, "listen")?.to_owned(),
                proxy: self.proxy_name,
            }
            .into());
        }
        leave_port(&context, &self.proxy_name, port);
        Ok(true.into())
    }
}

/// Changes where a proxy listens or leads to, or whether it takes connections; what is not given stays. The proxy's
/// port is left to later activities as `<proxy_name>_PORT`, in the configuration and in the environment.
#[derive(Default, Deserialize, JsonSchema)]
pub struct ModifyProxy {
    /// The proxy's name.
    proxy_name: String,
    /// Where it is to listen, as `host:port`.
    #[serde(default)]
    listen_address: Option<String>,
    /// Where it is to lead, as `host:port`.
    #[serde(default)]
    upstream_address: Option<String>,
    /// Whether it is to take connections; without it those that there are break off.
    #[serde(default)]
    enabled: Option<bool>,
}

impl ModifyProxy {
    fn switched(proxy_name: String, enabled: bool) -> Self {
        Self {
            proxy_name,
            enabled: Some(enabled),
            ..Self::default()
        }
    }

    fn changes(&self) -> serde_json::Value {
        let changes = [
            ("listen", self.listen_address.clone().map(Into::into)),
            ("upstream", self.upstream_address.clone().map(Into::into)),
            ("enabled", self.enabled.map(Into::into)),
        ];
        let given = changes.into_iter();
        given
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect::<serde_json::Map<String, serde_json::Value>>()
            .into()
    }
}

impl NativeActivity for ModifyProxy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "modify_proxy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "True.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let path = ["proxies", &self.proxy_name];
        let changes = self.changes();
        let answer = Api::of(&context)?.call("POST", &path, Some(&changes)).await?;
        let proxy = answer.object()?;
        leave_port(&context, &self.proxy_name, port_of(&answer, &proxy)?);
        Ok(true.into())
    }
}

/// Disables a proxy: connections through it break off and new ones are refused, as if what it leads to were down.
#[derive(Deserialize, JsonSchema)]
pub struct DisableProxy {
    /// The proxy's name.
    proxy_name: String,
}

impl NativeActivity for DisableProxy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "disable_proxy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "True.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        ModifyProxy::switched(self.proxy_name, false).run(context).await
    }
}

/// Enables a proxy that was disabled: it takes connections again.
#[derive(Deserialize, JsonSchema)]
pub struct EnableProxy {
    /// The proxy's name.
    proxy_name: String,
}

impl NativeActivity for EnableProxy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "enable_proxy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "True.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        ModifyProxy::switched(self.proxy_name, true).run(context).await
    }
}

/// Removes a proxy; connections through it break off. It never fails, so that rollbacks go on: what keeps the proxy
/// from being removed is only logged.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteProxy {
    /// The proxy's name.
    proxy_name: String,
}

impl DeleteProxy {
    async fn delete(&self, context: &Context) -> Result<(), ToxiproxyError> {
        let path = ["proxies", &self.proxy_name];
        let answer = Api::of(context)?.call("DELETE", &path, None).await?;
        match answer.is_success() {
            true => Ok(()),
            false => Err(answer.refusal()),
        }
    }
}

impl NativeActivity for DeleteProxy {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "delete_proxy";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "Null, also when the proxy could not be removed.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        if let Err(error) = self.delete(&context).await {
            tracing::warn!("the proxy `{}` is not removed: {error}", self.proxy_name);
        }
        Ok(Value::Null)
    }
}

/// Enables every proxy of the Toxiproxy and removes all toxics, also those that the experiment did not make.
#[derive(Deserialize, JsonSchema)]
pub struct Reset {}

impl NativeActivity for Reset {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "reset";
    const KIND: Kind = Kind::Action;
    const RETURNS: &'static str = "True when Toxiproxy did it, false when it refused.";
    const IAM: &'static [&'static str] = &[];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let answer = Api::of(&context)?.call("POST", &["reset"], None).await?;
        Ok(answer.accepted().into())
    }
}
