//! From an HTTP request to a service, an operation and its input.

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

use super::error::ApiError;
use super::{cbor, query};

/// An HTTP request with its body.
#[derive(Clone, Debug)]
pub struct RawRequest {
    /// The method.
    pub method: Method,
    /// Path and query, as they came.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// How the client wrote the request, and therefore wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON with the operation in `X-Amz-Target`; the version (`1.0`, `1.1`) is the content type's.
    Json(&'static str),
    /// A form, answered in XML with `<XResult>`.
    Query,
    /// A form, answered in XML without `<XResult>`, as EC2 does.
    Ec2,
    /// CBOR, with the operation in the path.
    Cbor,
    /// A path and a method say what is asked; JSON bodies.
    Rest,
}

/// One call of an operation.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service's signing name, such as `ecs` or `elasticloadbalancing`.
    pub service: String,
    /// The operation's name; for [`Protocol::Rest`] `METHOD /path`.
    pub operation: String,
    /// The operation's input.
    pub input: Value,
    /// How to answer.
    pub protocol: Protocol,
    /// The access key of the caller, where the request is signed.
    pub access_key: Option<String>,
}

impl Call {
    /// Reads a call. `None` is a request that belongs to no operation that is named in it (S3 and other REST services): the service
    /// is then known only by [`service_of`].
    ///
    /// # Errors
    /// `SerializationException` for a body that is not what the protocol says.
    pub fn read(request: &RawRequest) -> Result<Option<Call>, ApiError> {
        let signed = scope(request);
        let service = service_of(request).unwrap_or_default();
        let Some((protocol, operation, input)) = spoken(request, &service)? else {
            return Ok(None);
        };
        Ok(Some(Call {
            service,
            operation,
            input,
            protocol,
            access_key: signed.map(|scope| scope.access_key),
        }))
    }
}

type Spoken = (Protocol, String, Value);

fn spoken(request: &RawRequest, service: &str) -> Result<Option<Spoken>, ApiError> {
    if let Some(operation) = cbor_operation(request.uri.path()) {
        return Ok(Some((Protocol::Cbor, operation, cbor::read(&request.body)?)));
    }
    if let Some(target) = header(&request.headers, "x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let version = if header(&request.headers, "content-type").is_some_and(|kind| kind.contains("1.0")) {
            "1.0"
        } else {
            "1.1"
        };
        return Ok(Some((
            Protocol::Json(version),
            operation,
            json_body(&request.body)?,
        )));
    }
    let form = form(request);
    if let Some(operation) = form.get("Action").and_then(Value::as_str) {
        let protocol = if service == "ec2" {
            Protocol::Ec2
        } else {
            Protocol::Query
        };
        return Ok(Some((protocol, operation.to_owned(), form.clone())));
    }
    if service == "batch" {
        let operation = format!("{} {}", request.method, request.uri.path());
        return Ok(Some((
            Protocol::Rest,
            operation,
            with_query(json_body(&request.body)?, request.uri.query()),
        )));
    }
    Ok(None)
}

/// Members that a client writes into the address; one that comes several times is a list.
fn with_query(mut input: Value, written: Option<&str>) -> Value {
    let pairs: Vec<_> = form_urlencoded::parse(written.unwrap_or_default().as_bytes()).collect();
    for (name, value) in &pairs {
        let several = pairs.iter().filter(|(other, _)| other == name).count() > 1;
        match input.get_mut(name.as_ref()) {
            Some(Value::Array(items)) if several => items.push(json!(value)),
            _ if several => input[name.as_ref()] = json!([value]),
            _ => input[name.as_ref()] = json!(value),
        }
    }
    input
}

fn form(request: &RawRequest) -> Value {
    let is_form = header(&request.headers, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    match request.uri.query() {
        _ if is_form => query::parse(&request.body),
        Some(written) if request.uri.path() == "/" && written.contains("Action=") => {
            query::parse(written.as_bytes())
        }
        _ => json!({}),
    }
}

fn json_body(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::new("SerializationException", format!("The body is no JSON: {error}")))
}

/// `/service/Name/operation/Name`
fn cbor_operation(path: &str) -> Option<String> {
    let mut parts = path.trim_matches('/').split('/');
    match (parts.next()?, parts.next()?, parts.next()?, parts.next()?) {
        ("service", _, "operation", operation) => Some(operation.to_owned()),
        _ => None,
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

struct Scope {
    access_key: String,
    service: String,
}

/// `Credential=KEY/20260101/us-east-1/ecs/aws4_request`, in the header or, for signed addresses, in the query.
fn scope(request: &RawRequest) -> Option<Scope> {
    let written = match header(&request.headers, "authorization") {
        Some(written) => written.split_once("Credential=")?.1.to_owned(),
        None => form_urlencoded::parse(request.uri.query()?.as_bytes())
            .find(|(name, _)| name == "X-Amz-Credential")?
            .1
            .into_owned(),
    };
    let mut parts = written.split([',', ' ']).next()?.split('/');
    let access_key = parts.next()?.to_owned();
    let service = parts.nth(2)?.to_owned();
    Some(Scope { access_key, service })
}

/// The access key that a request is signed with.
pub fn access_key_of(request: &RawRequest) -> Option<String> {
    scope(request).map(|scope| scope.access_key)
}

/// The service that a request is for, by its signature, else by what it names in its headers; S3 where nothing tells.
pub fn service_of(request: &RawRequest) -> Option<String> {
    scope(request).map(|scope| scope.service).or_else(|| {
        let target = header(&request.headers, "x-amz-target")?;
        target.split(['.', '_']).next().map(str::to_lowercase)
    })
}
