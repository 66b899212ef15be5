//! Asks other services over HTTP, on connections that are kept.

use std::fmt;
use std::time::Duration;

use axum::http::uri::Scheme;
use axum::http::{HeaderMap, Method, Request, Response, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// The longest answer that is taken, in bytes: a page of a hundred of the longest comments has a tenth of it.
const ANSWER_LIMIT: usize = 64 << 20;
/// A load balancer closes connections that are quiet for a minute.
const IDLE: Duration = Duration::from_secs(20);

/// Where another service is: `http://host:port/path`, without a slash at the end.
#[derive(Debug, Clone)]
pub struct Address(String);

impl Address {
    /// Nothing when it is no such address.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let host = uri.authority()?.as_str();
        let plain = uri.scheme() == Some(&Scheme::HTTP) && !host.contains('@') && uri.query().is_none();
        plain.then(|| Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// It took too long.
    #[error("no answer within {0:?}")]
    Slow(Duration),
    /// No connection, or one that broke, or an answer that is none.
    #[error("no answer: {0}")]
    Away(String),
}

/// Another service.
#[derive(Clone)]
pub struct Upstream {
    client: Client<HttpConnector, Full<Bytes>>,
    address: Address,
    timeout: Duration,
}

impl Upstream {
    /// A service that answers within `timeout`, body included.
    pub fn new(address: Address, timeout: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(timeout));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self {
            client,
            address,
            timeout,
        }
    }

    /// The same service, asked with less patience.
    pub fn within(&self, timeout: Duration) -> Self {
        Self {
            timeout: timeout.min(self.timeout),
            ..self.clone()
        }
    }

    /// Asks once. `path` begins with a slash and is below the service's own.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, UpstreamError> {
        let uri: Uri = format!("{}{path}", self.address)
            .parse()
            .map_err(|_| UpstreamError::Away(format!("{path} is no path")))?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        match tokio::time::timeout(self.timeout, self.answer(request)).await {
            Ok(answer) => answer.map_err(UpstreamError::Away),
            Err(_) => Err(UpstreamError::Slow(self.timeout)),
        }
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let response = self.client.request(request).await;
        let (head, body) = response.map_err(|error| with_causes(&error))?.into_parts();
        let body = Limited::new(body, ANSWER_LIMIT).collect().await;
        let body = body.map_err(|error| with_causes(error.as_ref()))?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}

/// An error with what is behind it, in one line.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let parsed = |text| Address::parse(text).map(|address| address.to_string());
        assert_eq!(
            parsed("http://127.77.0.11:8080/api/").as_deref(),
            Some("http://127.77.0.11:8080/api")
        );
        assert_eq!(parsed("http://internal").as_deref(), Some("http://internal"));
        for wrong in [
            "internal/api",
            "https://internal",
            "http://a:b@host",
            "http://host/?x",
            "",
            "http://",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
