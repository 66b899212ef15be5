//! Passes requests on to the api, once each.

use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use bytes::Bytes;
use tracing::warn;

use super::Web;
use crate::problem::{Answer, Problem};
use crate::upstream::UpstreamError;

/// Headers about one connection and not about what it carries (RFC 9110, 7.6.1); the length and the host are set anew.
const OF_A_CONNECTION: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Answers what the api answers; 502 when it is away, 504 when it is slow.
pub async fn forward(
    State(web): State<Web>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let answer = web.api.ask(method, path, carried(headers), body?).await;
    let (mut head, body) = answer.map_err(problem)?.into_parts();
    head.headers = carried(head.headers);
    Ok(Response::from_parts(head, Body::from(body)))
}

fn carried(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_owned())
        .collect();
    for name in named {
        headers.remove(&name);
    }
    for name in OF_A_CONNECTION {
        headers.remove(*name);
    }
    headers
}

/// What a client is told when the api gave no answer.
pub fn problem(cause: UpstreamError) -> Problem {
    warn!(%cause, "no answer from the api");
    match cause {
        UpstreamError::Slow(_) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "the api did not answer in time"),
        UpstreamError::Away(_) => Problem::new(StatusCode::BAD_GATEWAY, "the api is away for the moment"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    #[test]
    fn headers_of_the_connection_stay_behind() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("host", "public"),
            ("content-length", "7"),
            ("content-type", "application/json"),
            ("x-amzn-trace-id", "Root=1"),
        ] {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        let carried = carried(headers);
        let mut names: Vec<_> = carried.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "x-amzn-trace-id"]);
    }
}
