//! From AWS's answers on the wire to the values that boto3 would have returned.
//!
//! Activities return what AWS answered, and an experiment's tolerances and substitutions were written against what
//! boto3 makes of it. The SDKs' own types have other names and drop what they do not know, so the answer is read again
//! from its bytes, by botocore's model of it (`crates/aws/shapes`). The format is told from the bytes: the SDK may speak
//! another protocol with a service than boto3 does, and the answer must not differ for it.

mod body;
mod cbor;
mod error;
mod headers;
mod moment;
mod scalar;
mod shapes;
mod tree;
mod xml;

#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;
use chaos_engine::value::{Map, Value};

use body::Body;
pub use error::{Problem, WireError};
use headers::Headers;
use shapes::{Kind, Operation, Place, Service};

/// How deep structures of an answer may nest. DynamoDB's own limit for a value is 32; the rest are far below.
const DEPTH: usize = 200;

/// An HTTP answer of AWS as it came.
#[derive(Clone, Default)]
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// Header names, in any case, and values, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, uncompressed.
    pub body: Bytes,
    /// How often the call was sent again before this answer.
    pub retries: u32,
}

impl fmt::Debug for RawAnswer {
    /// Without headers and body, which may hold credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// What boto3 would have returned for this answer: the members of the operation's output and `ResponseMetadata`.
///
/// `service_id` is the SDKs' name of the service (`Elastic Load Balancing v2`) and `operation` AWS's name of the
/// operation (`DescribeTargetHealth`). Timestamps are ISO 8601 text with their offset and blobs are text, as in the
/// journal.
///
/// # Errors
/// When the operation is not in `crates/aws/shapes`, the status is no success, or the body is not what the model says.
pub fn decode(service_id: &str, operation: &str, raw: &RawAnswer) -> Result<Value, WireError> {
    read(service_id, operation, raw).map_err(|problem| WireError {
        service: service_id.to_owned(),
        operation: operation.to_owned(),
        problem,
    })
}

fn read(service_id: &str, operation: &str, raw: &RawAnswer) -> Result<Value, Problem> {
    let service = shapes::service(service_id).ok_or(Problem::Unknown)?;
    let operation = service.operation(operation).ok_or(Problem::Unknown)?;
    if raw.status >= 300 {
        return Err(Problem::Status(raw.status));
    }
    let headers = Headers::new(&raw.headers);
    let mut found = Found::default();
    let beside = beside_body(service, operation, raw.status, &headers)?;
    match operation.payload {
        Some(payload) => found.members = payload_member(service, operation, payload, raw)?,
        None => found = body_members(service, operation, raw)?,
    }
    let metadata = headers.metadata(raw.status, raw.retries, found.metadata, service.is_rest());
    Ok(Value::Map(assemble(
        service,
        beside,
        found.members,
        metadata.into(),
    )))
}

/// What a body holds: the members of the output, and what it says of itself.
#[derive(Default)]
struct Found {
    members: Map,
    metadata: Map,
}

/// In botocore's order: REST answers begin with their metadata, others end with it.
fn assemble(service: &'static Service, beside: Map, members: Map, metadata: Value) -> Map {
    let mut whole = Map::with_capacity(beside.len() + members.len() + 1);
    const METADATA: &str = "ResponseMetadata";
    if service.is_rest() {
        whole.insert(METADATA.to_owned(), metadata);
        whole.extend(beside);
        whole.extend(members);
    } else {
        whole.extend(beside);
        whole.extend(members);
        whole.insert(METADATA.to_owned(), metadata);
    }
    whole
}

/// The members that are the status or stand in headers.
fn beside_body(
    service: &'static Service,
    operation: &Operation,
    status: u16,
    headers: &Headers,
) -> Result<Map, Problem> {
    let mut members = Map::new();
    for member in service.output(operation) {
        let value = match member.place {
            Place::Status => Some(Value::Int(status.into())),
            Place::Headers => Some(headers.with_prefix(member.wire)),
            Place::Header => headers
                .get(member.wire)
                .map(|text| scalar::from_header(Kind::of(member.kind), text))
                .transpose()
                .map_err(|problem| problem.within(member.name))?
                .flatten(),
            Place::Body | Place::Flat => None,
        };
        if let Some(value) = value {
            members.insert(member.name.to_owned(), value);
        }
    }
    Ok(members)
}

/// The one member that is the whole body.
fn payload_member(
    service: &'static Service,
    operation: &Operation,
    payload: &str,
    raw: &RawAnswer,
) -> Result<Map, Problem> {
    let Some(member) = service
        .output(operation)
        .iter()
        .find(|member| member.name == payload)
    else {
        return Ok(Map::new());
    };
    let value = match Kind::of(member.kind) {
        Kind::String | Kind::Blob => Value::Text(String::from_utf8_lossy(&raw.body).into_owned()),
        _ => structured_payload(service, member.kind, raw).map_err(|problem| problem.within(member.name))?,
    };
    Ok(Map::from_iter([(member.name.to_owned(), value)]))
}

fn structured_payload(
    service: &'static Service,
    kind: &'static str,
    raw: &RawAnswer,
) -> Result<Value, Problem> {
    match Body::of(raw)? {
        Body::Empty => Ok(Map::new().into()),
        Body::Json(value) => tree::Reader::json(service).read(kind, value),
        Body::Cbor(value) => tree::Reader::cbor(service).read(kind, value),
        Body::Xml(text) => xml::payload(service, kind, text),
    }
}

fn body_members(service: &'static Service, operation: &Operation, raw: &RawAnswer) -> Result<Found, Problem> {
    let bare = |members| Found {
        members,
        metadata: Map::new(),
    };
    let output = operation.output.unwrap_or_default();
    match Body::of(raw)? {
        Body::Empty => Ok(Found::default()),
        Body::Xml(text) => xml::answer(service, operation, text),
        _ if output.is_empty() => Ok(Found::default()),
        Body::Json(value) => tree::Reader::json(service).answer(output, value).map(bare),
        Body::Cbor(value) => tree::Reader::cbor(service).answer(output, value).map(bare),
    }
}
