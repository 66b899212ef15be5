//! Proxies named by the environment, as Go's `ProxyFromEnvironment` reads it.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::error::{self, HttpError, code};
use super::stream::Tcp;

/// Longest answer of a proxy to CONNECT.
const LONGEST_HEAD: usize = 16 * 1024;

/// Which proxy is for which host.
#[derive(Default)]
pub(super) struct Proxies {
    http: Option<Arc<Proxy>>,
    https: Option<Arc<Proxy>>,
    bypass: Vec<String>,
}

/// A proxy that is spoken to in plain HTTP.
pub(super) struct Proxy {
    url: Result<Url, String>,
}

impl Proxies {
    pub(super) fn from_environment() -> Self {
        let read = |name: &str| {
            let value = std::env::var(name).or_else(|_| std::env::var(name.to_ascii_lowercase()));
            value.ok().filter(|value| !value.is_empty())
        };
        // In a CGI program HTTP_PROXY is a header that the caller chose.
        let http = if std::env::var_os("REQUEST_METHOD").is_some() {
            None
        } else {
            read("HTTP_PROXY")
        };
        Self::new(
            http.as_deref(),
            read("HTTPS_PROXY").as_deref(),
            read("NO_PROXY").as_deref(),
        )
    }

    fn new(http: Option<&str>, https: Option<&str>, no_proxy: Option<&str>) -> Self {
        let proxy = |text: &str| Arc::new(Proxy::parse(text));
        let bypass = no_proxy
            .unwrap_or("")
            .split(',')
            .map(|entry| entry.trim().to_ascii_lowercase());
        Self {
            http: http.map(proxy),
            https: https.map(proxy),
            bypass: bypass.filter(|entry| !entry.is_empty()).collect(),
        }
    }

    /// The proxy for a host; never for this machine itself.
    pub(super) fn of(&self, secure: bool, host: &str, port: u16) -> Option<Arc<Proxy>> {
        let proxy = if secure { &self.https } else { &self.http };
        let ip: Option<IpAddr> = host.parse().ok();
        let own = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        if proxy.is_none() || own || self.bypass.iter().any(|entry| matches(entry, host, ip, port)) {
            return None;
        }
        proxy.clone()
    }
}

/// `*`, an address, a range, `name` (with what is below it) or `.name` (only what is below it), each with a port or not.
fn matches(entry: &str, host: &str, ip: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    let (name, wanted) = match entry.rsplit_once(':') {
        Some((name, wanted)) if !name.contains(':') => (name, wanted.parse().ok()),
        _ => (entry, None),
    };
    if wanted.is_some_and(|wanted: u16| wanted != port) {
        return false;
    }
    if let Some(ip) = ip {
        return name.parse() == Ok(ip)
            || crate::options::Cidr::parse(name).is_some_and(|range| range.contains(ip));
    }
    let name = name.strip_prefix('*').unwrap_or(name);
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host == name || host.strip_suffix(name).is_some_and(|front| front.ends_with('.')),
    }
}

impl Proxy {
    fn parse(text: &str) -> Self {
        let text = if text.contains("://") {
            text.to_string()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&text).map_err(|error| format!("proxy \"{text}\": {error}"));
        Self {
            url: url.and_then(supported),
        }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> Result<(&str, u16), HttpError> {
        let url = self
            .url
            .as_ref()
            .map_err(|reason| HttpError::new(code::DEFAULT, reason.clone()))?;
        let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
        Ok((host, url.port_or_known_default().unwrap_or(80)))
    }

    /// The header that carries its user and password.
    pub(super) fn authorization(&self) -> Option<String> {
        let url = self.url.as_ref().ok().filter(|url| !url.username().is_empty())?;
        Some(basic(url))
    }
}

fn supported(url: Url) -> Result<Url, String> {
    match url.scheme() {
        "http" => Ok(url),
        other => Err(format!(
            "proxy scheme \"{other}\" is not supported; use an http:// proxy"
        )),
    }
}

/// `Basic …` of the user and password of a URL.
pub(super) fn basic(url: &Url) -> String {
    let (user, password) = credentials(url);
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// User and password of a URL.
pub(super) fn credentials(url: &Url) -> (String, String) {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    (decode(url.username()), decode(url.password().unwrap_or("")))
}

/// Asks the proxy for a tunnel to `host`.
pub(super) async fn tunnel(tcp: &mut Tcp, proxy: &Proxy, host: &str, port: u16) -> Result<(), HttpError> {
    let target = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let authorization = proxy
        .authorization()
        .map(|value| format!("Proxy-Authorization: {value}\r\n"));
    let head = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n",
        authorization.unwrap_or_default()
    );
    tcp.write_all(head.as_bytes())
        .await
        .map_err(|error| error::of_io(&error, "write"))?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the head belongs to TLS.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() > LONGEST_HEAD {
            return Err(HttpError::new(
                code::DEFAULT,
                "proxy: the answer to CONNECT is too long",
            ));
        }
        answer.push(
            tcp.read_u8()
                .await
                .map_err(|error| error::of_io(&error, "read"))?,
        );
    }
    let text = String::from_utf8_lossy(&answer);
    let (_, status) = text
        .lines()
        .next()
        .unwrap_or("")
        .split_once(' ')
        .unwrap_or_default();
    if status.starts_with("200") {
        return Ok(());
    }
    Err(HttpError::new(code::DEFAULT, format!("proxy: {status}")))
}

#[cfg(test)]
mod tests;
