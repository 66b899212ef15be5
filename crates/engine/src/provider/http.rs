//! The `http` provider: one call, and its answer as output.
//!
//! What is accepted, and what aborts, follows Python's `requests`, through which the Chaos Toolkit calls.

mod arguments;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use crate::activity::{ActivityError, Failure};
use crate::host::Host;
use crate::net::{self, NetError, Request, Response};
use crate::value::{Map, Value, json, map, python};

/// Calls the provider's `url` and returns `{"status", "headers", "body"}`.
///
/// `provider` is the mapping of the declaration in which `url`, `headers`, `timeout` and `arguments` are already
/// substituted. A status above 399 is no error; the caller warns of it. Dropping the future closes the connection.
///
/// # Errors
/// [`ActivityError::Failed`] when there is no connection or no whole answer, or when it takes longer than
/// `timeout`; [`ActivityError::Fatal`] for a declaration that cannot be sent, for too many redirects and for a body
/// that is announced as JSON and is not.
pub async fn call(provider: &Map, host: &Host) -> Result<Value, ActivityError> {
    let request = request(provider)?;
    let response = net::send(&request, host).await.map_err(outcome)?;
    output(&response)
}

fn outcome(error: NetError) -> ActivityError {
    let failure = Failure::from_error(&error);
    match error.is_failure() {
        true => ActivityError::Failed(failure),
        false => ActivityError::Fatal(failure),
    }
}

fn request(provider: &Map) -> Result<Request, ActivityError> {
    let url = provider
        .get("url")
        .ok_or_else(|| fatal("a http provider needs a `url`"))?;
    let url = net::parse_url(&python::text(url)).map_err(outcome)?;
    let mut request = Request::new(method(provider)?, url);
    request.headers = headers(provider)?;
    (request.connect_timeout, request.read_timeout) = timeouts(provider)?;
    verification(&mut request, provider);
    request.max_retries = retries(provider)?;
    arguments::apply(&mut request, provider)?;
    Ok(request)
}

fn method(provider: &Map) -> Result<String, ActivityError> {
    match provider.get("method") {
        None => Ok("GET".to_owned()),
        Some(Value::Text(method)) => Ok(method.to_uppercase()),
        Some(other) => Err(fatal(format!(
            "the `method` of a http provider must be text such as GET, not {}",
            python::repr(other)
        ))),
    }
}

/// Null leaves a header out; anything else but text is refused, as the values' text form would be a guess.
fn headers(provider: &Map) -> Result<Vec<(String, String)>, ActivityError> {
    let headers = match provider.get("headers") {
        None => return Ok(Vec::new()),
        Some(Value::Map(headers)) => headers,
        Some(other) if !python::truthy(other) => return Ok(Vec::new()),
        Some(other) => {
            return Err(fatal(format!(
                "the `headers` of a http provider must be a mapping, not of type {}",
                python::type_name(other)
            )));
        }
    };
    let text = |(name, value): (&String, &Value)| match value {
        Value::Text(text) => Ok((name.clone(), text.clone())),
        Value::Bytes(bytes) => Ok((name.clone(), bytes.iter().map(|byte| *byte as char).collect())),
        other => Err(fatal(format!(
            "the header `{name}` must be text, not of type {}: put its value in quotes",
            python::type_name(other)
        ))),
    };
    headers
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(text)
        .collect()
}

/// For the connection and between bytes: a number for both, or a list of two of which each may be null.
fn timeouts(provider: &Map) -> Result<(Option<Duration>, Option<Duration>), ActivityError> {
    match provider.get("timeout") {
        None => Ok((None, None)),
        Some(Value::List(items)) => match items.as_slice() {
            [connect, read] => Ok((timeout(connect)?, timeout(read)?)),
            _ => Err(bad_timeout(provider)),
        },
        Some(both) => timeout(both).map(|limit| (limit, limit)),
    }
    .map_err(|_| bad_timeout(provider))
}

fn timeout(value: &Value) -> Result<Option<Duration>, ActivityError> {
    match value.as_f64() {
        None if value.is_null() => Ok(None),
        // too large for a clock: no limit
        Some(seconds) if seconds > 0.0 => Ok(Duration::try_from_secs_f64(seconds).ok()),
        _ => Err(fatal("not a timeout")),
    }
}

fn bad_timeout(provider: &Map) -> ActivityError {
    let value = provider.get("timeout").map(python::repr).unwrap_or_default();
    fatal(format!(
        "the `timeout` of a http provider must be a number of seconds above 0, \
         or a list of two: [connect, read]; not {value}"
    ))
}

/// `verify_tls` may also be the path of a file of certificates to trust.
fn verification(request: &mut Request, provider: &Map) {
    match provider.get("verify_tls") {
        None | Some(Value::Null) => {}
        Some(Value::Text(path)) if !path.is_empty() => request.ca_bundle = Some(PathBuf::from(path)),
        Some(flag) => request.verify_tls = python::truthy(flag),
    }
}

fn retries(provider: &Map) -> Result<u32, ActivityError> {
    let value = provider.get("max_retries").unwrap_or(&Value::Null);
    match (value, value.as_f64()) {
        (Value::Null, _) => Ok(0),
        (Value::Bool(flag), _) => Ok(u32::from(*flag)),
        // saturates at both ends
        (_, Some(number)) => Ok(number as u32),
        _ => Err(fatal(format!(
            "the `max_retries` of a http provider must be a number, not {}",
            python::repr(value)
        ))),
    }
}

fn output(response: &Response) -> Result<Value, ActivityError> {
    let headers: Map = response
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    Ok(map([
        ("status", Value::Int(response.status.into())),
        ("headers", headers.into()),
        ("body", body(response)?),
    ])
    .into())
}

/// JSON when the content type is exactly that, else text. An empty body is an empty text whatever its type, as
/// for HEAD.
fn body(response: &Response) -> Result<Value, ActivityError> {
    let text = response.text();
    if text.is_empty() || response.header("Content-Type") != Some("application/json") {
        return Ok(text.into());
    }
    json::parse(&text).map_err(|error| {
        fatal(format!(
            "the answer from {} says it is JSON, but does not parse: {error}",
            net::shown(&response.url)
        ))
    })
}

fn fatal(message: impl Into<String>) -> ActivityError {
    ActivityError::fatal(message)
}
