//! Which format a body has.

use chaos_engine::value::{Value, json};

use super::{Problem, RawAnswer, cbor};

/// A body, parsed as far as that needs no model.
pub(super) enum Body<'a> {
    Empty,
    Json(Value),
    /// Timestamps are text already.
    Cbor(Value),
    Xml(&'a str),
}

impl<'a> Body<'a> {
    /// An answer is a mapping or an element, which begin with different bytes in each format; the content type only
    /// decides what else is (some services send JSON as `text/html`).
    pub(super) fn of(raw: &'a RawAnswer) -> Result<Self, Problem> {
        let bytes = raw.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw.body);
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => Ok(Self::Empty),
            Some(b'<') => text(bytes, "XML").map(|text| Self::Xml(text.trim_start())),
            Some(b'{') => json_of(bytes),
            Some(0xa0..=0xbf) => cbor::parse(bytes).map(Self::Cbor),
            Some(_) => by_content_type(content_type(raw), bytes),
        }
    }
}

fn by_content_type(content_type: &str, bytes: &'_ [u8]) -> Result<Body<'static>, Problem> {
    if content_type.contains("cbor") {
        return cbor::parse(bytes).map(Body::Cbor);
    }
    if content_type.contains("json") {
        return json_of(bytes);
    }
    let reason = format!("it begins with none of them, and the content type is {content_type:?}");
    Err(Problem::body("XML, JSON or CBOR", &reason))
}

fn json_of(bytes: &[u8]) -> Result<Body<'static>, Problem> {
    json::parse(text(bytes, "JSON")?)
        .map(Body::Json)
        .map_err(|error| Problem::body("JSON", &error))
}

fn text<'a>(bytes: &'a [u8], format: &'static str) -> Result<&'a str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| Problem::body(format, &error))
}

fn content_type(raw: &RawAnswer) -> &str {
    raw.headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or("", |(_, value)| value)
}
