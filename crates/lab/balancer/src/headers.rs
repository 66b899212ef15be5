//! Headers of a proxied message.

use std::net::SocketAddr;

use http::header::{CONNECTION, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// Removes what speaks of one connection only (RFC 9110, 7.6.1); hyper writes what the next one needs.
pub(crate) fn drop_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        drop_named_by_connection(headers);
    }
    for name in [KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
}

fn drop_named_by_connection(headers: &mut HeaderMap) {
    let values: Vec<HeaderValue> = headers.get_all(CONNECTION).iter().cloned().collect();
    headers.remove(CONNECTION);
    for name in values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        headers.remove(name.trim());
    }
}

/// The forwarding headers of one client connection, made once for all its requests.
#[derive(Clone)]
pub(crate) struct Forwarded {
    client: HeaderValue,
    port: HeaderValue,
    host: HeaderValue,
}

impl Forwarded {
    pub(crate) fn new(client: SocketAddr, listener: SocketAddr) -> Forwarded {
        // Addresses and numbers are always valid header values.
        let value = |text: String| {
            HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
        };
        Forwarded {
            client: value(client.ip().to_string()),
            port: value(listener.port().to_string()),
            host: value(listener.to_string()),
        }
    }

    /// Adds the client to X-Forwarded-For, and says how it came. A client of HTTP/1.0 need not send Host, a target
    /// expects it.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let client = chain(headers, &self.client);
        headers.insert(X_FORWARDED_FOR, client);
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
        headers.insert(X_FORWARDED_PORT, self.port.clone());
        headers.entry(HOST).or_insert_with(|| self.host.clone());
    }
}

/// The client's address after those that proxies before wrote.
fn chain(headers: &HeaderMap, client: &HeaderValue) -> HeaderValue {
    let mut whole = Vec::new();
    for value in headers.get_all(X_FORWARDED_FOR) {
        whole.extend_from_slice(value.as_bytes());
        whole.extend_from_slice(b", ");
    }
    if whole.is_empty() {
        return client.clone();
    }
    whole.extend_from_slice(client.as_bytes());
    HeaderValue::from_bytes(&whole).unwrap_or_else(|_| client.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connection_names_goes_too() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "X-One, close"),
            ("connection", "x-two"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("x-three", "3"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        drop_hop_by_hop(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["x-three"]);
    }

    #[test]
    fn earlier_proxies_stay_in_front() {
        let forwarded = Forwarded::new(([10, 0, 0, 9], 5000).into(), ([10, 0, 0, 1], 80).into());
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("1.1.1.1"));
        headers.append("x-forwarded-for", HeaderValue::from_static("2.2.2.2"));
        headers.insert("x-forwarded-port", HeaderValue::from_static("1"));
        forwarded.write(&mut headers);
        assert_eq!(headers["x-forwarded-for"], "1.1.1.1, 2.2.2.2, 10.0.0.9");
        assert_eq!(headers["x-forwarded-port"], "80");
        assert_eq!(headers["x-forwarded-proto"], "http");
        assert_eq!(headers["host"], "10.0.0.1:80");
    }
}
